"""Carrying decisions out: new articles, new revisions, and who calls them what; in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.decision import (
    Decision,
    Match,
    New,
    Postponed,
    Retracted,
    Unchanged,
    Updated,
    Withdrawn,
)
from feedsvc.domain.item import UNCLEAR_EMBARGO
from feedsvc.domain.picture import PictureUse
from feedsvc.domain.release import Release
from feedsvc.store import candidates, clusters, fingerprints, pictures, releases, search
from feedsvc.store.bulk import insert_all
from feedsvc.store.changes import PublicChange
from feedsvc.store.columns import chunked
from feedsvc.store.contents import content_values
from feedsvc.store.labels import Told
from feedsvc.store.names import add_aliases, aliases_of, key_digest
from feedsvc.store.revising import PUBLIC_STATES, Revising, keep_revisions, revise_all
from feedsvc.store.tables import APPEARANCE, ARTICLE
from feedsvc.text.pictures import named_pictures

Placed = tuple[Decision, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose decisions are carried out, for which category, and when.

    `category_ids` has the id of every category that a draft names for itself; `pictures` says what
    the source allows; `by` is who is on record where that is not the source itself.
    """

    source_id: int
    source: str
    category_id: int
    category: str
    now: datetime
    category_ids: Mapping[str | None, int] = field(default_factory=dict)
    pictures: PictureUse = "mirror"
    by: str = ""

    @property
    def actor(self) -> str:
        """Who is on record for what changes."""
        return self.by or f"source:{self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was stored, counted, and what of it readers will see."""

    new: int
    updated: int
    withdrawn: int
    changes: tuple[PublicChange, ...]


def save_articles(session: Session, decisions: Sequence[Decision], origin: Origin) -> Saved:
    """Store what one poll's decisions say, in a handful of statements; log nothing yet.

    Raises `StoreBusy` where another transaction has stored or revised one of the articles since
    the decisions were made.
    """
    fresh, changes = _insert_new(session, decisions, origin)
    revisings = _revisings(decisions, origin)
    changes += revise_all(session, revisings, origin.now)
    known = [
        (each, each.known.article.id)
        for each in decisions
        # What is postponed was not heard yet: the next poll is to hear it again.
        if not isinstance(each, New | Postponed) and each.known is not None
    ]
    _save_appearances(session, [*fresh, *known], origin)
    _save_aliases(session, fresh, known)
    candidates.keep(session, decisions, origin.source_id, origin.now)
    _save_embargoes(session, fresh, known, origin)
    changes = _note_pictures(session, fresh, changes, origin)
    withdrawn = sum(each.status == "withdrawn" for each in revisings)
    return Saved(
        new=len(fresh),
        updated=len(revisings) - withdrawn,
        withdrawn=withdrawn,
        changes=tuple(changes),
    )


def _insert_new(
    session: Session, decisions: Sequence[Decision], origin: Origin
) -> tuple[list[Placed], list[PublicChange]]:
    """Insert the new articles and their first revisions; give each decision its article's id."""
    new = {uuid.uuid4().urn: each for each in decisions if isinstance(each, New)}
    if not new:
        return [], []
    rows = [_new_article(guid, each, origin) for guid, each in new.items()]
    insert_all(session, ARTICLE, rows)
    ids = _ids(session, list(new))
    keep_revisions(session, list(ids.values()), actor=origin.actor, now=origin.now)
    changes = [
        PublicChange(
            article_id=ids[guid],
            revision=1,
            kind="new",
            category=each.draft.category or origin.category,
            told=_told(each, origin),
        )
        for guid, each in new.items()
        if each.status in PUBLIC_STATES and _is_shown(each)
    ]
    search.note(session, ids.values())
    _save_places(session, {ids[guid]: each for guid, each in new.items()}, origin)
    return [(each, ids[guid]) for guid, each in new.items()], changes


def _told(decision: New, origin: Origin) -> Told:
    words = decision.draft.content
    return Told(origin.source, decision.draft.published_at, words.tags, words.authors)


def _new_article(guid: str, decision: New, origin: Origin) -> dict[str, Any]:
    draft = decision.draft
    return {
        **content_values(draft.content),
        "guid": guid,
        "source_id": origin.source_id,
        "category_id": origin.category_ids.get(draft.category, origin.category_id),
        "link": draft.link,
        "published_at": draft.published_at,
        "published_precision": draft.published_precision,
        "first_seen_at": origin.now,
        "updated_at": draft.updated_at,
        "status": decision.status,
        "public": decision.status in PUBLIC_STATES,
        "shown": _is_shown(decision),
        "reason": draft.hold_reason,
        "revision": 1,
        "extractor": draft.extractor,
        "edited_fields": [],
    }


def _is_shown(decision: New) -> bool:
    return decision.place is None or decision.place.shown


def _save_places(session: Session, new: Mapping[int, New], origin: Origin) -> None:
    """Keep the new articles' prints, and put those into clusters that repeat others."""
    places = {number: each.place for number, each in new.items() if each.place is not None}
    fingerprints.save(session, places, origin.source_id)
    act = clusters.Act(act="joined", reason="", actor=origin.actor, now=origin.now)
    clusters.join(session, places, act)


def _ids(session: Session, guids: Sequence[str]) -> dict[str, int]:
    """Look the new articles' numbers up: RETURNING would send 50 rows as one statement of 1,400
    parameters, which costs psycopg twice the time of the inserts."""
    found: dict[str, int] = {}
    for part in chunked(guids):
        rows = session.execute(_IDS, {"of_guids": part})
        found |= {row[0]: row[1] for row in rows}
    return found


_IDS = select(ARTICLE.c.guid, ARTICLE.c.id).where(
    ARTICLE.c.guid.in_(bindparam("of_guids", expanding=True))
)


def _note_pictures(
    session: Session, fresh: Sequence[Placed], changes: list[PublicChange], origin: Origin
) -> list[PublicChange]:
    """Want the pictures of new articles; mark those articles that bring one back that we have."""
    if origin.pictures != "mirror":
        return changes
    named = {
        article_id: urls
        for decision, article_id in fresh
        if (urls := named_pictures(decision.draft.content))
    }
    pictured = pictures.note_new(session, named, origin.now)
    if not pictured:
        return changes
    return [
        replace(change, pictured=True) if change.article_id in pictured else change
        for change in changes
    ]


def _revisings(decisions: Sequence[Decision], origin: Origin) -> list[Revising]:
    """Make at most one revision per article: two items of one document may name the same one.

    A withdrawal then outweighs an update, whichever stands first; otherwise the first counts.
    """
    chosen: dict[int, Updated | Withdrawn] = {}
    for each in decisions:
        if isinstance(each, Withdrawn):
            chosen[each.known.article.id] = each
        elif isinstance(each, Updated):
            chosen.setdefault(each.known.article.id, each)
    return [_revising(each, origin) for each in chosen.values()]


def _revising(decision: Updated | Withdrawn, origin: Origin) -> Revising:
    article = decision.known.article
    revising = Revising(
        article_id=article.id,
        base=article.revision,
        content=article.content,
        status="withdrawn",
        reason=decision.reason,
        actor=origin.actor,
        kind="withdrawn",
        updated_at=decision.draft.updated_at,
    )
    if isinstance(decision, Withdrawn):
        return revising
    return replace(
        revising,
        content=decision.content,
        status=decision.status,
        kind=decision.kind,
        extractor=decision.draft.extractor,
    )


def _save_embargoes(
    session: Session, fresh: Sequence[Placed], known: Sequence[Placed], origin: Origin
) -> None:
    """Note until when new articles are held, and where the partner has changed that since."""
    for decision, article_id in fresh:
        until = decision.draft.embargoed_until
        if until is not None and isinstance(decision, New):
            releases.put(
                session,
                Release(
                    article_id=article_id, at=until, approved=decision.approved, actor=origin.actor
                ),
            )
    held = {
        article_id: _embargo_of(decision, origin)
        for decision, article_id in known
        if not isinstance(decision, New)
        and decision.known is not None
        and decision.known.same_source
        and decision.known.article.status == "held"
    }
    releases.follow(session, held, origin.actor)


def _embargo_of(decision: Decision, origin: Origin) -> datetime | None:
    """The minute that the partner names now: at once where it names none, None where it is unreadable."""
    draft = decision.draft
    if any(repair.kind == UNCLEAR_EMBARGO for repair in draft.repairs):
        return None
    return draft.embargoed_until or origin.now


def _save_appearances(session: Session, placed: Sequence[Placed], origin: Origin) -> None:
    """Note under which key the source showed each article, and what it said this time."""
    added: dict[bytes, dict[str, Any]] = {}
    changed = []
    for decision, article_id in placed:
        values = _appearance(decision, article_id, origin)
        known = None if isinstance(decision, New) else decision.known
        if known is None or known.match != "key":
            added.setdefault(values["key_digest"], values)
        elif known.source_hash != values["source_hash"]:
            changed.append(
                {
                    "of_digest": values["key_digest"],
                    "to_hash": values["source_hash"],
                    "to_withdrawn_at": values["withdrawn_at"],
                }
            )
    if added:
        insert_all(session, APPEARANCE, list(added.values()))
    if changed:
        session.execute(_update_appearance(origin), changed)


def _appearance(decision: Decision, article_id: int, origin: Origin) -> dict[str, Any]:
    draft = decision.draft
    return {
        "source_id": origin.source_id,
        "key_digest": key_digest(draft.keys),
        "key": draft.keys.primary,
        "article_id": article_id,
        "source_hash": draft.source_hash,
        "first_seen_at": origin.now,
        "last_changed_at": origin.now,
        "withdrawn_at": origin.now if isinstance(decision, Withdrawn | Retracted) else None,
    }


def _update_appearance(origin: Origin) -> Any:
    return (
        update(APPEARANCE)
        .where(
            APPEARANCE.c.source_id == origin.source_id,
            APPEARANCE.c.key_digest == bindparam("of_digest"),
        )
        .values(
            source_hash=bindparam("to_hash"),
            last_changed_at=origin.now,
            withdrawn_at=bindparam("to_withdrawn_at", type_=APPEARANCE.c.withdrawn_at.type),
        )
    )


def _save_aliases(session: Session, fresh: Sequence[Placed], known: Sequence[Placed]) -> None:
    """Keep the URLs and hashes that name each article; within one poll the first user has a name."""
    telling = [(each, article_id) for each, article_id in known if not isinstance(each, Unchanged)]
    wanted: dict[bytes, tuple[Match, int]] = {}
    for decision, article_id in [*fresh, *telling]:
        for alias in aliases_of(decision.draft.keys):
            wanted.setdefault(alias.digest, (alias.kind, article_id))
    if wanted:
        add_aliases(session, wanted, {article_id for _, article_id in fresh})
