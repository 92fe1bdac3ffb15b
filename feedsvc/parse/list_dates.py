"""The date of a list's row, as rows print them: whole, without a year, or as a day in a box."""

from __future__ import annotations

import re
from datetime import datetime

from lxml.html import HtmlElement

from feedsvc.parse.pages.printed_date import find_date
from feedsvc.text.dates import ReadDate, read_date

_DAY_THEN_MONTH = re.compile(
    r"\s*(?P<day>\d{1,2})日?[\s/|.,-]+(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*月?\s*"
)
_MONTH_THEN_DAY = re.compile(
    r"\s*(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*月?[\s|]+(?P<day>\d{1,2})\s*日?\s*"
)
_DAY_MONTH_YEAR = re.compile(
    r"\s*(?P<day>\d{1,2})日?[\s|]+(?P<month>\d{1,2})月[\s|,]*(?P<year>(?:19|20)\d\d)年?\s*"
)


def date_text(node: HtmlElement | str) -> str:
    """What an element prints as its date: its `datetime`, else the texts of its parts apart.

    A box prints `31` and `2026-10` in parts of their own, without a space between.
    """
    if isinstance(node, str):
        return node
    return node.get("datetime") or " ".join(node.itertext())


def row_date(text: str, *, zone: str, seen_at: datetime) -> ReadDate | None:
    """Read the date that a row prints in `text`; None where there is none.

    Boxes that print the day large and year and month small (`09 2026-08`) are read as one date.
    """
    for box in (_DAY_THEN_MONTH, _MONTH_THEN_DAY, _DAY_MONTH_YEAR):
        found = box.fullmatch(text)
        if found is not None:
            text = f"{found['year']}-{found['month']}-{found['day']}"
    return read_date(text, zone=zone, seen_at=seen_at) or find_date(
        text, zone=zone, seen_at=seen_at
    )
