"""Layouts: what was learned of how sources look, and the rules that would read them now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.domain.layout import Layout, Profile
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import ARTICLE, LAYOUT, PAGE

# Articles whose names tell a list of theirs from other lists of the same page.
NAMES_KNOWN = 100


def get(session: Session, source_id: int) -> Layout:
    """Return what is known of a source's layout; an empty one for a source that has not been polled."""
    row = session.execute(select(LAYOUT).where(LAYOUT.c.source_id == source_id)).first()
    if row is None:
        return Layout()
    return Layout(
        profile=Profile(**row.profile),
        suspected=row.suspected,
        changed_at=row.changed_at,
        reasons=tuple(row.reasons),
        bad_links=tuple(row.bad_links),
        proposal=row.proposal,
    )


def keep(session: Session, source_id: int, layout: Layout) -> None:
    """Keep what a poll learned in place of what was known before."""
    statement = insert_into(dialect_of(session), LAYOUT).values(
        source_id=source_id,
        profile=asdict(layout.profile),
        suspected=layout.suspected,
        changed_at=layout.changed_at,
        reasons=list(layout.reasons),
        bad_links=list(layout.bad_links),
        proposal=_plain(layout.proposal),
    )
    columns = ("profile", "suspected", "changed_at", "reasons", "bad_links", "proposal")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source_id"],
            set_={name: statement.excluded[name] for name in columns},
        )
    )


def known_names(session: Session, source_id: int) -> list[str]:
    """Return the links and headlines of the newest articles of a source, as a survey wants them."""
    rows = session.execute(
        select(ARTICLE.c.link, ARTICLE.c.title)
        .where(ARTICLE.c.source_id == source_id)
        .order_by(ARTICLE.c.id.desc())
        .limit(NAMES_KNOWN)
    )
    return [name for row in rows for name in (row.link, row.title) if name]


def listed_links(session: Session, source_id: int) -> list[str]:
    """Return the known links that the source's list showed when it was last read."""
    listed = PAGE.c.listed.is_(True) & (PAGE.c.source_id == source_id)
    return [row.link for row in session.execute(select(PAGE.c.link).where(listed))]


def _plain(rules: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if rules is None else dict(rules)
