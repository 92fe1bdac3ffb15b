"""Where the sample partner keeps things: paths from reports and back. Pure."""

from __future__ import annotations

import re

from feedsvc.demo.story import Report
from feedsvc.demo.texts import BEIJING, SourceName

RSS = "/rss.xml"
ATOM = "/atom.xml"
LIST = "/n3559/index.html"
LIST_MORE = "/n3559/index_1.html"
BROKEN = "/broken.xml"
PICTURES = "/img/"
FEEDS: dict[str, SourceName] = {RSS: "rss", ATOM: "atom", BROKEN: "broken"}
HOMES: dict[SourceName, str] = {"rss": RSS, "atom": ATOM, "list": LIST, "broken": BROKEN}

_PREFIXES: dict[SourceName, str] = {"rss": "yl", "atom": "jw", "broken": "sy"}
_NAMES: dict[str, SourceName] = {prefix: source for source, prefix in _PREFIXES.items()}
# Articles are not counted from zero anywhere.
_FIRST = 1001
_FIRST_LISTED = 835_801
_NEWS = re.compile(r"/news/(yl|jw|sy)(\d{4,9})\.html")
_LISTED = re.compile(r"/n3559/\d{6}/t\d{8}_(\d{6,9})\.html")


def path_of(report: Report) -> str:
    """Return the path of an article's page; a listed one has its day in it, as TRS sites do."""
    if report.source == "list":
        day = report.published_at.astimezone(BEIJING)
        return f"/n3559/{day:%Y%m}/t{day:%Y%m%d}_{_FIRST_LISTED + report.number}.html"
    return f"/news/{_PREFIXES[report.source]}{_FIRST + report.number}.html"


def named_by(path: str) -> tuple[SourceName, int] | None:
    """Return the source and number of the article that a path may belong to, None for other paths."""
    if found := _NEWS.fullmatch(path):
        return _NAMES[found[1]], int(found[2]) - _FIRST
    if found := _LISTED.fullmatch(path):
        return "list", int(found[1]) - _FIRST_LISTED
    return None
