"""What a URL would be as a source, item by item, with nothing stored.

sample (fetch, survey, choose, first rows and pages) ── normalise ── screen ── known ── kin ── verdict
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import Decision, New, Unchanged
from feedsvc.domain.parsed import ParseJob, Rejection, Survey
from feedsvc.domain.source import Source
from feedsvc.ingest.decide import decide
from feedsvc.ingest.grouping import grouped
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.normalise import normalise
from feedsvc.ingest.options import IngestOptions
from feedsvc.ingest.poller import Gateways
from feedsvc.ingest.recall import recall
from feedsvc.ingest.screen import screen
from feedsvc.ingest.visit import Visit
from feedsvc.sources.sample import Sample, sample
from feedsvc.store import articles, fingerprints, house, sources

Verdict = Literal["new", "near", "held", "blocked", "known", "withdrawal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One item as it would be stored: `verdict` is what a poll would do with it.

    `article_id` names the article that it is already, or that it repeats (near). `read` says whether its own page was looked
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
        recalled, known = recall(drafts, partial(articles.known, session, own))
        rules = house.load(session, own)
        screened = [screen(draft, rules) for draft in recalled]
        decisions = grouped(
            [
                decide(one.draft, each, policy=source.policy, on_withdrawal="auto", now=now)
                for one, each in zip(screened, known, strict=True)
            ],
            source,
            partial(fingerprints.neighbourhood, session, own),
        )
    sights = []
    for one, each, decision in zip(screened, known, decisions, strict=True):
        link = one.draft.link or ""
        near = _repeats(decision)
        sights.append(
            Sight(
                draft=one.draft,
                verdict="blocked" if one.blocked else _verdict(decision),
                article_id=each.article.id if each is not None else near,
                read=link in found.read or not found.read,
                confidence=visit.confidence.get(link, {}),
            )
        )
    return tuple(sights), tuple(each for each in made if isinstance(each, Rejection))


def _repeats(decision: Decision) -> int | None:
    """The article of another source that a new one repeats nearly word for word."""
    if not isinstance(decision, New) or decision.place is None or decision.place.cluster is None:
        return None
    return decision.place.alike[0].article if decision.place.alike else None


def _verdict(decision: Decision) -> Verdict:
    if _repeats(decision) is not None:
        return "near"
    if isinstance(decision, New):
        return "held" if decision.status == "held" else "new"
    if isinstance(decision, Unchanged) and decision.known is None:
        return "withdrawal"
    return "known"
