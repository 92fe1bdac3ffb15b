"""Runs: the record of every poll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import Rejection
from feedsvc.domain.run import Run, RunError
from feedsvc.store.bulk import insert_all
from feedsvc.store.columns import AnyRow, AnySelect
from feedsvc.store.tables import RUN, SOURCE


def record(session: Session, source_id: int, run: Run) -> None:
    """Keep one run."""
    record_all(session, [(source_id, run)])


def record_all(session: Session, polled: Sequence[tuple[int, Run]]) -> None:
    """Keep runs, each with the id of its source, in one statement."""
    insert_all(session, RUN, [_values(source_id, run) for source_id, run in polled])


def _values(source_id: int, run: Run) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "status": run.status,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "http_status": run.http_status,
        "wire_bytes": run.wire_bytes,
        "seen": run.seen,
        "new": run.new,
        "updated": run.updated,
        "withdrawn": run.withdrawn,
        "repairs": [asdict(repair) for repair in run.repairs],
        "rejections": [asdict(rejection) for rejection in run.rejections],
        "error_kind": run.error.kind if run.error else None,
        "error_message": run.error.message if run.error else None,
        "error_permanent": bool(run.error and run.error.permanent),
    }


def latest(session: Session, slug: str, limit: int = 20) -> list[Run]:
    """Return the last runs of one source, newest first."""
    statement = _select_runs().where(SOURCE.c.slug == slug).order_by(RUN.c.id.desc()).limit(limit)
    return [_run_of(row) for row in session.execute(statement)]


def latest_each(session: Session) -> dict[str, Run]:
    """Return the last run of every source that has one, by slug.

    One look into the index per source: the log may hold thousands of runs of each.
    """
    other = RUN.alias()
    newest = select(func.max(other.c.id)).where(other.c.source_id == SOURCE.c.id).scalar_subquery()
    rows = session.execute(_select_runs().where(RUN.c.id == newest))
    return {row.source: _run_of(row) for row in rows}


def prune(session: Session, before: datetime, *, after_id: int, limit: int) -> int | None:
    """Delete old runs among the next `limit` after this id; None when a newer run has been reached.

    Ids follow time, so nothing is read beyond the first run that stays. The last run of each
    source stays however old it is. Otherwise the id from which to go on is returned.
    """
    rows = session.execute(
        select(RUN.c.id, RUN.c.finished_at)
        .where(RUN.c.id > after_id)
        .order_by(RUN.c.id)
        .limit(limit)
    ).all()
    old = [row.id for row in rows if row.finished_at < before]
    if not old:
        return None
    newer = RUN.alias()
    has_newer = exists().where(newer.c.source_id == RUN.c.source_id, newer.c.id > RUN.c.id)
    in_part = (RUN.c.id >= old[0], RUN.c.id <= old[-1], RUN.c.finished_at < before)
    session.execute(delete(RUN).where(*in_part, has_newer))
    return old[-1] if len(old) == limit else None


def _select_runs() -> AnySelect:
    return select(SOURCE.c.slug.label("source"), *RUN.c).join(
        SOURCE, SOURCE.c.id == RUN.c.source_id
    )


def _run_of(row: AnyRow) -> Run:
    error = None
    if row.error_kind is not None:
        error = RunError(
            kind=row.error_kind, message=row.error_message, permanent=row.error_permanent
        )
    return Run(
        source=row.source,
        status=row.status,
        started_at=row.started_at,
        finished_at=row.finished_at,
        http_status=row.http_status,
        wire_bytes=row.wire_bytes,
        seen=row.seen,
        new=row.new,
        updated=row.updated,
        withdrawn=row.withdrawn,
        repairs=tuple(Repair(**each) for each in row.repairs),
        rejections=tuple(Rejection(**each) for each in row.rejections),
        error=error,
    )
