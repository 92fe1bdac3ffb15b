"""What is still to be told to the world: at least once, the newest word of each subject only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Insert, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.store.columns import later
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import OUTBOX

# The topic of feeds whose documents are to be made anew; the subject is the feed's slug.
PUBLISH = "publish"
# The topic of articles whose pictures may be served from now on, or no longer; the subject is the
# article's number, or the hash of one picture.
PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One thing to tell, leased to us: `cursor` is the newest change known when it was claimed."""

    id: int
    topic: str
    subject: str
    cursor: int
    lease: int


def put(session: Session, topic: str, subject: str, cursor: int, due_at: datetime) -> None:
    """Ask for `subject` to be told at `due_at`; what is asked for already keeps its earlier time."""
    put_all(session, topic, {subject: cursor}, due_at)


def put_all(session: Session, topic: str, cursors: Mapping[str, int], due_at: datetime) -> None:
    """Put several subjects, each with its cursor, in one statement.

    The highest cursor is kept. A word that comes while another worker is busy with an older one
    starts waiting anew, since that worker may have read before it.
    """
    rows = [
        {"topic": topic, "subject": subject, "cursor": cursor, "due_at": due_at, "lease": 0}
        for subject, cursor in sorted(cursors.items())
    ]
    if rows:
        session.execute(_upsert(dialect_of(session)), rows)


@cache
def _upsert(dialect: str) -> Insert:
    statement = insert_into(dialect, OUTBOX)
    theirs = statement.excluded
    being_told = and_(
        OUTBOX.c.lease_expires_at.is_not(None), OUTBOX.c.lease_expires_at > theirs.due_at
    )
    return statement.on_conflict_do_update(
        index_elements=["topic", "subject"],
        set_={
            "cursor": later(OUTBOX.c.cursor, theirs.cursor),
            "due_at": case(
                (or_(being_told, OUTBOX.c.due_at > theirs.due_at), theirs.due_at),
                else_=OUTBOX.c.due_at,
            ),
        },
    )


def claim(
    session: Session, topic: str, now: datetime, *, limit: int, seconds: float
) -> list[Errand]:
    """Lease up to `limit` due errands for `seconds`; each goes to one worker at a time."""
    due = (
        select(OUTBOX.c.id)
        .where(
            OUTBOX.c.topic == topic,
            OUTBOX.c.due_at <= now,
            or_(OUTBOX.c.lease_expires_at.is_(None), OUTBOX.c.lease_expires_at <= now),
        )
        .order_by(OUTBOX.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(OUTBOX)
        .where(OUTBOX.c.id.in_(select(due.c.id)))
        .values(lease=OUTBOX.c.lease + 1, lease_expires_at=now + timedelta(seconds=seconds))
        .returning(OUTBOX.c.id, OUTBOX.c.topic, OUTBOX.c.subject, OUTBOX.c.cursor, OUTBOX.c.lease)
    )
    return [Errand(**row._mapping) for row in session.execute(statement)]


def settle(session: Session, errand: Errand) -> None:
    """Strike an errand off; if a newer word was put meanwhile it stays and is due again.

    An errand whose lease another worker has taken over is left to that worker.
    """
    ours = and_(OUTBOX.c.id == errand.id, OUTBOX.c.lease == errand.lease)
    told = session.execute(
        delete(OUTBOX).where(ours, OUTBOX.c.cursor <= errand.cursor).returning(OUTBOX.c.id)
    ).first()
    if told is None:
        session.execute(update(OUTBOX).where(ours).values(lease_expires_at=None))


def pending(session: Session, topic: str) -> int:
    """Count the subjects of a topic that are still to be told."""
    count = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.topic == topic)
    return int(session.execute(count).scalar_one())
