"""Changed rules on kept answers: first what would differ, then, if an editor says so, the change.

    reread (kept answers → drafts) ── screen, decide ── compare ─┬─ shown
                                                                 └─ stored as revisions

The same decisions as in a poll: an editor's words and withdrawals stay, guid, link and time of
publication never change. Withdrawals and whatever asks for an editor are left to polls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import Changes, Decision, New, Updated
from feedsvc.domain.parsed import Rejection
from feedsvc.domain.source import Source
from feedsvc.ingest.archive import Archive
from feedsvc.ingest.difference import Difference, compare
from feedsvc.ingest.grouping import grouped
from feedsvc.ingest.judge import decided, screened
from feedsvc.ingest.patience import patiently
from feedsvc.ingest.recall import recall
from feedsvc.ingest.reread import Kept, Rows, newest_rows, reread
from feedsvc.ingest.understand import Parsers
from feedsvc.store import articles, candidates, fingerprints, house, responses
from feedsvc.store.batches import Terms, commit_batch
from feedsvc.store.engine import Database

STORED_AT_ONCE = 200


def _nobody(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What re-running needs of the world."""

    db: Database
    archive: Archive
    parsers: Parsers
    clock: Callable[[], datetime]
    done: Callable[[int, int], None] = _nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What rules give on all that is kept of a source.

    `stored` articles are from the source, of which `compared` ones are still kept. `rows_before` and
    `rows` are the newest list page by the present and by these rules.
    """

    drafts: tuple[Draft, ...]
    stored: int
    difference: Difference
    rejections: tuple[Rejection, ...]
    rows_before: Rows | None
    rows: Rows | None


def rerun(source: Source, rules: Source, tools: Tools) -> Rerun:
    """Read all that is kept of `source` by the settings of `rules` (the same source, changed)."""
    with tools.db.read() as session:
        kept = Kept(
            responses=responses.of_source(session, source.id),
            body=tools.archive.body,
            parsers=tools.parsers,
            done=tools.done,
        )
        stored = articles.count(session, source.id)
    found = reread(rules, kept, expected=stored, known_links=_known_links(source, tools))
    with tools.db.read() as session:
        passed, blocked = screened(found.drafts, house.load(session, source.id))
        passed, known = recall(passed, partial(articles.known, session, source.id))
        decisions = decided(passed, known, rules, reviews={}, now=None)
    return Rerun(
        drafts=found.drafts,
        stored=stored,
        difference=compare(decisions),
        rejections=(*found.rejections, *blocked),
        rows_before=newest_rows(source, kept),
        rows=found.rows,
    )


def store(source: Source, found: Rerun, terms: Terms, reason: str, tools: Tools) -> Changes:
    """Store what a rerun found; `reason` goes into the revisions of articles that have none yet."""
    total = Changes()
    for start in range(0, len(found.drafts), STORED_AT_ONCE):
        part = found.drafts[start : start + STORED_AT_ONCE]
        changes = patiently(lambda part=part: _store_part(source, part, terms, reason, tools))  # type: ignore[misc]
        total = Changes(
            new=total.new + changes.new,
            updated=total.updated + changes.updated,
            feeds=tuple(sorted({*total.feeds, *changes.feeds})),
            cursor=max(total.cursor, changes.cursor),
        )
        tools.done(start + len(part), len(found.drafts))
    return total


def _store_part(
    source: Source, drafts: Sequence[Draft], terms: Terms, reason: str, tools: Tools
) -> Changes:
    terms = replace(terms, now=tools.clock())
    with tools.db.write() as session:
        passed, _ = screened(tuple(drafts), house.load(session, source.id))
        passed, known = recall(passed, partial(articles.known, session, source.id))
        reviews = candidates.open_kinds(session, source.id)
        decisions = decided(passed, known, source, reviews=reviews, now=None)
        look_up = partial(fingerprints.neighbourhood, session, source.id)
        decisions = grouped(decisions, source, look_up)
        ours = [_with_reason(each, reason) for each in decisions if isinstance(each, New | Updated)]
        return commit_batch(session, source, ours, terms)


def _with_reason(decision: Decision, reason: str) -> Decision:
    """Say why in the revision, except where the reason is one that readers or editors need."""
    if isinstance(decision, Updated) and decision.status == "live":
        return replace(decision, reason=reason)
    return decision


def _known_links(source: Source, tools: Tools) -> Callable[[Sequence[str]], set[str]]:
    def known(links: Sequence[str]) -> set[str]:
        with tools.db.read() as session:
            return articles.known_links(session, source.id, links)

    return known
