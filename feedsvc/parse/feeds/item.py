"""What one item of any feed format says → an Item: cleaned, sanitised, its times read.

Formats only collect strings into `Told`; everything that judges or mends them is here, so that an
RSS item and its JSON twin come out equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from feedsvc.domain.item import (
    Dateline,
    Enclosure,
    Item,
    Marker,
    MarkerStatus,
    Precision,
    Repair,
)
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item_html import Kind, read_html, read_line
from feedsvc.parse.feeds.markers import marked_title, reason_in
from feedsvc.parse.feeds.people import split_people
from feedsvc.text.dates import read_date
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

LONGEST_TITLE = 300  # characters; 1 kB of Chinese
LONGEST_GUID = 2048
Field = Literal["published", "updated"]


@dataclass(slots=True, kw_only=True)
class Told:
    """One item as its document says it: strings as they stood there, not cleaned, "" for what is absent.

    `base_url` is what the link counts from; `body_base_url` is the base that the document states for
    the body, "" where it states none (then the item's own link is the better guess). `marker` is set where the format has a field for it.
    """

    base_url: str
    guid: str = ""
    guid_is_link: bool = False
    link: str = ""
    title: str = ""
    title_kind: Kind = "guess"
    summary: str = ""
    summary_kind: Kind = "guess"
    content: str = ""
    content_kind: Kind = "html"
    body_base_url: str = ""
    published: str = ""
    updated: str = ""
    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)
    attribution: str = ""
    origin: str = ""
    original_title: str = ""
    credit_line: str = ""
    dateline: Dateline | None = None
    rights: str = ""
    language: str = ""
    marker: Marker | None = None


def make_item(told: Told, job: ParseJob, extractor: str, repairs: tuple[Repair, ...] = ()) -> Item:
    """Clean what an item says; what had to be mended or is missing stands in its repairs.

    `repairs` are those of the document's own form that touched this item.
    """
    noted = list(repairs)
    status, title = marked_title(_title(told, noted))
    guid = _guid(told, noted)
    link = _link(told, noted)
    published_at, precision = _time(told, "published", job, noted)
    updated_at, _ = _time(told, "updated", job, noted)
    if published_at is None and updated_at is None:
        noted.append(Repair(kind="missing_date"))
    base_url = told.body_base_url or link or told.base_url
    summary = read_html(told.summary, told.summary_kind, base_url, noted)
    content = read_html(told.content, told.content_kind, base_url, noted)
    return Item(
        guid=guid,
        link=link,
        title=title,
        original_title=_line(told.original_title),
        summary_html=summary,
        content_html=content,
        published_at=published_at,
        published_precision=precision,
        updated_at=updated_at,
        authors=split_people(told.authors) if told.authors else (),
        editors=split_people(told.editors) if told.editors else (),
        categories=_each_once(told.categories),
        enclosures=_enclosures(told.enclosures, base_url) if told.enclosures else (),
        attribution=_line(told.attribution),
        origin_url=absolute(told.base_url, told.origin) if told.origin else None,
        credit_line=_line(told.credit_line),
        dateline=told.dateline,
        rights=_line(told.rights),
        language=_line(told.language),
        extractor=extractor,
        marker=told.marker or _marker(status, summary or content, updated_at),
        repairs=tuple(dict.fromkeys(noted)),
    )


def _marker(status: MarkerStatus | None, words: str, updated_at: datetime | None) -> Marker | None:
    """The marker that a title's own words make (撤稿, 更正)."""
    if status is None:
        return None
    reason = reason_in(words) if status == "withdrawn" else ""
    return Marker(status=status, reason=reason, at=updated_at)


def _line(raw: str) -> str:
    return one_line(raw) if raw else ""


def _title(told: Told, noted: list[Repair]) -> str:
    title = read_line(told.title, told.title_kind, noted)
    if not title and told.marker is None:
        noted.append(Repair(kind="missing_title"))
    if len(title) <= LONGEST_TITLE:
        return title
    noted.append(Repair(kind="title_cut", detail=str(len(title))))
    return one_line(title, LONGEST_TITLE)


def _guid(told: Told, noted: list[Repair]) -> str | None:
    guid = one_line(told.guid, LONGEST_GUID + 1) if told.guid else ""
    if not guid:
        noted.append(Repair(kind="missing_guid"))
        return None
    if len(guid) > LONGEST_GUID:
        # A cut one could be equal to another cut one.
        noted.append(Repair(kind="guid_too_long"))
        return None
    return guid


def _link(told: Told, noted: list[Repair]) -> str | None:
    link = absolute(told.base_url, told.link) if told.link else None
    if link is None and told.link:
        noted.append(Repair(kind="bad_link", detail=one_line(told.link, 100)))
    if link is None and told.guid_is_link and told.guid.lstrip()[:4].lower() == "http":
        link = absolute(told.base_url, told.guid)
        noted.append(Repair(kind="link_from_guid"))
    if link is None and not told.link and told.marker is None:
        noted.append(Repair(kind="missing_link"))
    return link


def _time(
    told: Told, name: Field, job: ParseJob, noted: list[Repair]
) -> tuple[datetime | None, Precision]:
    raw = told.published if name == "published" else told.updated
    if not raw or raw.isspace():
        return None, "none"
    read = read_date(raw, zone=job.timezone, seen_at=job.seen_at)
    if read is None:
        noted.append(Repair(kind="unreadable_date", detail=one_line(raw, 60)))
        return None, "none"
    return read.at, read.precision


def _each_once(raw: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for each in raw if (line := one_line(each, 100))))


def _enclosures(told: list[Enclosure], base_url: str) -> tuple[Enclosure, ...]:
    """Absolute, each address once: feeds name the same picture as enclosure, content and thumbnail."""
    kept: dict[str, Enclosure] = {}
    for each in told:
        url = absolute(base_url, each.url)
        if url is not None and url not in kept:
            kept[url] = Enclosure(url=url, media_type=_line(each.media_type), length=each.length)
    return tuple(kept.values())
