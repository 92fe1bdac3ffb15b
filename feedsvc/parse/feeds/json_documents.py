"""JSON documents: which format they are in, and their items: JSON Feed, ninjs, or ninjs a line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feedsvc.domain.parsed import ParseJob, Rejection
from feedsvc.errors import BrokenDocument, EmptyFeed, NotAFeed, TooComplex
from feedsvc.parse.feeds import json_feed, ninjs
from feedsvc.parse.feeds.contents import Contents
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.newest import MOST_READ
from feedsvc.parse.json_values import Json, Object, obj, string
from feedsvc.text.scrub import one_line

_VERSION = "jsonfeed.org/version/"
# An empty object takes 64 bytes and more for its two characters.
MOST_VALUES = 500_000
# Under these names agencies' interfaces hand out a page of ninjs items.
_LISTS = ("items", "_items", "results", "data")


@dataclass(frozen=True, slots=True)
class _Format:
    """A format's name and the reader of its items."""

    name: str
    read_item: Callable[[Object, ParseJob], Told]


_NINJS = _Format("ninjs", ninjs.read_item)
_LINES = _Format("ninjs-lines", ninjs.read_item)


def read_json(text: str, job: ParseJob) -> Contents:
    """Read a JSON document; see `parse_feed` for what is raised.

    An item that is no object, a line that is no JSON is a rejection; the others go on without it.
    """
    if text.count("{") + text.count("[") > MOST_VALUES:
        raise TooComplex(job.url, f"more than {MOST_VALUES} values in one JSON document")
    try:
        document: Json = json.loads(text, strict=False)  # raw line ends in strings harm nobody
    except RecursionError as error:
        raise TooComplex(job.url, "JSON nested too deep") from error
    except ValueError as error:
        lines = _lines(text, job) if text.lstrip().startswith("{") else None
        if lines is None:
            raise BrokenDocument(job.url, f"JSON that cannot be read: {error}") from error
        return lines
    return _contents(document, job)


def _contents(document: Json, job: ParseJob) -> Contents:
    if ninjs.is_ninjs(document):
        return _read([document], job, _NINJS)
    entries = _entries(document)
    if entries is not None and any(ninjs.is_ninjs(each) for each in entries):
        return _read(entries, job, _NINJS)
    if not isinstance(document, dict) or not (
        _VERSION in string(document, "version") or isinstance(document.get("items"), list)
    ):
        raise NotAFeed(job.url, "it is a JSON document, but not a JSON Feed")
    items = document.get("items")
    if not isinstance(items, list):
        raise BrokenDocument(job.url, "a JSON Feed without a list of items")
    if not items:
        raise EmptyFeed(job.url, "a feed without a single item")
    feed = _Format(json_feed.format_of(document), json_feed.read_item)
    return _read(items, job, feed, document)


def _entries(document: Json) -> list[Json] | None:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for name in _LISTS:
            if isinstance(found := document.get(name), list):
                return found
        return _entries(hits) if (hits := obj(document, "_embedded")) else None
    return None


def _lines(text: str, job: ParseJob) -> Contents | None:
    """One ninjs item a line; None where not one line is such an item."""
    entries: list[Json] = []
    rejections: list[Rejection] = []
    for number, line in enumerate(text.split("\n", MOST_READ)[:MOST_READ], 1):
        if not line.strip():
            continue
        try:
            entries.append(json.loads(line, strict=False))
        except (ValueError, RecursionError):
            rejections.append(_rejected(f"line {number}", "not a JSON value"))
    if not any(ninjs.is_ninjs(entry) for entry in entries):
        return None
    return _read(entries, job, _LINES, rejections=rejections)


def _read(
    entries: Sequence[Json],
    job: ParseJob,
    form: _Format,
    head: Object | None = None,
    *,
    rejections: Sequence[Rejection] = (),
) -> Contents:
    told: list[tuple[Told, bool]] = []
    rejected = list(rejections)
    for number, entry in enumerate(entries[:MOST_READ], 1):
        if isinstance(entry, dict):
            told.append((form.read_item(entry, job), False))
        else:
            rejected.append(_rejected(f"item {number}", "not a JSON object"))
    if not told:
        raise BrokenDocument(job.url, "not one item of the JSON Feed is an object")
    head = head or {}
    return Contents(
        format=form.name,
        items=told,
        title=one_line(string(head, "title")),
        home_url=string(head, "home_page_url"),
        language=string(head, "language"),
        links=json_feed.links_of(head),
        generator="feedsvc" if "cursor" in obj(head, "_feedsvc") else "",
        rejections=tuple(rejected),
    )


def _rejected(subject: str, message: str) -> Rejection:
    return Rejection(subject=subject, kind="broken_item", message=message)
