"""Feed documents as published: the copy that every machine fills its shelf from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from feedsvc.domain.feed import FORMATS, FeedDocument, Format, Piece, gone_document
from feedsvc.store.columns import AnyRow, chunked
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import FEED_DOCUMENT

NAMES = (
    "slug", "format", "cursor", "etag", "last_modified", "edition", "body", "gzip", "brotli",
    "pieces", "complete_since", "max_age", "links", "gone",
)  # fmt: skip
KEYS = ("slug", "format")
# Documents are large; this many are read at once.
PART = 200
# HTTP dates have no finer unit.
TICK = timedelta(seconds=1)


def save(session: Session, documents: Sequence[FeedDocument]) -> list[FeedDocument]:
    """Store documents; an older cursor never replaces a newer one. Return those stored, as stored.

    A document with other bytes than its forerunner gets a `last_modified` of at least a second
    more: libcurl, and so newsboat, drops a 200 whose date is not newer than the one it knows.
    """
    if not documents:
        return []
    documents = _later_dated(session, documents)
    statement = insert_into(dialect_of(session), FEED_DOCUMENT)
    statement = statement.on_conflict_do_update(
        index_elements=list(KEYS),
        set_={name: statement.excluded[name] for name in NAMES if name not in KEYS},
        where=FEED_DOCUMENT.c.cursor <= statement.excluded.cursor,
    )
    keys = (FEED_DOCUMENT.c.slug, FEED_DOCUMENT.c.format)
    # In the same order as above, for the same reason.
    rows = [_values(each) for each in sorted(documents, key=lambda each: each.path)]
    stored = {(row.slug, row.format) for row in session.execute(statement.returning(*keys), rows)}
    return [each for each in documents if (each.slug, each.format) in stored]


def put_away(session: Session, slug: str, cursor: int, now: datetime) -> list[FeedDocument]:
    """Let a feed's documents be gone at a cursor, and return what the shelf gets in their place.

    The rows stay: a publisher that read the feed before is refused by the cursor, however late it
    comes, and other machines learn from them what they are to take off their shelves.
    """
    return save(session, [gone_document(slug, fmt, cursor, now) for fmt in FORMATS])


def _later_dated(session: Session, documents: Sequence[FeedDocument]) -> list[FeedDocument]:
    """Date each document after its forerunner, which nobody else can replace until the commit."""
    # In one order everywhere, so that two publishers of the same feeds never wait for each other.
    pairs = sorted((each.slug, each.format) for each in documents)
    rows = session.execute(
        select(
            FEED_DOCUMENT.c.slug,
            FEED_DOCUMENT.c.format,
            FEED_DOCUMENT.c.etag,
            FEED_DOCUMENT.c.last_modified,
        )
        .where(tuple_(FEED_DOCUMENT.c.slug, FEED_DOCUMENT.c.format).in_(pairs))
        .order_by(FEED_DOCUMENT.c.slug, FEED_DOCUMENT.c.format)
        .with_for_update()
    )
    before = {(row.slug, row.format): row for row in rows}
    return [_dated_after(each, before.get((each.slug, each.format))) for each in documents]


def _dated_after(document: FeedDocument, before: AnyRow | None) -> FeedDocument:
    if before is None:
        return document
    if before.etag == document.etag:
        return replace(document, last_modified=before.last_modified)
    earliest = before.last_modified + TICK
    return replace(document, last_modified=max(document.last_modified, earliest))


def editions(session: Session) -> dict[tuple[str, Format], tuple[int, str, str]]:
    """Return (cursor, etag, edition) of every document by (slug, format), without the bytes."""
    rows = session.execute(
        select(
            FEED_DOCUMENT.c.slug,
            FEED_DOCUMENT.c.format,
            FEED_DOCUMENT.c.cursor,
            FEED_DOCUMENT.c.etag,
            FEED_DOCUMENT.c.edition,
        )
    )
    return {(row.slug, _format(row.format)): (row.cursor, row.etag, row.edition) for row in rows}


def load(session: Session, pairs: Iterable[tuple[str, Format]]) -> list[FeedDocument]:
    """Return the documents of these (slug, format) pairs that exist, in no particular order."""
    key = tuple_(FEED_DOCUMENT.c.slug, FEED_DOCUMENT.c.format)
    documents = []
    for part in chunked(sorted(set(pairs)), PART):
        rows = session.execute(
            select(*(FEED_DOCUMENT.c[name] for name in NAMES)).where(key.in_(part))
        )
        documents += [_document(row) for row in rows]
    return documents


def _values(document: FeedDocument) -> dict[str, Any]:
    values = {name: getattr(document, name) for name in NAMES}
    return {
        **values,
        "pieces": [astuple(each) for each in document.pieces],
        "links": [list(each) for each in document.links],
    }


def _document(row: AnyRow) -> FeedDocument:
    pieces = tuple(Piece(*each) for each in row.pieces)
    links = tuple((rel, url) for rel, url in row.links)
    return FeedDocument(**{**row._mapping, "pieces": pieces, "links": links})


def _format(word: str) -> Format:
    formats: dict[str, Format] = {"rss": "rss", "atom": "atom", "json": "json"}
    return formats[word]
