"""Which new articles repeat others: from shared prints to a place in a cluster. Pure.

A text that stands to `SAME` in an article of another source is that article again, and feeds show
one of them. Less than that is a relation, which articles name and feeds do not care about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from feedsvc.domain.article import Draft
from feedsvc.domain.cluster import (
    Alike,
    Cluster,
    Member,
    Neighbour,
    Neighbourhood,
    Place,
    Print,
    preferred,
)
from feedsvc.domain.decision import Decision, New
from feedsvc.domain.source import Source
from feedsvc.text.fingerprints import TARGET, likeness, print_of_article

SAME = 0.7
RELATED = 0.35
# Fewer hashes in common are a quotation or a long official name.
LEAST_SHARED = 8
# A brief within a round-up is not the round-up: a repost keeps more than this of the original.
LEAST_PART = 0.2
# What was news a month ago is another piece of news, even in the same words (a yearly notice).
LONGEST_APART = timedelta(days=30)
# Texts with fewer grams say too little; there title and day decide, unless the texts gainsay it.
FEW_GRAMS = 16
RELATIONS_KEPT = 8

LookUp = Callable[[Sequence[Print]], Neighbourhood]


def grouped(decisions: Sequence[Decision], source: Source, look_up: LookUp) -> tuple[Decision, ...]:
    """Give each new article its place among those there are; other decisions stay as they are."""
    new = [each for each in decisions if isinstance(each, New)]
    if not new:
        return tuple(decisions)
    prints = [_print_of(each.draft) for each in new]
    found = look_up(prints)
    placed = iter(
        replace(each, place=_place(each, made, source, found.neighbours.get(at, ()), found))
        for at, (each, made) in enumerate(zip(new, prints, strict=True))
    )
    return tuple(next(placed) if isinstance(each, New) else each for each in decisions)


def compared(
    made: Print, other: Print, boilerplate: frozenset[int] = frozenset()
) -> tuple[float, bool]:
    """Return how alike two texts are (0 to 1), and whether they are one article."""
    found = likeness(made, other, boilerplate)
    score = found.containment if found.shared >= LEAST_SHARED else 0.0
    shorter, longer = sorted((made.grams, other.grams))
    if made.mark and made.mark == other.mark:
        # Two short texts may share all they have and still fewer hashes than a long quotation does;
        # of a headline beside a long text nothing is left in the sample.
        wordless = shorter == 0 or (shorter < FEW_GRAMS and longer > TARGET)
        score = max(found.containment, RELATED if wordless else 0.0)
        return score, score >= RELATED
    return score, score >= SAME and shorter >= LEAST_PART * longer


def _print_of(draft: Draft) -> Print:
    content = draft.content
    return print_of_article(content.title, content.body_html, draft.published_at)


def _place(
    new: New,
    made: Print,
    source: Source,
    neighbours: Sequence[Neighbour],
    found: Neighbourhood,
) -> Place:
    scored = [(each, *compared(made, each.print, found.boilerplate)) for each in neighbours]
    alike = sorted(
        (Alike(article=each.article, score=score) for each, score, _ in scored if score >= RELATED),
        key=lambda each: (-each.score, each.article),
    )
    unindexed = (found.boilerplate | found.full).intersection((*made.hashes, made.mark))
    place = Place(print=made, unindexed=frozenset(unindexed), alike=tuple(alike[:RELATIONS_KEPT]))
    same = [
        (score, each.cluster)
        for each, score, is_same in scored
        if is_same and _may_join(new, source, each)
    ]
    if not same:
        return place
    _, cluster = max(same, key=lambda each: (each[0], -each[1].id))
    return _joined(place, cluster, _member_of(new, source))


def _may_join(new: New, source: Source, other: Neighbour) -> bool:
    """A source does not repeat itself: its weather notes are near-equal every day, and all are news."""
    members = other.cluster.members
    if any(each.source == source.slug for each in members):
        return False
    at = next(each.published_at for each in members if each.article == other.article)
    return abs(new.draft.published_at - at) <= LONGEST_APART


def _joined(place: Place, cluster: Cluster, member: Member) -> Place:
    chosen = preferred([*cluster.members, member])
    hides = tuple(each.article for each in cluster.members if each.shown and each != chosen)
    shown = chosen is member
    return replace(place, cluster=cluster.id, shown=shown, hides=hides if shown else ())


def _member_of(new: New, source: Source) -> Member:
    content = new.draft.content
    return Member(
        article=0,
        source=source.slug,
        source_title=source.title or source.slug,
        attribution=content.attribution,
        title=content.title,
        published_at=new.draft.published_at,
        status=new.status,
        public=False,
        shown=False,
    )
