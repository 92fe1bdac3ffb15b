"""What a partner hands us: frozen inbound values, one `Item` for each thing the partner published."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

Precision = Literal["minute", "day", "none"]
MarkerStatus = Literal["withdrawn", "corrected"]
# Whether a text was made by a machine, as far as its publisher says so: altogether, or with its help.
AiLabel = Literal["", "generated", "assisted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One thing we mended in what a partner sent: a machine word and, where it helps, the detail."""

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an item; `length` in bytes where the partner states it.

    `width` and `height` in pixels, of a picture that we have ourselves. `duration` in seconds, of a
    film or sound whose partner states it.
    """

    url: str
    media_type: str = ""
    length: int | None = None
    width: int | None = None
    height: int | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The wire line of an agency report: place, date and agency as printed (北京, 8月8日, 中国警察网)."""

    place: str = ""
    date: str = ""
    agency: str = ""


# The repair that says that an item is embargoed until a time which we cannot read.
UNCLEAR_EMBARGO = "unclear_embargo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A partner's own word that an item is withdrawn or corrected.

    `evidence` says where we saw it, where the item itself does not. One that is not `certain`
    (a page that reads as if its article were gone) is for an editor to judge, whatever the policy.
    """

    status: MarkerStatus
    reason: str = ""
    at: datetime | None = None
    evidence: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a source hands us, cleaned but not yet judged.

    Text fields are plain text without characters that XML 1.0 forbids; `*_html` fields are
    sanitised; URLs are absolute; times are aware UTC. An absent field is None or empty, never
    a guess: `title` may be "", `guid` and `link` may be None. `rechecked` marks what a page says
    of which we have the article already. Before `embargoed_until` nothing of it may be published.
    """

    guid: str | None = None
    link: str | None = None
    title: str = ""
    original_title: str = ""
    summary_html: str = ""
    content_html: str = ""
    published_at: datetime | None = None
    published_precision: Precision = "none"
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    attribution: str = ""
    origin_url: str | None = None
    credit_line: str = ""
    dateline: Dateline | None = None
    rights: str = ""
    language: str = ""
    ai_label: AiLabel = ""
    extractor: str = ""
    marker: Marker | None = None
    rechecked: bool = False
    embargoed_until: datetime | None = None
    repairs: tuple[Repair, ...] = ()

    def __getstate__(self) -> tuple[Any, ...]:
        """Return the fields as they stand; what dataclasses do here looks them all up by name."""
        return _FIELDS(self)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for fill, value in zip(_SLOTS, state, strict=True):
            fill(self, value)


# Items travel from the parser processes; this halves what that costs (14 µs each).
_NAMES = tuple(field.name for field in fields(Item))
_FIELDS = attrgetter(*_NAMES)
_SLOTS = tuple(vars(Item)[name].__set__ for name in _NAMES)
