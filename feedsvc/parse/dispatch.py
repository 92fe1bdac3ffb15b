"""The one door to the parsers: what a worker process calls."""

from __future__ import annotations

from collections.abc import Callable

from feedsvc.domain.parsed import DocumentKind, Parsed, ParseJob
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.listing import parse_list
from feedsvc.parse.pages.page import parse_page
from feedsvc.parse.survey import survey

_PARSERS: dict[DocumentKind, Callable[[ParseJob], Parsed]] = {
    "feed": parse_feed,
    "list": parse_list,
    "page": parse_page,
    "survey": survey,
}


def parse(job: ParseJob) -> Parsed:
    """Parse one document as what its job says it is."""
    return _PARSERS[job.kind](job)
