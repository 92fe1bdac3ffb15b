"""What one item of any feed format says → an Item: cleaned, sanitised, its times read.

Formats only collect strings into `Told`; everything that judges or mends them is here, so that an
RSS item and its JSON twin come out equal.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.domain.item import (
    UNCLEAR_EMBARGO,
    AiLabel,
    Dateline,
    Enclosure,
    Item,
    Marker,
    MarkerStatus,
    Precision,
    Repair,
)
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item_html import Kind, note_forbidden, read_html, read_line
from feedsvc.parse.feeds.markers import corrected_note, marked_title, reason_in, without_label
from feedsvc.parse.feeds.people import split_people
from feedsvc.text.dates import ReadDate, read_date
from feedsvc.text.html import without_tags
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

LONGEST_TITLE = 300  # characters; 1 kB of Chinese
LONGEST_GUID = 2048
_SOURCE_LABEL = re.compile(r"(?:消息|稿件|文章|信息)?来源\s*[:：]\s*")
_NOTHING = Enclosure(url="")
LONGEST_KEPT = 64  # categories are the same few words in every item; longer ones are read anew


@dataclass(slots=True, kw_only=True)
class Told:
    """One item as its document says it: strings as they stood there, not cleaned, "" for what is absent.

    `base_url` is what the link counts from; `body_base_url` is the base that the document states for
    the body, "" where it states none (then the item's own link is the better guess). `marker` is set where the format has a field for it.
    `clean` says that no character which XML forbids can stand in the document. `unasked` are the
    repairs not to be noted, because the format has no word for what is missing.
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
    authors: Sequence[str] = ()
    editors: Sequence[str] = ()
    categories: Sequence[str] = ()
    enclosures: Sequence[Enclosure] = ()
    attribution: str = ""
    origin: str = ""
    original_title: str = ""
    credit_line: str = ""
    dateline: Dateline | None = None
    rights: str = ""
    language: str = ""
    ai_label: AiLabel = ""
    marker: Marker | None = None
    embargoed: str = ""
    clean: bool = False
    unasked: frozenset[str] = frozenset()


def make_item(told: Told, job: ParseJob, extractor: str, repairs: tuple[Repair, ...] = ()) -> Item:
    """Clean what an item says; what had to be mended or is missing stands in its repairs.

    `repairs` are those of the document's own form that touched this item.
    """
    noted = list(repairs)
    if not told.clean:
        note_forbidden((told.title, told.summary, told.content), noted)
    status, title = marked_title(_title(told, noted))
    guid, link = _guid(told, noted), _link(told, noted)
    published_at, precision, updated_at = _times(told, job, noted)
    base_url = told.body_base_url or link or told.base_url
    summary, content, marker = _words(told, status, updated_at, base_url, noted)
    return Item(
        guid=guid,
        link=link,
        title=title,
        original_title=told.original_title and one_line(told.original_title),
        summary_html=summary,
        content_html=content,
        published_at=published_at,
        published_precision=precision,
        updated_at=updated_at,
        authors=split_people(told.authors) if told.authors else (),
        editors=split_people(told.editors) if told.editors else (),
        categories=_each_once(told.categories) if told.categories else (),
        enclosures=_enclosures(told.enclosures, base_url) if told.enclosures else (),
        attribution=told.attribution and _attribution(told.attribution),
        origin_url=absolute(told.base_url, told.origin) if told.origin else None,
        credit_line=told.credit_line and one_line(told.credit_line),
        dateline=told.dateline,
        rights=told.rights and one_line(told.rights),
        language=told.language and one_line(told.language),
        ai_label=told.ai_label,
        extractor=extractor,
        marker=marker,
        embargoed_until=_embargo(told, job, noted) if told.embargoed else None,
        repairs=_asked(noted, told.unasked) if noted else (),
    )


def _words(
    told: Told,
    status: MarkerStatus | None,
    updated_at: datetime | None,
    base_url: str,
    noted: list[Repair],
) -> tuple[str, str, Marker | None]:
    """Summary and content, sanitised, without what we put before them, and what becomes of the article."""
    summary = read_html(told.summary, told.summary_kind, base_url, noted)
    content = read_html(told.content, told.content_kind, base_url, noted)
    marker = told.marker or _marker(status, summary or content, updated_at)
    if (note := corrected_note(content, summary)) is not None:
        content, summary, reason = note
        marker = marker or Marker(status="corrected", reason=reason, at=updated_at)
    if told.ai_label:
        summary, content = without_label(summary), without_label(content)
    return summary, content, marker


def _embargo(told: Told, job: ParseJob, noted: list[Repair]) -> datetime | None:
    """The end of an embargo; one that cannot be read is noted, so that an editor is asked."""
    read = read_date(told.embargoed, zone=job.timezone, seen_at=job.seen_at)
    if read is None:
        noted.append(Repair(kind=UNCLEAR_EMBARGO, detail=one_line(told.embargoed, 40)))
    return None if read is None else read.at


def _marker(status: MarkerStatus | None, words: str, updated_at: datetime | None) -> Marker | None:
    """The marker that a title's own words make (撤稿, 更正)."""
    if status is None:
        return None
    reason = reason_in(words) if status == "withdrawn" else ""
    return Marker(status=status, reason=reason, at=updated_at)


def _asked(repairs: list[Repair], unasked: frozenset[str]) -> tuple[Repair, ...]:
    return tuple(dict.fromkeys(each for each in repairs if each.kind not in unasked))


def _title(told: Told, noted: list[Repair]) -> str:
    title = read_line(told.title, told.title_kind)
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


def _attribution(raw: str) -> str:
    """A publisher's name without the label that some put before it (来源：)."""
    return _SOURCE_LABEL.sub("", without_tags(one_line(raw)), count=1)


def _times(
    told: Told, job: ParseJob, noted: list[Repair]
) -> tuple[datetime | None, Precision, datetime | None]:
    published = _time(told.published, job, noted)
    updated = _time(told.updated, job, noted)
    if published is None and updated is None:
        noted.append(Repair(kind="missing_date"))
    return (
        published.at if published else None,
        published.precision if published else "none",
        # News changes by the second: a fraction only tells entries apart, as ours does (`told_apart`).
        updated.at.replace(microsecond=0) if updated else None,
    )


def _time(raw: str, job: ParseJob, noted: list[Repair]) -> ReadDate | None:
    if not raw or raw.isspace():
        return None
    read = read_date(raw, zone=job.timezone, seen_at=job.seen_at)
    if read is None:
        noted.append(Repair(kind="unreadable_date", detail=one_line(raw, 60)))
    return read


def _each_once(raw: Sequence[str]) -> tuple[str, ...]:
    lines = [_word(each) if len(each) <= LONGEST_KEPT else one_line(each, 100) for each in raw]
    return (
        tuple(dict.fromkeys(filter(None, lines))) if len(lines) > 1 else tuple(filter(None, lines))
    )


@functools.lru_cache(maxsize=1024)
def _word(raw: str) -> str:
    return one_line(raw, 100)


def _enclosures(told: Sequence[Enclosure], base_url: str) -> tuple[Enclosure, ...]:
    """Absolute, each address once: feeds name the same file as enclosure, content and thumbnail.

    What one of them leaves out, another may tell.
    """
    kept: dict[str, Enclosure] = {}
    for each in told:
        url = absolute(base_url, each.url)
        if url is None:
            continue
        before = kept.get(url, _NOTHING)
        kept[url] = Enclosure(
            url=url,
            media_type=before.media_type or one_line(each.media_type),
            length=each.length if before.length is None else before.length,
            duration=each.duration if before.duration is None else before.duration,
        )
    return tuple(kept.values())
