"""Candidates: changes that partners want and that wait for an editor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.candidate import Candidate, CandidateKind, CandidateState
from feedsvc.domain.decision import Decision, Known, New, Postponed, Referred
from feedsvc.errors import NotFound
from feedsvc.store.columns import AnyRow, AnySelect, chunked
from feedsvc.store.contents import content_from, content_values
from feedsvc.store.engine import writes
from feedsvc.store.tables import ARTICLE, CANDIDATE, SOURCE


def keep(session: Session, decisions: Sequence[Decision], source_id: int, now: datetime) -> None:
    """Put up what one poll refers to an editor, and let lapse what the source no longer says.

    An article has at most one open candidate of each source: the newest word counts.
    """
    referred: dict[int, Referred] = {}
    for each in decisions:
        if isinstance(each, Referred):
            # Of two items that name one article a withdrawal outweighs the other.
            first = referred.setdefault(each.known.article.id, each)
            if first.kind != "withdrawn" == each.kind:
                referred[each.known.article.id] = each
    respoken = {known.article.id for each in decisions if (known := _said_anew(each))}
    _lapse(session, source_id, sorted(respoken - referred.keys()), now)
    for article_id, each in sorted(referred.items()):
        _put_up(session, source_id, article_id, each, now)


def open_kinds(session: Session, source_id: int) -> dict[int, CandidateKind]:
    """Return which articles of a source wait for an editor, and with what kind of change."""
    rows = session.execute(_OPEN, {"of_source": source_id})
    return {row.article_id: row.kind for row in rows}


_OPEN = select(CANDIDATE.c.article_id, CANDIDATE.c.kind).where(
    CANDIDATE.c.source_id == bindparam("of_source"), CANDIDATE.c.state == "open"
)


def find(
    session: Session, *, state: CandidateState | None = "open", limit: int = 50
) -> list[Candidate]:
    """List candidates in one state (None: in any), newest first."""
    statement = _select_candidates().order_by(CANDIDATE.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(CANDIDATE.c.state == state)
    return [_candidate_of(row) for row in session.execute(statement)]


def get(session: Session, candidate_id: int) -> Candidate:
    """Return one candidate; in a writing transaction nobody else settles it. Raises `NotFound`."""
    statement = _select_candidates().where(CANDIDATE.c.id == candidate_id)
    if writes(session):
        statement = statement.with_for_update(of=CANDIDATE)
    row = session.execute(statement).first()
    if row is None:
        raise NotFound(f"candidate {candidate_id}", "there is no such candidate")
    return _candidate_of(row)


def settle(
    session: Session, candidate_id: int, state: CandidateState, *, actor: str, now: datetime
) -> None:
    """Note what became of an open candidate and who decided so."""
    session.execute(
        update(CANDIDATE)
        .where(CANDIDATE.c.id == candidate_id, CANDIDATE.c.state == "open")
        .values(state=state, settled_at=now, settled_by=actor)
    )


def _said_anew(decision: Decision) -> Known | None:
    """The article of which the source now says something else than before, and means it."""
    if isinstance(decision, New | Referred | Postponed):
        return None
    known = decision.known
    if known is None or known.source_hash in {None, decision.draft.source_hash}:
        return None
    return known


def _lapse(session: Session, source_id: int, article_ids: Sequence[int], now: datetime) -> None:
    for part in chunked(article_ids):
        session.execute(
            update(CANDIDATE)
            .where(
                CANDIDATE.c.article_id.in_(part),
                CANDIDATE.c.source_id == source_id,
                CANDIDATE.c.state == "open",
            )
            .values(state="lapsed", settled_at=now, settled_by="")
        )


def _put_up(
    session: Session, source_id: int, article_id: int, referred: Referred, now: datetime
) -> None:
    _lapse(session, source_id, [article_id], now)
    marker = referred.draft.marker
    values: dict[str, Any] = {
        "article_id": article_id,
        "source_id": source_id,
        "kind": referred.kind,
        "state": "open",
        "reason": referred.reason,
        "evidence": (marker.evidence if marker else "") or referred.draft.keys.primary,
        "proposed": content_values(referred.proposed) if referred.proposed else None,
        "at": now,
        "settled_by": "",
    }
    session.execute(insert(CANDIDATE), [values])


def _select_candidates() -> AnySelect:
    return (
        select(*CANDIDATE.c, ARTICLE.c.title, SOURCE.c.slug.label("source"))
        .join(ARTICLE, ARTICLE.c.id == CANDIDATE.c.article_id)
        .join(SOURCE, SOURCE.c.id == CANDIDATE.c.source_id)
    )


def _candidate_of(row: AnyRow) -> Candidate:
    return Candidate(
        id=row.id,
        article=row.article_id,
        title=row.title,
        source=row.source,
        kind=row.kind,
        reason=row.reason,
        evidence=row.evidence,
        at=row.at,
        state=row.state,
        proposed=content_from(row.proposed) if row.proposed else None,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
