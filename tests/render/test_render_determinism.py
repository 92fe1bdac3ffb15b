"""Equal feeds give equal bytes: in another process, another hash seed, another time zone, another locale."""

from __future__ import annotations

import locale
import os
import subprocess
import sys
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import feedgen.entry
import feedgen.feed
import pytest

from feedsvc.domain.feed import FORMATS
from feedsvc.errors import RenderError
from feedsvc.render import feedgen_extension
from feedsvc.render.dispatch import render
from tests.render.samples import MIXED, SITE, entry, feed

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from hashlib import sha256
from feedsvc.domain.feed import FORMATS
from feedsvc.render.dispatch import render
from tests.render.samples import MIXED, SITE
print(*(sha256(render(MIXED, fmt, SITE)).hexdigest() for fmt in FORMATS))
"""


@pytest.mark.parametrize(("seed", "zone"), [("1", "America/New_York"), ("4711", "Asia/Shanghai")])
def test_another_process_makes_the_same_bytes(seed: str, zone: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [sha256(render(MIXED, fmt, SITE)).hexdigest() for fmt in FORMATS]


def test_dates_do_not_touch_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("the process locale was switched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert b"Thu, 08 Oct 2026 12:00:00 +0800" in render(MIXED, "rss", SITE)
    assert feedgen.feed.formatRFC2822 is format_datetime
    assert feedgen.entry.formatRFC2822 is format_datetime


def test_an_entry_that_was_not_described_is_refused() -> None:
    generator = feedgen_extension.extended_generator()
    item = generator.add_entry()
    item.title("无主")
    with pytest.raises(ValueError, match="not described"):
        item.rss_entry()


def test_what_the_writer_refuses_is_a_render_error() -> None:
    nowhere = feed(entry(1, guid=""))
    with pytest.raises(RenderError, match=r"gongan\.atom"):
        render(nowhere, "atom", SITE)
