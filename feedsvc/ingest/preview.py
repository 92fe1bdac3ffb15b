"""What a URL would be as a source, item by item, with nothing stored.

sample (fetch, survey, choose, first rows and pages) ── normalise ── screen ── known ── verdict
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import Decision, New, Unchanged
from feedsvc.domain.parsed import ParseJob, Rejection, Survey
from feedsvc.domain.source import Source
from feedsvc.ingest.decide import decide
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.normalise import normalise
from feedsvc.ingest.options import IngestOptions
from feedsvc.ingest.poller import Gateways
from feedsvc.ingest.screen import screen
from feedsvc.ingest.visit import Visit
from feedsvc.sources.sample import Sample, sample
from feedsvc.store import articles, house, sources

Verdict = Literal["new", "held", "blocked", "known", "withdrawal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One item as it would be stored: `verdict` is what a poll would do with it.

    `article_id` names the article that it is already. `read` says whether its own page was looked
    at; `confidence` gives 0.0–1.0 for each field of it.
    """

    draft: Draft
    verdict: Verdict
    article_id: int | None = None
    read: bool = False
    confidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is behind a URL: `source` as it would be stored, None where there is nothing to poll.

    `documents` are what was fetched, each with how it was read: the cases that keep the rules
    right once the source is saved.
    """

    url: str
    survey: Survey
    source: Source | None
    sights: tuple[Sight, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    documents: tuple[ParseJob, ...] = ()


def preview(source: Source, gateways: Gateways, options: IngestOptions) -> Preview:
    """Look at a source that is not stored; raises what fetching and reading its document raise."""
    visit = Visit(gateways, options, source)
    found = sample(source, visit, seen_at=gateways.clock())
    sights, rejections = _sights(source, found, visit, gateways)
    return Preview(
        url=found.url,
        survey=found.survey,
        source=found.source,
        sights=sights,
        rejections=(*found.rejections, *rejections),
        documents=tuple(visit.documents),
    )


def _sights(
    source: Source, found: Sample, visit: Visit, gateways: Gateways
) -> tuple[tuple[Sight, ...], tuple[Rejection, ...]]:
    now = gateways.clock()
    made = [normalise(item, keys, seen_at=now) for item, keys in assign_keys(found.items)]
    drafts = [each for each in made if isinstance(each, Draft)]
    with gateways.db.read() as session:
        own = sources.polled_at(session, {source.url, found.url})
        known = articles.known(session, own, [draft.keys for draft in drafts])
        rules = house.load(session, own)
    sights = []
    for draft, each in zip(drafts, known, strict=True):
        screened = screen(draft, rules)
        decision = decide(screened.draft, each, policy=source.policy, on_withdrawal="auto", now=now)
        link = draft.link or ""
        sights.append(
            Sight(
                draft=screened.draft,
                verdict="blocked" if screened.blocked else _verdict(decision),
                article_id=each.article.id if each is not None else None,
                read=link in found.read or not found.read,
                confidence=visit.confidence.get(link, {}),
            )
        )
    return tuple(sights), tuple(each for each in made if isinstance(each, Rejection))


def _verdict(decision: Decision) -> Verdict:
    if isinstance(decision, New):
        return "held" if decision.status == "held" else "new"
    if isinstance(decision, Unchanged) and decision.known is None:
        return "withdrawal"
    return "known"
