"""Clusters: near-equal articles of different sources, of which feeds show one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from feedsvc.domain.article import Status

ClusterAct = Literal["joined", "merged", "split"]


@dataclass(frozen=True, slots=True)
class Print:
    """What is kept of a text: the number of its 8-grams, the sampled hashes in order, and a mark.

    `mark` stands for title and day, 0 where the title is too short to say anything.
    """

    grams: int
    hashes: tuple[int, ...]
    mark: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What of an article decides whether its cluster shows it.

    `shown` says that feeds show it, or would once it is public; `public` that readers ever could
    see it. Number 0 is an article that is about to be stored.
    """

    article: int
    source: str
    source_title: str
    attribution: str
    title: str
    published_at: datetime
    status: Status
    public: bool
    shown: bool

    @property
    def is_published(self) -> bool:
        """Whether readers have it as an entry of a feed."""
        return self.shown and self.public


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Near-equal articles. `id` is the number of the article that it began with; one alone is none yet."""

    id: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A stored article that shares prints with a draft, and the cluster that it is in, if only its own.

    `marked`: it has the draft's title and day.
    """

    article: int
    print: Print
    cluster: Cluster
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What a lookup found: the neighbours by the index of the draft, and hashes that are boilerplate.

    `full` hashes are in so many articles that one more row would find nothing new.
    """

    neighbours: Mapping[int, tuple[Neighbour, ...]] = field(default_factory=dict)
    boilerplate: frozenset[int] = frozenset()
    full: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How much of the shorter of two texts stands in the other (0 to 1): an article beside another."""

    article: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a new article stands among those there are.

    `cluster` None: alone. `founder` is the one that it begins the cluster with. `hides` are members
    that feeds no longer show; no reader has them yet. `alike` are the articles that share text
    with it, its cluster's and others.
    """

    print: Print
    unindexed: frozenset[int] = frozenset()
    cluster: int | None = None
    shown: bool = True
    hides: tuple[int, ...] = ()
    alike: tuple[Alike, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEvent:
    """One line of a cluster's history; `actor` is "source:<slug>" or "editor:<name>"."""

    article: int
    act: ClusterAct
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """Under which key which source showed an article, and since when."""

    source: str
    key: str
    first_seen_at: datetime
    last_changed_at: datetime
    withdrawn_at: datetime | None = None


def preferred(members: Sequence[Member]) -> Member:
    """Choose the member that feeds show.

    One that readers have as an entry stays, whatever comes later. Else what can be read goes before
    what is held, the outlet that the members' 来源 names before those that name it, and the
    earlier before the later.
    """
    named = {_folded(each.attribution) for each in members if each.attribution}
    return min(
        members,
        key=lambda each: (
            not each.is_published,
            each.status not in {"live", "corrected"},
            _folded(each.source_title) not in named,
            each.published_at,
            each.article or float("inf"),
        ),
    )


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()
