"""Near-equal articles by hand: merging and splitting, with a reason, published at once.

Polls place only new articles, so what an editor decided here stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.curate.publishing import PublishAtOnce
from feedsvc.domain.cluster import Cluster, ClusterAct
from feedsvc.errors import UsageError
from feedsvc.store import articles, clusters, regrouping
from feedsvc.store.clusters import Act
from feedsvc.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouped:
    """What an act left: the cluster of each article named, and the feeds that were published anew."""

    clusters: tuple[Cluster, ...]
    feeds: tuple[str, ...]


class Grouper:
    """Merges and splits; thread-safe."""

    def __init__(self, db: Database, publish: PublishAtOnce, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._publish = publish
        self._clock = clock

    def merge(
        self,
        ids: Sequence[int | str],
        *,
        reason: str,
        actor: str,
        canonical: int | str | None = None,
    ) -> Regrouped:
        """Make one cluster of articles and of all that are in theirs; feeds then show one of them.

        That is `canonical` where it is named, else the outlet's own or the earliest of those that
        readers have. Raises `NotFound`, and `UsageError` for fewer than two articles or no reason.
        """
        act = self._act("merged", reason, actor)
        with self._db.write() as session:
            logged = regrouping.merge(session, ids, canonical, act)
            number = articles.get(session, ids[0]).id
            after = clusters.clusters_of(session, [number])
        self._publish(logged.feeds)
        return Regrouped(clusters=tuple(after.values()), feeds=logged.feeds)

    def split(self, article_id: int | str, *, reason: str, actor: str) -> Regrouped:
        """Take an article out of its cluster; feeds then show it beside the one that stays.

        Raises `NotFound`, `Conflict` for an article that is in no cluster, and `UsageError`
        without a reason.
        """
        act = self._act("split", reason, actor)
        with self._db.write() as session:
            logged = regrouping.split(session, article_id, act)
            number = articles.get(session, article_id).id
            after = clusters.clusters_of(session, [number])
        self._publish(logged.feeds)
        return Regrouped(clusters=tuple(after.values()), feeds=logged.feeds)

    def _act(self, act: ClusterAct, reason: str, actor: str) -> Act:
        if not reason.strip():
            raise UsageError("reason", "give a reason")
        return Act(act=act, reason=reason, actor=actor, now=self._clock())
