"""What we make of one document, without a database: the same parse and keys as in a poll."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from feedsvc.domain.article import Keys
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import Parsed, ParsedFeed, ParseJob, Proposal, Survey
from feedsvc.errors import RulesMismatch
from feedsvc.ingest.identity import assign_keys


class Parsers(Protocol):
    """What reading needs: one document in a guarded worker."""

    def parse(self, job: ParseJob) -> Parsed:
        """Read one document; raises `ParseError` or `RulesMismatch`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """The parsed document, and its items with the keys that a poll would give them."""

    parsed: Parsed
    keyed: tuple[tuple[Item, Keys], ...] = ()


def understand(job: ParseJob, parsers: Parsers) -> Understanding:
    """Read one document as a poll would; raises `ParseError` or `RulesMismatch`.

    A list without rules is read by our top proposal.
    """
    if job.kind == "list" and "list" not in (job.rules or {}):
        job = _by_top_proposal(job, parsers)
    parsed = parsers.parse(job)
    items = parsed.items if isinstance(parsed, ParsedFeed) else ()
    return Understanding(parsed=parsed, keyed=tuple(assign_keys(items)))


def propose(job: ParseJob, parsers: Parsers) -> tuple[Proposal, ...]:
    """Rank rules for a list page that has none, or whose layout changed, the best first.

    Proposals whose rows continue what the source had before are preferred: give its canonical
    links and headlines as `job.known`. Raises `ParseError` for what is no list at all.
    """
    surveyed = parsers.parse(replace(job, kind="survey", rules=None))
    return surveyed.proposals if isinstance(surveyed, Survey) else ()


def _by_top_proposal(job: ParseJob, parsers: Parsers) -> ParseJob:
    proposals = propose(job, parsers)
    if not proposals:
        raise RulesMismatch(
            job.url, "no repeated links that look like a list of articles; give rules"
        )
    page = {"page": job.rules["page"]} if job.rules and "page" in job.rules else {}
    return replace(job, rules={**proposals[0].rules, **page})
