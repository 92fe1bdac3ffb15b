"""Merging articles into clusters and splitting them off, by an editor's word."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from feedsvc.domain.cluster import Member, preferred
from feedsvc.domain.decision import ChangeKind
from feedsvc.errors import Conflict, UsageError
from feedsvc.store import articles, clusters
from feedsvc.store.changes import Logged, PublicChange, log_changes
from feedsvc.store.clusters import Act


def merge(
    session: Session, ids: Sequence[int | str], canonical: int | str | None, act: Act
) -> Logged:
    """Make one cluster of articles and of all that are in theirs; feeds then show one of them.

    That is `canonical` where it is named, else the one that `preferred` chooses. Raises `NotFound`,
    and `UsageError` for fewer than two articles or a canonical one that is not among them.
    """
    numbers = {articles.get(session, each).id for each in ids}
    if len(numbers) < 2:
        raise UsageError("ID", "name at least two different articles")
    wanted = articles.get(session, canonical).id if canonical is not None else None
    if wanted is not None and wanted not in numbers:
        raise UsageError("canonical", f"{wanted} is not among the articles named")
    before = clusters.clusters_of(session, numbers)
    members = {one.article: one for each in before.values() for one in each.members}
    chosen = members[wanted] if wanted else preferred(list(members.values()))
    pairs = dict.fromkeys(members, min(each.id for each in before.values()))
    entries = {number for number, one in members.items() if one.is_published}
    clusters.enter(session, pairs, was_entry=entries)
    clusters.note(session, pairs, act)
    return _logged(session, "merged", _show_only(session, [chosen], members.values()), act)


def split(session: Session, article_id: int | str, act: Act) -> Logged:
    """Take an article out of its cluster; feeds then show it beside the one that stays.

    Raises `NotFound`, and `Conflict` for an article that is in no cluster.
    """
    number = articles.get(session, article_id).id
    cluster = clusters.clusters_of(session, [number])[number]
    if len(cluster.members) == 1:
        raise Conflict(f"article {number}", "is in no cluster")
    clusters.note(session, {number: cluster.id}, act)
    own = next(each for each in cluster.members if each.article == number)
    rest = [each for each in cluster.members if each is not own]
    clusters.leave(session, [number] if len(rest) > 1 else [number, rest[0].article])
    stays = next((each for each in rest if each.shown), None) or preferred(rest)
    return _logged(session, "split", _show_only(session, [own, stays], cluster.members), act)


def _show_only(
    session: Session, shown: Collection[Member], members: Collection[Member]
) -> list[int]:
    """Let feeds show these of the members and no others; returns whom that changed."""
    wanted = {each.article for each in shown}
    up = [each.article for each in members if each.article in wanted and not each.shown]
    down = [
        each.article
        for each in members
        # The notice of a withdrawn entry stays: readers have the text that it takes back.
        if each.shown and each.article not in wanted and each.status != "withdrawn"
    ]
    clusters.set_shown(session, up, shown=True)
    clusters.set_shown(session, down, shown=False)
    return sorted([*up, *down])


def _logged(session: Session, kind: ChangeKind, moved: Sequence[int], act: Act) -> Logged:
    """Tell the feeds of the articles that readers can see and that came or went."""
    found = [articles.get(session, each) for each in moved]
    changes = [
        PublicChange(article_id=each.id, revision=each.revision, kind=kind, category=each.category)
        for each in found
        if each.public and each.status != "held"
    ]
    return log_changes(session, changes, act.now, act.now)
