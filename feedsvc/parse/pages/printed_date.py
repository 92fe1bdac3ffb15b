"""Dates as Chinese pages print them inside a line: where one stands and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feedsvc.text.dates import ReadDate, read_date

# One for one, so that positions in the line stay what they are.
_WIDE = str.maketrans("０１２３４５６７８９：／－．　\u00a0", "0123456789:/-.  ")
_PRINTED = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.]|\s(?=\d{1,2}\s*/))\s*"
    r"(?P<month>1[0-2]|0?[1-9])\s*(?:月|[-/.])\s*(?P<day>3[01]|[12]\d|0?[1-9])(?!\d(?!\d:))\s*日?"
    r"(?:[\sT,，|]*(?:[（(]?(?:星期|周)[一二三四五六日天][）)]?)?\s*(?P<half>上午|下午|晚上|中午)?\s*"
    r"(?P<hour>2[0-4]|1\d|0?\d)\s*(?P<mark>[:时点])\s*(?P<minute>[0-5]\d)"
    r"(?:\s*[:分]\s*(?P<second>[0-5]\d))?(?!\d)\s*分?)?"
)
# Lines without the beginning of a year are most of a page.
_CENTURY = re.compile("[1１][9９]|[2２][0０]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDate:
    """A date in a line: its place and its digits as `YYYY-MM-DD[ HH:MM[:SS]]`."""

    start: int
    end: int
    digits: str
    has_time: bool


def printed_dates(line: str) -> Iterator[PrintedDate]:
    """All dates with a year that a line prints, from left to right."""
    if _CENTURY.search(line) is None:
        return
    for found in _PRINTED.finditer(line.translate(_WIDE)):
        digits = f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"
        if found["hour"] is not None:
            hour = int(found["hour"])
            if found["half"] in {"下午", "晚上"} and hour < 12:
                hour += 12
            digits += f" {hour:02}:{found['minute']}"
            if found["second"] is not None:
                digits += f":{found['second']}"
        yield PrintedDate(
            start=found.start(),
            end=found.end(),
            digits=digits,
            has_time=found["hour"] is not None,
        )


def find_date(line: str, *, zone: str, seen_at: datetime) -> ReadDate | None:
    """The first date with a year that a line prints and that can be one, read in `zone`."""
    for printed in printed_dates(line):
        found = read_date(printed.digits, zone=zone, seen_at=seen_at)
        if found is not None:
            return found
    return None
