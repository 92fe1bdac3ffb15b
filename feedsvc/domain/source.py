"""A source: a partner origin that we poll, and the right to poll it once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from feedsvc.domain.picture import PictureUse

SourceKind = Literal["auto", "feed", "list", "sitemap"]
Policy = Literal["publish", "review"]
WithdrawalPolicy = Literal["auto", "review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an operator said about one partner origin.

    `kind` "auto" is settled by the first poll. `every_seconds` is the wished interval.
    `timezone` is an IANA name for the partner's naive times. `on_withdrawal` says whether a
    withdrawal or announced correction of the partner's is carried out at once or put before an
    editor. `recheck` says whether known article pages are looked at again at every poll; None:
    those of lists are, those of feeds are not. `given_url` is what the operator gave where the
    first poll found the feed or the rules itself. `demo` marks our own sample partner, whose exact
    address may be fetched although it is not public.
    `pictures` says whether we keep copies of its pictures, link to them, or leave them out.
    """

    id: int = 0
    slug: str
    url: str
    category: str
    title: str = ""
    kind: SourceKind = "auto"
    policy: Policy = "publish"
    on_withdrawal: WithdrawalPolicy = "auto"
    recheck: bool | None = None
    every_seconds: int = 900
    timezone: str = "Asia/Shanghai"
    charset: str | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    given_url: str | None = None
    demo: bool = False
    pictures: PictureUse = "mirror"
    paused: bool = False
    created_at: datetime | None = None

    def rechecks(self, kind: SourceKind) -> bool:
        """Whether known pages are looked at again, the source being of that kind."""
        return kind == "list" if self.recheck is None else self.recheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the next conditional request and the body-hash skip need; None where the partner gave none."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


# How one document of a feed's past leads to the next: what changed since, a page on, an archive back.
Way = Literal["since", "next", "prev-archive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Documents of a feed's past that are still to be read: the next one's address, and the way on.

    `failures` counts how often in a row that one could not be had.
    """

    way: Way
    url: str
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to poll one source once, until `expires_at`; `lease` is the fencing token.

    `trails` are what earlier polls left to be read, the newest first.
    """

    source: Source
    lease: int
    expires_at: datetime
    validators: Validators = Validators()
    failures: int = 0
    had_items: bool = False
    trails: tuple[Trail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Where polling of one source stands."""

    due_at: datetime
    lease: int = 0
    lease_expires_at: datetime | None = None
    failures: int = 0


# What the slugs of sources begin with that stand for ourselves: articles imported into a section.
OWN = "import-"


def is_own(slug: str) -> bool:
    """Whether a source's articles are published here first, and not by a partner."""
    return slug.startswith(OWN)
