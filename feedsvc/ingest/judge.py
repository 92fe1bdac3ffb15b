"""Items → drafts → decisions, for all that come in: polls, files, kept answers that are read anew. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc.domain.article import Draft, Keys
from feedsvc.domain.candidate import CandidateKind
from feedsvc.domain.decision import Decision, Known
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import Rejection
from feedsvc.domain.screening import House
from feedsvc.domain.source import Source
from feedsvc.ingest.decide import decide
from feedsvc.ingest.normalise import normalise
from feedsvc.ingest.screen import Verdict, screen


def normalised(
    keyed: Sequence[tuple[Item, Keys]], seen_at: datetime
) -> tuple[tuple[Draft, ...], tuple[Rejection, ...]]:
    """Make drafts of items; what there is nothing to keep of is a rejection."""
    results = [normalise(item, keys, seen_at=seen_at) for item, keys in keyed]
    return (
        tuple(result for result in results if isinstance(result, Draft)),
        tuple(result for result in results if isinstance(result, Rejection)),
    )


def screened(
    drafts: tuple[Draft, ...], rules: House
) -> tuple[tuple[Draft, ...], tuple[Rejection, ...]]:
    """Apply the house's rules; a partner's withdrawal is none of their business."""
    if not rules:
        return drafts, ()
    verdicts = [
        Verdict(draft=draft) if _takes_back(draft) else screen(draft, rules) for draft in drafts
    ]
    return (
        tuple(verdict.draft for verdict in verdicts if verdict.blocked is None),
        tuple(verdict.rejection for verdict in verdicts if verdict.rejection is not None),
    )


def decided(
    drafts: Sequence[Draft],
    known: Sequence[Known | None],
    source: Source,
    *,
    reviews: Mapping[int, CandidateKind],
    now: datetime | None,
) -> tuple[Decision, ...]:
    """Judge each draft by what is known of it (in the same order).

    `reviews` are the articles of the source that wait for an editor; where its policy is to ask
    none, nothing does. `now` paces pages that change at every look; None: they need not wait.
    """
    if source.on_withdrawal == "review" and reviews:
        known = [
            replace(each, open_review=reviews.get(each.article.id)) if each else None
            for each in known
        ]
    return tuple(
        decide(draft, each, policy=source.policy, on_withdrawal=source.on_withdrawal, now=now)
        for draft, each in zip(drafts, known, strict=True)
    )


def _takes_back(draft: Draft) -> bool:
    return draft.marker is not None and draft.marker.status == "withdrawn"
