"""What an answer says of the time."""

from __future__ import annotations

import time
from email.utils import formatdate

from feedsvc.front.answers import Dates, Ready, said


def test_a_new_answer_bears_the_second_in_which_it_is_given_however_late_the_last_tick() -> None:
    """A document that was just published has a Last-Modified of this second; its Date may not lie before."""
    dates = Dates()
    dates.second, dates.line = 1, b"\r\nDate: " + formatdate(1, usegmt=True).encode() + b"\r\n"
    began = int(time.time())
    fresh = Ready(said("200 OK", b"x"), "")
    fresh.date(dates)
    assert fresh.second == dates.second >= began
    assert formatdate(fresh.second, usegmt=True).encode() in fresh.parts[0]


def test_an_answer_given_before_follows_the_ticks() -> None:
    dates = Dates()
    ready = Ready(said("200 OK", b"x"), "")
    ready.date(dates)
    dates.second, dates.line = 5, b"\r\nDate: five\r\n"
    ready.date(dates)
    assert ready.second == 5
    assert b"Date: five" in ready.parts[0]
