"""What we keep of an article: its content, its provenance and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedsvc.domain.item import AiLabel, Dateline, Enclosure, Marker, Precision, Repair
from feedsvc.domain.picture import Picture, PictureUse
from feedsvc.domain.source import Policy

Status = Literal["live", "corrected", "withdrawn", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The words of an article and its credits: what a revision keeps and what an editor may correct."""

    title: str
    original_title: str = ""
    summary: str = ""
    body_html: str = ""
    attribution: str = ""
    origin_url: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    credit_line: str = ""
    dateline: Dateline | None = None
    rights: str = ""
    language: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    tags: tuple[str, ...] = ()
    ai_label: AiLabel = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a partner calls an item, strongest name first: guid, canonical URL, content hash.

    At least one is set. `url` is None where the link names no article of its own (a home page,
    a link that several items of one document share).
    """

    guid: str | None = None
    url: str | None = None
    content_hash: str | None = None

    @property
    def primary(self) -> str:
        """The one key that stands for (source, key): "guid:…", "url:…" or "hash:…"."""
        if self.guid is not None:
            return f"guid:{self.guid}"
        if self.url is not None:
            return f"url:{self.url}"
        return f"hash:{self.content_hash}"

    @property
    def joined(self) -> str | None:
        """Guid and URL together: the name of an item whose guid alone turned out to be another's."""
        if self.guid is None or self.url is None:
            return None
        return f"guid:{self.guid}|{self.url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item made ready to be judged: normalised content, its keys and its effective times.

    `source_hash` is the hash of all that the partner said, so that a later poll can tell a change
    at the partner from a correction of ours. `policy`, `hold_reason` and `category` (a slug) are
    what the house's filters and words make of it, None and empty where they say nothing.
    `embargoed_until` is set where that moment is still to come.
    """

    keys: Keys
    content: Content
    published_at: datetime
    published_precision: Precision
    updated_at: datetime
    source_hash: str
    link: str | None = None
    extractor: str = ""
    marker: Marker | None = None
    rechecked: bool = False
    repairs: tuple[Repair, ...] = ()
    policy: Policy | None = None
    hold_reason: str = ""
    category: str | None = None
    embargoed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One stored article. `guid` is ours (urn:uuid:), minted once; `revision` counts kept states from 1.

    `public` says whether readers ever saw it: one that was held until its withdrawal leaves no
    notice anywhere. `picture_use` is what its source allows; `pictures` are those that we have, in
    no order, where the article was read in order to be shown (`store.pictures.illustrated`).
    """

    id: int
    guid: str
    source: str
    source_title: str
    source_url: str
    category: str
    category_title: str
    content: Content
    published_at: datetime
    published_precision: Precision
    first_seen_at: datetime
    updated_at: datetime
    status: Status = "live"
    reason: str = ""
    revision: int = 1
    link: str | None = None
    extractor: str = ""
    edited_fields: tuple[str, ...] = ()
    public: bool = True
    picture_use: PictureUse = "mirror"
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One kept state of one article; `actor` is "source:<slug>", "editor:<name>" or "rules:<name>"."""

    number: int
    content: Content
    status: Status
    reason: str
    actor: str
    at: datetime
