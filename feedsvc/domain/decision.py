"""What is to be done with one draft: values that `ingest.decide` returns and the store carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from feedsvc.domain.article import Article, Content, Draft, Status
from feedsvc.domain.candidate import CandidateKind
from feedsvc.domain.cluster import Place

# "pictured": its text is as it was, but a picture of it has arrived. "merged" and "split": an editor
# regrouped near-equal articles.
ChangeKind = Literal[
    "new", "updated", "corrected", "withdrawn", "released", "pictured", "merged", "split"
]
Match = Literal["key", "url", "hash"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An article we already have that a draft may be.

    `match` says by what: the source's own key ("key"), the canonical URL or the content hash.
    `source_hash` is what this source last handed us for it, None when this source never did.
    `same_source` says whether the article first came from the source at hand. `open_review` is
    the kind of change of this source's that waits for an editor, if one does. `joined` says that
    the key was guid and URL together, which leaves no doubt.
    """

    article: Article
    match: Match
    same_source: bool
    source_hash: str | None = None
    open_review: CandidateKind | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """Never seen: store it as a new article with this status ("live" or "held").

    `place` is where it stands among near-equal ones, None where nobody looked. `approved`: it is
    held for nothing but its embargo, and published when that ends.
    """

    draft: Draft
    status: Status = "live"
    approved: bool = True
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """The partner changed it: keep a new revision with this content."""

    draft: Draft
    known: Known
    content: Content
    status: Status
    kind: ChangeKind
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The partner took it back: its text leaves every public output."""

    draft: Draft
    known: Known
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """A source took back its own appearance of another source's article, which stays as it is."""

    draft: Draft
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """An editor is to say whether it is done; until then the article stays as it is.

    `proposed` is the content that it would get, None where it would be withdrawn.
    """

    draft: Draft
    known: Known
    kind: CandidateKind
    reason: str = ""
    proposed: Content | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """A page that never stops changing: the change is left for a later poll, which must see it."""

    draft: Draft
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An article we have, under a name that this source had not used before: one more appearance."""

    draft: Draft
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """Nothing new; `known` is None for a withdrawal of something we never had."""

    draft: Draft
    known: Known | None = None


Decision = New | Updated | Withdrawn | Retracted | Referred | Postponed | Duplicate | Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one transaction changed: counts, the feeds it made dirty, and its last cursor (0: none)."""

    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    feeds: tuple[str, ...] = ()
    cursor: int = 0
