"""What pages show of articles: stored values become the words and times that templates print. Pure.

This is the gate that keeps a withdrawn text off every page: templates get these views, never articles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from feedsvc.domain.article import Article, Content, Revision
from feedsvc.domain.cluster import Cluster, Member
from feedsvc.domain.feed import FeedState
from feedsvc.domain.item import Precision
from feedsvc.i18n import dates
from feedsvc.publish.notice import AI_MARKS, withdrawn_title
from feedsvc.text.html import plain_text, summarise
from feedsvc.text.pictures import (
    is_picture,
    linked_enclosures,
    picture_blocks,
    picture_urls,
    place_pictures,
    placing,
)

TITLE_LENGTH = 40
DESCRIPTION_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for a <time> element: `machine` for its attribute, `shown` for people."""

    machine: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An article in a list; of a withdrawn one only the marked title and the reason are left."""

    id: int
    title: str
    published: Moment
    attribution: str
    category: str
    category_title: str
    state: Literal["live", "corrected", "withdrawn"]
    summary: str = ""
    reason: str = ""
    language: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One line of the correction record."""

    at: Moment
    reason: str


@dataclass(frozen=True, slots=True)
class Version:
    """Another outlet's near-equal article; `canonical`: the one that feeds and lists show."""

    id: int
    title: str
    outlet: str
    canonical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """An article in the list of corrections, with the time of its last one."""

    card: Card
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article in full. `origin_url` is the original at the partner; `via` the source where it differs.

    `content` is what is kept of it; `attribution` names the source where it credits no outlet.
    """

    id: int
    content: Content
    title: str
    description: str
    category: str
    category_title: str
    published: Moment
    modified: Moment
    attribution: str
    source_title: str
    via: str
    origin_url: str | None
    body_html: str
    credit_line: str
    ai_mark: str
    pictures: tuple[str, ...]
    attachments: tuple[str, ...]
    state: Literal["live", "corrected"]
    reason: str
    revision: int
    corrections: tuple[Correction, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is left of a withdrawn article."""

    title: str
    reason: str
    at: Moment
    attribution: str
    category: str
    category_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a feed as pages tell of it."""

    at: Moment
    reason: str
    successor: str | None
    successor_title: str


def moment(at: datetime, precision: Precision = "minute") -> Moment:
    """Return an aware time as shown, to the minute or, where no more is known, to the day."""
    if precision == "minute":
        return Moment(dates.machine_minute(at), dates.minute(at))
    return Moment(dates.day(at), dates.day(at))


def cards(articles: Iterable[Article], pinned: Collection[int] = ()) -> list[Card]:
    """Return articles as a list shows them, each once: what editors pinned comes first."""
    listed = {article.id: card(article, pinned=article.id in pinned) for article in articles}
    return sorted(listed.values(), key=lambda each: not each.pinned)


def card(article: Article, *, pinned: bool = False) -> Card:
    """Return an article as a list shows it."""
    withdrawn = article.status == "withdrawn"
    return Card(
        id=article.id,
        title=withdrawn_title(article.content.title) if withdrawn else _title(article),
        published=moment(article.published_at, article.published_precision),
        attribution=article.content.attribution or article.source_title,
        category=article.category,
        category_title=article.category_title,
        state="live" if article.status == "held" else article.status,
        summary="" if withdrawn else _summary(article),
        reason=article.reason if article.status in {"withdrawn", "corrected"} else "",
        language=article.content.language,
        pinned=pinned,
    )


def amendment(article: Article) -> Amendment:
    """Return an article as the list of corrections shows it."""
    return Amendment(card=card(article), at=moment(article.updated_at))


def page(
    article: Article,
    revisions: Sequence[Revision],
    cluster: Cluster | None = None,
    *,
    media_url: str = "/media/",
) -> Page:
    """Return a live or corrected article in full, its correction record newest first.

    Pictures that we have are shown from `media_url`, enclosed ones below the text; the others are links.
    """
    content = article.content
    attribution = content.attribution or article.source_title
    how = replace(placing(article.picture_use, article.pictures, media_url), marked=True)
    body = place_pictures(content.body_html, how) + picture_blocks(content, how)
    return Page(
        id=article.id,
        content=content,
        title=_title(article),
        description=_summary(article),
        category=article.category,
        category_title=article.category_title,
        published=moment(article.published_at, article.published_precision),
        modified=_modified(article),
        attribution=attribution,
        source_title=article.source_title,
        via=article.source_title if article.source_title != attribution else "",
        origin_url=_web_address(content.origin_url) or _web_address(article.link),
        body_html=body,
        # Most pages print the credit line as the end of the last paragraph: once is enough.
        credit_line="" if content.credit_line in plain_text(body) else content.credit_line,
        ai_mark=_ai_mark(content, body),
        pictures=tuple(picture_urls(body)),
        attachments=(*_files(content, body), *linked_enclosures(content, how)),
        state="corrected" if article.status == "corrected" else "live",
        reason=article.reason if article.status == "corrected" else "",
        revision=article.revision,
        corrections=tuple(reversed(list(_corrections(revisions)))),
        versions=tuple(_versions(article.id, cluster.members if cluster else ())),
    )


def _modified(article: Article) -> Moment:
    """An article is never older than its publication, whatever a partner says of the change."""
    return moment(max(article.updated_at, article.published_at))


def _ai_mark(content: Content, body: str) -> str:
    """What says visibly that a machine made the text, where the text itself does not."""
    mark = AI_MARKS[content.ai_label] if content.ai_label else ""
    return "" if mark in body else mark


def notice(article: Article) -> Notice:
    """Return what is said of a withdrawn article: none of its text, nor who wrote it."""
    return Notice(
        title=withdrawn_title(article.content.title),
        reason=article.reason,
        at=moment(article.updated_at),
        attribution=article.content.attribution or article.source_title,
        category=article.category,
        category_title=article.category_title,
    )


def others(articles: Iterable[Article], article_id: int, limit: int) -> list[Card]:
    """Return the first articles of a list other than the one at hand."""
    return [card(article) for article in articles if article.id != article_id][:limit]


def _versions(own: int, members: Sequence[Member]) -> Iterable[Version]:
    """Yield the other members that can be read, the canonical one first."""
    for each in sorted(members, key=lambda one: not one.shown):
        if each.article != own and each.status in {"live", "corrected"}:
            outlet = each.attribution or each.source_title
            yield Version(each.article, each.title, outlet, each.shown)


def _corrections(revisions: Sequence[Revision]) -> Iterable[Correction]:
    """Yield each correction once, oldest first.

    A partner's later update of a corrected article keeps status and reason: that is no
    new correction, nor is reading its page by other rules.
    """
    reason: str | None = None
    for revision in sorted(revisions, key=lambda one: one.number):
        if revision.status != "corrected":
            continue
        if revision.reason != reason or not revision.actor.startswith(("source:", "rules:")):
            yield Correction(at=moment(revision.at), reason=revision.reason)
        reason = revision.reason


def _files(content: Content, body: str) -> Iterable[str]:
    return (
        one.url
        for one in content.enclosures
        if not is_picture(one) and _web_address(one.url) and one.url not in body
    )


def _title(article: Article) -> str:
    return article.content.title or summarise(plain_text(article.content.body_html), TITLE_LENGTH)


def _summary(article: Article) -> str:
    content = article.content
    return content.summary or summarise(plain_text(content.body_html), DESCRIPTION_LENGTH)


def _web_address(url: str | None) -> str | None:
    """The address where it is one that a browser may be sent to: escaping alone lets javascript: through."""
    return url if url and url.startswith(("http://", "https://")) else None


def farewell(state: FeedState) -> Ended | None:
    """Return what pages say of a feed's end; None for one that goes on."""
    end = state.farewell
    if end is None:
        return None
    return Ended(
        at=moment(end.at),
        reason=end.reason,
        successor=end.successor,
        successor_title=end.successor_title,
    )
