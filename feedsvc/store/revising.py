"""Giving articles a new state: the one way in which a stored article changes, for polls and editors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, insert, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.article import Content, Status
from feedsvc.domain.cluster import Print
from feedsvc.domain.decision import ChangeKind
from feedsvc.errors import NotFound, StoreBusy
from feedsvc.store import clusters, fingerprints, pictures, search
from feedsvc.store.changes import PublicChange
from feedsvc.store.columns import AnyRow, UtcDateTime, chunked
from feedsvc.store.contents import NAMES as CONTENT
from feedsvc.store.contents import content_values
from feedsvc.store.tables import ARTICLE, CATEGORY, REVISION, SOURCE
from feedsvc.text.fingerprints import print_of_article
from feedsvc.text.pictures import named_pictures

PUBLIC_STATES = ("live", "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revising:
    """The next state of one article.

    `base` is the revision that it was decided on. `updated_at` is the time that the partner or
    editor gives it. `extractor` and `edited_fields` None: as they were. `published_at` is given
    where an article is released that nobody has read yet, and never otherwise.
    """

    article_id: int
    base: int
    content: Content
    status: Status
    reason: str
    actor: str
    kind: ChangeKind
    updated_at: datetime
    extractor: str | None = None
    edited_fields: tuple[str, ...] | None = None
    published_at: datetime | None = None


def revise_all(
    session: Session, revisings: Sequence[Revising], now: datetime
) -> list[PublicChange]:
    """Keep a revision of each article (one per article) and return the changes that readers see.

    `updated_at` becomes the given time where that is newer, else `now`, and never goes back. An
    article that was never shown changes unseen. Raises `NotFound`, and `StoreBusy` where another
    transaction has revised an article since it was read: decide again.
    """
    if not revisings:
        return []
    rows = _locked(session, [each.article_id for each in revisings])
    for each in revisings:
        _check_base(each, rows.get(each.article_id))
    session.execute(
        _UPDATE, [_article_values(each, rows[each.article_id], now) for each in revisings]
    )
    shown = _shown(session, revisings, rows)
    fingerprints.renew(session, _prints(revisings, rows))
    search.note(session, rows)
    for actor in sorted({each.actor for each in revisings}):
        ids = [each.article_id for each in revisings if each.actor == actor]
        keep_revisions(session, ids, actor=actor, now=now)
    named = {each.article_id: _named(each, rows[each.article_id]) for each in revisings}
    pictured = pictures.note_revised(session, named, now)
    return [
        PublicChange(
            article_id=each.article_id,
            revision=each.base + 1,
            kind=each.kind,
            category=rows[each.article_id].category,
            pictured=each.article_id in pictured,
        )
        for each in revisings
        if _is_public(each, rows[each.article_id]) and each.article_id in shown
    ]


def _prints(revisings: Sequence[Revising], rows: dict[int, AnyRow]) -> dict[int, tuple[int, Print]]:
    return {
        each.article_id: (
            row.source_id,
            print_of_article(
                each.content.title, each.content.body_html, each.published_at or row.published_at
            ),
        )
        for each in revisings
        if (row := rows[each.article_id])
    }


def _shown(session: Session, revisings: Sequence[Revising], rows: dict[int, AnyRow]) -> set[int]:
    """Find which of the articles feeds show, now that these were revised."""
    hidden = {each.article_id: each for each in revisings if not rows[each.article_id].shown}
    first = [
        each.article_id
        for each in revisings
        if each.status in PUBLIC_STATES and not rows[each.article_id].public
    ]
    withdrawn = [number for number, each in hidden.items() if each.status == "withdrawn"]
    turned_up = clusters.turn_up(session, first, withdrawn)
    return {each.article_id for each in revisings} - hidden.keys() | turned_up


def keep_revisions(session: Session, ids: Sequence[int], *, actor: str, now: datetime) -> None:
    """Keep the articles' present state as the revision that they count; the words stay in the database."""
    for part in chunked(ids):
        session.execute(_KEEP, {"of_ids": part, "by_actor": actor, "at_time": now})


_COPIED = ("status", "reason", *CONTENT)
# Copied inside the database: sending the words a second time would double the cost of a poll.
_KEEP = insert(REVISION).from_select(
    ["article_id", "number", "actor", "at", *_COPIED],
    select(
        ARTICLE.c.id,
        ARTICLE.c.revision,
        bindparam("by_actor", type_=Text()),
        bindparam("at_time", type_=UtcDateTime()),
        *(ARTICLE.c[name] for name in _COPIED),
    ).where(ARTICLE.c.id.in_(bindparam("of_ids", expanding=True))),
)
_CHANGED = (
    *CONTENT, "status", "public", "reason", "revision", "updated_at",
    "withdrawn_at", "extractor", "edited_fields", "published_at",
)  # fmt: skip
_UPDATE = (
    update(ARTICLE)
    .where(ARTICLE.c.id == bindparam("of_id"))
    .values({name: bindparam(name, type_=ARTICLE.c[name].type) for name in _CHANGED})
)


def _locked(session: Session, ids: Sequence[int]) -> dict[int, AnyRow]:
    """Read the articles' present state and keep others from revising them until the commit."""
    rows: dict[int, AnyRow] = {}
    for part in chunked(sorted(ids)):
        found = session.execute(
            select(
                ARTICLE.c.id,
                ARTICLE.c.revision,
                ARTICLE.c.source_id,
                ARTICLE.c.published_at,
                ARTICLE.c.public,
                ARTICLE.c.shown,
                ARTICLE.c.updated_at,
                ARTICLE.c.withdrawn_at,
                ARTICLE.c.extractor,
                ARTICLE.c.edited_fields,
                CATEGORY.c.slug.label("category"),
                SOURCE.c.pictures,
            )
            .join(CATEGORY, CATEGORY.c.id == ARTICLE.c.category_id)
            .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
            .where(ARTICLE.c.id.in_(part))
            .order_by(ARTICLE.c.id)
            .with_for_update(of=ARTICLE, key_share=True)
        )
        rows |= {row.id: row for row in found}
    return rows


def _named(revising: Revising, row: AnyRow) -> tuple[str, ...]:
    return named_pictures(revising.content) if row.pictures == "mirror" else ()


def _check_base(revising: Revising, row: AnyRow | None) -> None:
    if row is None:
        raise NotFound(f"article {revising.article_id}", "there is no such article")
    if row.revision != revising.base:
        raise StoreBusy(f"article {revising.article_id}", "was changed meanwhile; try again")


def _is_public(revising: Revising, row: AnyRow) -> bool:
    return bool(row.public) or revising.status in PUBLIC_STATES


def _article_values(revising: Revising, row: AnyRow, now: datetime) -> dict[str, Any]:
    claimed = revising.updated_at if revising.updated_at > row.updated_at else now
    edited = row.edited_fields if revising.edited_fields is None else list(revising.edited_fields)
    withdrawn = revising.status == "withdrawn"
    return {
        **content_values(revising.content),
        "of_id": revising.article_id,
        "status": revising.status,
        "public": _is_public(revising, row),
        "reason": revising.reason,
        "revision": revising.base + 1,
        "updated_at": max(claimed, row.updated_at),
        "withdrawn_at": (row.withdrawn_at or now) if withdrawn else None,
        "extractor": row.extractor if revising.extractor is None else revising.extractor,
        "edited_fields": edited,
        "published_at": row.published_at
        if row.public
        else revising.published_at or row.published_at,
    }
