"""JSON Feed 1.0 and 1.1 (jsonfeed.org), with the extension `_feedsvc`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from feedsvc.domain.item import Dateline, Enclosure, Marker, MarkerStatus
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Rejection
from feedsvc.errors import BrokenDocument, EmptyFeed, NotAFeed, TooComplex
from feedsvc.parse.feeds.item import Told, make_item
from feedsvc.parse.feeds.newest import keep_newest
from feedsvc.parse.feeds.repeats import note_repeats
from feedsvc.text.charset import Decoded
from feedsvc.text.dates import read_date
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

_VERSION = "jsonfeed.org/version/"
_STATUSES: Mapping[str, MarkerStatus] = {"withdrawn": "withdrawn", "corrected": "corrected"}
# What a JSON document may hold; typed so that nothing is used before its shape was looked at.
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Object = dict[str, Json]


def parse_json_feed(text: str, decoded: Decoded, job: ParseJob) -> ParsedFeed:
    """Read a JSON Feed; see `parse.feed.parse_feed` for what is raised.

    An item that is no object is a rejection; a field of another type than the specification's is
    read as absent, except that numbers are taken for their digits (ids are often numbers).
    """
    feed, entries = _document(text, job)
    told: list[tuple[Told, bool]] = []
    rejections: list[Rejection] = []
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, dict):
            told.append((_told(entry, job), False))
        else:
            rejections.append(
                Rejection(subject=f"item {number}", kind="broken_item", message="not a JSON object")
            )
    if not told:
        raise BrokenDocument(job.url, "not one item of the JSON Feed is an object")
    kept, capped = keep_newest(told, job)
    stated = _string(feed, "version").rpartition("/")[2]
    version = "json-1.0" if stated in {"", "1"} else f"json-{one_line(stated, 10)}"
    items = [make_item(each, job, f"feed:{version}") for each, _ in kept]
    return ParsedFeed(
        format=version,
        charset=decoded.charset,
        title=one_line(_string(feed, "title")),
        home_url=absolute(job.url, _string(feed, "home_page_url")),
        items=note_repeats(items, one_line(_string(feed, "language"), 20)),
        rejections=tuple(rejections),
        repairs=(*decoded.repairs, *capped),
    )


def _document(text: str, job: ParseJob) -> tuple[Object, list[Json]]:
    try:
        document: Json = json.loads(text, strict=False)  # raw line ends in strings harm nobody
    except RecursionError as error:
        raise TooComplex(job.url, "JSON nested too deep") from error
    except ValueError as error:
        raise BrokenDocument(job.url, f"JSON that cannot be read: {error}") from error
    if not isinstance(document, dict) or not (
        _VERSION in _string(document, "version") or isinstance(document.get("items"), list)
    ):
        raise NotAFeed(job.url, "it is a JSON document, but not a JSON Feed")
    entries = document.get("items")
    if not isinstance(entries, list):
        raise BrokenDocument(job.url, "a JSON Feed without a list of items")
    if not entries:
        raise EmptyFeed(job.url, "a feed without a single item")
    return document, entries


def _told(entry: Object, job: ParseJob) -> Told:
    ours = _object(entry, "_feedsvc")
    html = _string(entry, "content_html")
    told = Told(
        base_url=job.url,
        guid=_string(entry, "id"),
        link=_string(entry, "url"),
        title=_string(entry, "title"),
        title_kind="text",
        summary=_string(entry, "summary"),
        summary_kind="text",
        content=html or _string(entry, "content_text"),
        content_kind="html" if html else "text",
        published=_string(entry, "date_published"),
        updated=_string(entry, "date_modified"),
        authors=_names(entry, "authors") or _names(entry, "author"),
        editors=_names(ours, "editors"),
        categories=_strings(entry, "tags"),
        enclosures=_files(entry),
        attribution=_string(ours, "attribution"),
        origin=_string(entry, "external_url") or _string(ours, "origin_url"),
        original_title=_string(ours, "original_title"),
        credit_line=_string(ours, "credit_line"),
        dateline=_dateline(_object(ours, "dateline")),
        rights=_string(ours, "rights"),
        language=_string(entry, "language"),
        marker=_marker(ours, job),
    )
    told.guid_is_link = not told.link
    return told


def _marker(ours: Object, job: ParseJob) -> Marker | None:
    status = _STATUSES.get(_string(ours, "status"))
    if status is None:
        return None
    at = read_date(_string(ours, "at"), zone=job.timezone, seen_at=job.seen_at)
    return Marker(
        status=status, reason=one_line(_string(ours, "reason"), 200), at=at.at if at else None
    )


def _dateline(told: Object) -> Dateline | None:
    if not told:
        return None
    place, date, agency = (one_line(_string(told, key), 60) for key in ("place", "date", "agency"))
    return Dateline(place=place, date=date, agency=agency) if place or date or agency else None


def _files(entry: Object) -> list[Enclosure]:
    files: list[Enclosure] = []
    for each in _list(entry, "attachments"):
        if isinstance(each, dict) and (url := _string(each, "url")):
            size = each.get("size_in_bytes")
            length = size if isinstance(size, int) and 0 < size < 10**15 else None
            files.append(Enclosure(url=url, media_type=_string(each, "mime_type"), length=length))
    pictures = (_string(entry, "image"), _string(entry, "banner_image"))
    return files + [Enclosure(url=url) for url in pictures if url]


def _names(told: Object, key: str) -> list[str]:
    """Names in a list of strings or of objects with a `name`, or in one such object."""
    given = told.get(key)
    people = given if isinstance(given, list) else [given]
    names = [_string(each, "name") if isinstance(each, dict) else each for each in people]
    return [name for name in names if isinstance(name, str) and name]


def _strings(told: Object, key: str) -> list[str]:
    return [each for each in _list(told, key) if isinstance(each, str)]


def _list(told: Object, key: str) -> list[Json]:
    given = told.get(key)
    return given if isinstance(given, list) else []


def _object(told: Object, key: str) -> Object:
    given = told.get(key)
    return given if isinstance(given, dict) else {}


def _string(told: Object, key: str) -> str:
    given = told.get(key)
    if isinstance(given, str):
        return given
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else ""
