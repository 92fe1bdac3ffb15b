"""Item → draft: what a partner said, made fit to be stored. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.item import UNCLEAR_EMBARGO, Item, Precision, Repair
from feedsvc.domain.parsed import Rejection
from feedsvc.ingest.identity import source_hash
from feedsvc.text.html import beginning, plain_text, summarise, without_tags
from feedsvc.text.scrub import one_line

# A partner's clock may run a little ahead of ours; beyond this a date is wrong and would pin the
# article to the top of every feed.
CLOCK_SLACK = timedelta(minutes=10)
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
TITLE_FROM_TEXT = 40
# A summary is made of so many characters (its 160, and what shows that it is cut); the rest of a
# text need not be read for it.
SUMMARISED = 162
# More is a dump of keywords that no editor and no reader would sort by.
MOST_TAGS = 20
MOST_TAG_CHARACTERS = 60


def normalise(item: Item, keys: Keys, *, seen_at: datetime) -> Draft | Rejection:
    """Make a draft of an item, or say why there is nothing to keep of it.

    `seen_at` is the fetch time (aware UTC): it stands in for a missing or impossible date, and
    what was mended is noted in the draft's repairs.
    """
    repairs = list(item.repairs)
    body = item.content_html or item.summary_html
    title = item.title
    if not title and item.marker is None:
        title = one_line(plain_text(body))[:TITLE_FROM_TEXT]
        if not title:
            return Rejection(
                subject=keys.primary, kind="empty_item", message="neither a title nor a text"
            )
        repairs.append(Repair(kind="title_from_text"))
    published_at, precision = _published(item, seen_at, repairs)
    content = _content(item, title, body)
    unclear = next((each for each in repairs if each.kind == UNCLEAR_EMBARGO), None)
    return Draft(
        keys=keys,
        content=content,
        published_at=published_at,
        published_precision=precision,
        updated_at=_updated(item, published_at, seen_at),
        source_hash=source_hash(content, item.marker, item.embargoed_until),
        link=item.link,
        extractor=item.extractor,
        marker=item.marker,
        rechecked=item.rechecked,
        repairs=tuple(repairs),
        policy="review" if unclear else None,
        hold_reason=f"{UNCLEAR_EMBARGO}: {unclear.detail}" if unclear else "",
        embargoed_until=_embargo(item, seen_at),
    )


def _embargo(item: Item, seen_at: datetime) -> datetime | None:
    """The end of an embargo that still lasts."""
    until = item.embargoed_until
    return until if until is not None and until > seen_at else None


def _content(item: Item, title: str, body: str) -> Content:
    return Content(
        title=title,
        original_title=item.original_title,
        summary=_summary(item),
        body_html=body,
        attribution=item.attribution,
        origin_url=item.origin_url,
        authors=item.authors,
        editors=item.editors,
        credit_line=item.credit_line,
        dateline=item.dateline,
        rights=item.rights,
        language=item.language,
        enclosures=item.enclosures,
        tags=_tags(item),
        ai_label=item.ai_label,
    )


def _tags(item: Item) -> tuple[str, ...]:
    # A tag is shown without markup, and its feed has the name that is shown.
    words = (without_tags(category) for category in item.categories[:MOST_TAGS])
    tags = (one_line(word, MOST_TAG_CHARACTERS) for word in words)
    return tuple(dict.fromkeys(filter(None, tags)))


def _published(item: Item, seen_at: datetime, repairs: list[Repair]) -> tuple[datetime, Precision]:
    claimed = item.published_at or item.updated_at
    if claimed is None:
        repairs.append(Repair(kind="date_from_first_sight"))
        return seen_at, "none"
    precision: Precision = item.published_precision if item.published_at else "minute"
    # What may not be published yet may say so in its date too.
    latest = max(seen_at + CLOCK_SLACK, _embargo(item, seen_at) or seen_at)
    if EARLIEST <= claimed <= latest:
        return claimed, precision
    if precision == "day" and claimed.date() <= (seen_at + timedelta(hours=14)).date():
        # Noon of today is not in the future, it is merely a day without its hour.
        return seen_at, precision
    repairs.append(Repair(kind="impossible_date", detail=claimed.isoformat()))
    return seen_at, "none"


def _updated(item: Item, published_at: datetime, seen_at: datetime) -> datetime:
    claimed = item.updated_at
    if claimed is None or not published_at < claimed <= seen_at + CLOCK_SLACK:
        return published_at
    return claimed


def _summary(item: Item) -> str:
    """The partner's own summary where it is one, else the first sentences of the text."""
    own = plain_text(item.summary_html) if item.content_html and item.summary_html else ""
    return summarise(own or beginning(item.content_html or item.summary_html, SUMMARISED))
