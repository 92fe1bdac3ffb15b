"""All that is known of an article's identity: appearances, cluster and its history, what it is like."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from feedsvc.domain.cluster import Alike, Appearance, Cluster, ClusterEvent
from feedsvc.store import clusters, fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """An article's appearances, its cluster (itself alone: none), and articles that share text with it."""

    appearances: tuple[Appearance, ...]
    cluster: Cluster
    alike: tuple[Alike, ...]
    history: tuple[ClusterEvent, ...]


def read(session: Session, article_id: int) -> Kin:
    """Return the kin of a stored article."""
    return Kin(
        appearances=tuple(clusters.appearances(session, article_id)),
        cluster=clusters.clusters_of(session, [article_id])[article_id],
        alike=tuple(fingerprints.alike_to(session, article_id)),
        history=tuple(clusters.history(session, article_id)),
    )
