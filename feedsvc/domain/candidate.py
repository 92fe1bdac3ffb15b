"""A candidate: what a partner seems to want done to an article, and what an editor made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedsvc.domain.article import Content

CandidateKind = Literal["withdrawn", "corrected", "replaced", "held"]
CandidateState = Literal["open", "accepted", "dismissed", "lapsed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One change that waits for an editor, or waited.

    `kind` is what would be done: the text withdrawn, a correction carried out, a text taken in
    that has nothing in common with ours ("replaced"), or one that a filter or house word held. `article` is the article's number, `source`
    the slug of who asks for it, `evidence` where we saw it. `proposed` is the content that an
    acceptance gives the article, None for a withdrawal. A candidate lapses when the source takes
    its word back. `settled_by` is "editor:<name>" or "source:<slug>".
    """

    id: int
    article: int
    title: str
    source: str
    kind: CandidateKind
    reason: str
    evidence: str
    at: datetime
    state: CandidateState = "open"
    proposed: Content | None = None
    settled_at: datetime | None = None
    settled_by: str = ""
