"""What we make of one document, without a database: the same parse and keys as in a poll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from feedsvc.domain.article import Keys
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import Parsed, ParsedFeed, ParseJob
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
    """Read one document as a poll would; raises `ParseError` or `RulesMismatch`."""
    parsed = parsers.parse(job)
    items = parsed.items if isinstance(parsed, ParsedFeed) else ()
    return Understanding(parsed=parsed, keyed=tuple(assign_keys(items)))
