"""Clusters: who is in which, whom feeds show, and the history of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from feedsvc.domain.cluster import (
    Appearance,
    Cluster,
    ClusterAct,
    ClusterEvent,
    Member,
    Place,
    preferred,
)
from feedsvc.store import search
from feedsvc.store.columns import AnyRow, AnySelect, chunked
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import APPEARANCE, ARTICLE, SOURCE
from feedsvc.store.tables_identity import ALIKE, CLUSTER_EVENT, CLUSTER_MEMBER, FINGERPRINT, SKETCH

PUBLIC_STATES = ("live", "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is done, for the record."""

    act: ClusterAct
    reason: str
    actor: str
    now: datetime


def clusters_of(session: Session, articles: Collection[int]) -> dict[int, Cluster]:
    """Return the cluster of each article, in two statements; one that is in none has its own number."""
    belongs: dict[int, int] = {}
    for part in chunked(sorted(articles)):
        rows = session.execute(
            select(CLUSTER_MEMBER.c.article_id, CLUSTER_MEMBER.c.cluster_id).where(
                CLUSTER_MEMBER.c.article_id.in_(part)
            )
        )
        belongs |= {row.article_id: row.cluster_id for row in rows}
    members = _members(session, [each for each in articles if each not in belongs], belongs)
    return {
        each: Cluster(id=belongs.get(each, each), members=tuple(members[belongs.get(each, each)]))
        for each in articles
        if members[belongs.get(each, each)]
    }


def join(session: Session, places: Mapping[int, Place], act: Act) -> None:
    """Put new articles, by their numbers, into the clusters that their places name."""
    joining = {number: each for number, each in places.items() if each.cluster is not None}
    if not joining:
        return
    hidden = {each for place in joining.values() for each in place.hides}
    set_shown(session, hidden, shown=False)
    pairs = {number: place.cluster for number, place in joining.items() if place.cluster}
    founders = {cluster: cluster for cluster in pairs.values()}
    enter(session, founders | pairs, was_entry=())
    note(session, pairs, act)


def enter(session: Session, pairs: Mapping[int, int], was_entry: Collection[int]) -> None:
    """Put articles into clusters (number → cluster); where one is in that cluster already, it stays."""
    rows = [
        {"article_id": number, "cluster_id": cluster, "was_entry": number in was_entry}
        for number, cluster in sorted(pairs.items())
    ]
    statement = insert_into(dialect_of(session), CLUSTER_MEMBER)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["article_id"],
            set_={
                "cluster_id": statement.excluded.cluster_id,
                "was_entry": or_(CLUSTER_MEMBER.c.was_entry, statement.excluded.was_entry),
            },
        ),
        rows,
    )


def leave(session: Session, numbers: Iterable[int]) -> None:
    """Take articles out of their clusters."""
    for part in chunked(sorted(numbers)):
        session.execute(delete(CLUSTER_MEMBER).where(CLUSTER_MEMBER.c.article_id.in_(part)))


def set_shown(session: Session, numbers: Iterable[int], *, shown: bool) -> None:
    """Let feeds show these articles, or no longer."""
    for part in chunked(sorted(numbers)):
        session.execute(update(ARTICLE).where(ARTICLE.c.id.in_(part)).values(shown=shown))


def note(session: Session, pairs: Mapping[int, int], act: Act) -> None:
    """Write down what was done to articles (number → cluster)."""
    rows = [
        {
            "cluster_id": cluster, "article_id": number, "act": act.act, "reason": act.reason,
            "actor": act.actor, "at": act.now,
        }
        for number, cluster in sorted(pairs.items())
    ]  # fmt: skip
    if rows:
        session.execute(insert(CLUSTER_EVENT), rows)


def history(session: Session, article_id: int) -> list[ClusterEvent]:
    """Return what was done to the cluster that an article is in, and to itself before, in order."""
    own = select(CLUSTER_MEMBER.c.cluster_id).where(CLUSTER_MEMBER.c.article_id == article_id)
    rows = session.execute(
        select(CLUSTER_EVENT)
        .where(
            or_(
                CLUSTER_EVENT.c.article_id == article_id,
                CLUSTER_EVENT.c.cluster_id == own.scalar_subquery(),
            )
        )
        .order_by(CLUSTER_EVENT.c.id)
    )
    return [
        ClusterEvent(
            article=row.article_id, act=row.act, reason=row.reason, actor=row.actor, at=row.at
        )
        for row in rows
    ]


def appearances(session: Session, article_id: int) -> list[Appearance]:
    """Return under which keys which sources showed an article, the first one first."""
    rows = session.execute(
        select(
            SOURCE.c.slug.label("source"),
            APPEARANCE.c.key,
            APPEARANCE.c.first_seen_at,
            APPEARANCE.c.last_changed_at,
            APPEARANCE.c.withdrawn_at,
        )
        .join(SOURCE, SOURCE.c.id == APPEARANCE.c.source_id)
        .where(APPEARANCE.c.article_id == article_id)
        .order_by(APPEARANCE.c.id)
    )
    return [Appearance(**row._mapping) for row in rows]


def bereft(session: Session, *, limit: int = 50) -> list[Cluster]:
    """Return clusters whose entry was withdrawn while others that nobody shows can be read.

    They wait for an editor: nothing is shown in the entry's stead by itself.
    """
    other, theirs = aliased(CLUSTER_MEMBER), aliased(ARTICLE)
    left = (
        select(other.c.article_id)
        .join(theirs, theirs.c.id == other.c.article_id)
        .where(other.c.cluster_id == CLUSTER_MEMBER.c.cluster_id)
        .where(theirs.c.status.in_(PUBLIC_STATES), theirs.c.shown.is_(False))
    )
    gone = (
        select(ARTICLE.c.id)
        .join(CLUSTER_MEMBER, CLUSTER_MEMBER.c.article_id == ARTICLE.c.id)
        .where(ARTICLE.c.withdrawn_at.is_not(None), ARTICLE.c.shown, left.exists())
        .order_by(ARTICLE.c.withdrawn_at.desc())
        .limit(limit)
    )
    numbers = [row.id for row in session.execute(gone)]
    found = clusters_of(session, numbers)
    return [found[each] for each in numbers]


def latest(session: Session, *, limit: int = 50) -> list[Cluster]:
    """Return clusters, the last founded first."""
    rows = session.execute(
        select(CLUSTER_MEMBER.c.cluster_id)
        .distinct()
        .order_by(CLUSTER_MEMBER.c.cluster_id.desc())
        .limit(limit)
    )
    wanted = [row.cluster_id for row in rows]
    members = _members(session, [], dict(enumerate(wanted)))
    return [Cluster(id=each, members=tuple(members[each])) for each in wanted]


def dissolve(session: Session, articles: AnySelect) -> None:
    """Take articles that are about to be deleted out of everything that compares articles."""
    numbers = {row.id for row in session.execute(articles)}
    search.forget(session, numbers)
    found = clusters_of(session, numbers)
    for table in (CLUSTER_MEMBER, CLUSTER_EVENT, FINGERPRINT, SKETCH):
        session.execute(delete(table).where(table.c.article_id.in_(articles)))
    session.execute(
        delete(ALIKE).where(or_(ALIKE.c.article_id.in_(articles), ALIKE.c.other_id.in_(articles)))
    )
    for cluster in {each.id: each for each in found.values()}.values():
        left = [each for each in cluster.members if each.article not in numbers]
        if left and not any(each.shown for each in left):
            set_shown(session, [preferred(left).article], shown=True)


def turn_up(session: Session, published: Collection[int], withdrawn: Collection[int]) -> set[int]:
    """Let feeds show what they must, now that articles were published for the first time or withdrawn.

    One that is published enters the feeds where no member of its cluster ever did. One that is
    withdrawn and once was an entry comes back as its notice, since readers still have its text.
    Returns which of them turned up.
    """
    if not published and not withdrawn:
        return set()
    found = clusters_of(session, {*published, *withdrawn})
    up = {each for each in withdrawn if each in _were_entries(session, withdrawn)}
    down = set()
    for number in sorted(published):
        members = found[number].members
        if any(each.is_published for each in members if each.article != number):
            continue
        up.add(number)
        down |= {each.article for each in members if each.shown and each.article != number}
    set_shown(session, down, shown=False)
    set_shown(session, up, shown=True)
    return up


def _were_entries(session: Session, numbers: Collection[int]) -> set[int]:
    rows = session.execute(
        select(CLUSTER_MEMBER.c.article_id).where(
            and_(CLUSTER_MEMBER.c.article_id.in_(sorted(numbers)), CLUSTER_MEMBER.c.was_entry)
        )
    )
    return {row.article_id for row in rows}


def _members(
    session: Session, alone: Sequence[int], belongs: Mapping[int, int]
) -> dict[int, list[Member]]:
    """Read the members of the clusters in `belongs`, and the articles in `alone` under their own number."""
    found: dict[int, list[Member]] = defaultdict(list)
    for part in chunked(sorted(alone)):
        for row in session.execute(_select_members().where(ARTICLE.c.id.in_(part))):
            found[row.id].append(_member_of(row))
    for part in chunked(sorted(set(belongs.values()))):
        rows = session.execute(
            _select_members()
            .add_columns(CLUSTER_MEMBER.c.cluster_id)
            .join(CLUSTER_MEMBER, CLUSTER_MEMBER.c.article_id == ARTICLE.c.id)
            .where(CLUSTER_MEMBER.c.cluster_id.in_(part))
            .order_by(ARTICLE.c.id)
        )
        for row in rows:
            found[row.cluster_id].append(_member_of(row))
    return found


def _select_members() -> AnySelect:
    return select(
        ARTICLE.c.id,
        SOURCE.c.slug.label("source"),
        SOURCE.c.title.label("source_title"),
        ARTICLE.c.attribution,
        ARTICLE.c.title,
        ARTICLE.c.published_at,
        ARTICLE.c.status,
        ARTICLE.c.public,
        ARTICLE.c.shown,
    ).join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)


def _member_of(row: AnyRow) -> Member:
    return Member(
        article=row.id,
        source=row.source,
        source_title=row.source_title or row.source,
        attribution=row.attribution,
        title=row.title,
        published_at=row.published_at,
        status=row.status,
        public=row.public,
        shown=row.shown,
    )
