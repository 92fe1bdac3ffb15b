"""What the house says about inbound drafts: filters (where to, hold, block, rewrite) and house words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

FilterField = Literal["title", "text", "author", "attribution", "tag", "link"]
FILTER_FIELDS: tuple[FilterField, ...] = ("title", "text", "author", "attribution", "tag", "link")
RewriteField = Literal["title", "text", "attribution", "author"]
REWRITE_FIELDS: tuple[RewriteField, ...] = ("title", "text", "attribution", "author")
Act = Literal["block", "keep", "hold", "publish", "category", "rewrite"]
WordKind = Literal["name", "title", "form"]
WORD_KINDS: tuple[WordKind, ...] = ("name", "title", "form")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One field of a draft and what must stand in it: literal text, `*` for anything between."""

    field: FilterField
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """Every `find` in a field becomes `replace`; both are literal."""

    field: RewriteField
    find: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One rule of the house for new drafts: where all conditions hold, it acts.

    `source` None: for every source. `category` goes with the act "category", `rewrite` with
    "rewrite". Filters are asked in the order of their ids.
    """

    id: int = 0
    source: str | None = None
    conditions: tuple[Condition, ...] = ()
    act: Act
    category: str | None = None
    rewrite: Rewrite | None = None
    note: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseWord:
    """A name, an official title or a form that an editor wants to see before readers do.

    `advice` says what to write instead.
    """

    id: int = 0
    text: str
    kind: WordKind = "form"
    advice: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """All filters and words that apply to one source's drafts."""

    filters: tuple[Filter, ...] = ()
    words: tuple[HouseWord, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.filters or self.words)
