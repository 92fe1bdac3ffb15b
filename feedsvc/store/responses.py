"""Partners' answers that are kept: which there are, and which have to go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Insert, delete, func, select
from sqlalchemy.orm import Session

from feedsvc.domain.response import KeptResponse
from feedsvc.store.columns import AnyRow, chunked, digest
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import RAW_RESPONSE

PRUNED_AT_ONCE = 1000


def note_all(session: Session, source_id: int, responses: Sequence[KeptResponse]) -> None:
    """Keep a row for each answer; a body that this URL gave before only gets the newer time."""
    rows = {
        (digest(each.asked_url), each.body_hash): {
            "source_id": source_id,
            "url_digest": digest(each.asked_url),
            "asked_url": each.asked_url,
            "url": each.url,
            "kind": each.kind,
            "fetched_at": each.fetched_at,
            "http_status": each.http_status,
            "content_type": each.content_type,
            "content_location": each.content_location,
            "body_hash": each.body_hash,
            "size": each.size,
            "stored_size": each.stored_size,
        }
        for each in responses
    }
    if rows:
        session.execute(_upsert(dialect_of(session)), list(rows.values()))


def of_source(session: Session, source_id: int) -> list[KeptResponse]:
    """Return all that is kept of one source, the newest first."""
    rows = session.execute(
        select(RAW_RESPONSE)
        .where(RAW_RESPONSE.c.source_id == source_id)
        .order_by(RAW_RESPONSE.c.fetched_at.desc(), RAW_RESPONSE.c.id.desc())
    )
    return [_response_of(row) for row in rows]


def prune_older(session: Session, before: datetime) -> list[str]:
    """Forget up to a thousand of the answers fetched before this time; return the hashes of their bodies."""
    rows = session.execute(
        select(RAW_RESPONSE.c.id, RAW_RESPONSE.c.body_hash)
        .where(RAW_RESPONSE.c.fetched_at < before)
        .order_by(RAW_RESPONSE.c.fetched_at)
        .limit(PRUNED_AT_ONCE)
    ).all()
    return _forget(session, rows)


def prune_above(session: Session, most_bytes: int) -> list[str]:
    """Forget up to a thousand of the oldest answers while all together take more than `most_bytes`."""
    total = session.execute(select(func.sum(RAW_RESPONSE.c.stored_size))).scalar() or 0
    rows = session.execute(
        select(RAW_RESPONSE.c.id, RAW_RESPONSE.c.body_hash, RAW_RESPONSE.c.stored_size)
        .order_by(RAW_RESPONSE.c.fetched_at, RAW_RESPONSE.c.id)
        .limit(PRUNED_AT_ONCE)
    ).all()
    leaving: list[AnyRow] = []
    for row in rows:
        if total <= most_bytes:
            break
        leaving.append(row)
        total -= row.stored_size
    return _forget(session, leaving)


def unknown_bodies(session: Session, hashes: Sequence[str]) -> set[str]:
    """Return those of the hashes that no kept answer has."""
    known: set[str] = set()
    for part in chunked(hashes):
        rows = session.execute(
            select(RAW_RESPONSE.c.body_hash).where(RAW_RESPONSE.c.body_hash.in_(part)).distinct()
        )
        known |= {row.body_hash for row in rows}
    return set(hashes) - known


def _forget(session: Session, rows: Sequence[AnyRow]) -> list[str]:
    if rows:
        ids = [row.id for row in rows]
        session.execute(delete(RAW_RESPONSE).where(RAW_RESPONSE.c.id.in_(ids)))
    return [row.body_hash for row in rows]


@cache
def _upsert(dialect: str) -> Insert:
    statement = insert_into(dialect, RAW_RESPONSE)
    return statement.on_conflict_do_update(
        index_elements=["source_id", "url_digest", "body_hash"],
        set_={
            name: statement.excluded[name]
            for name in ("fetched_at", "url", "http_status", "content_type", "content_location")
        },
    )


def _response_of(row: AnyRow) -> KeptResponse:
    return KeptResponse(
        asked_url=row.asked_url,
        url=row.url,
        kind=row.kind,
        fetched_at=row.fetched_at,
        body_hash=row.body_hash,
        size=row.size,
        stored_size=row.stored_size,
        http_status=row.http_status,
        content_type=row.content_type,
        content_location=row.content_location,
    )
