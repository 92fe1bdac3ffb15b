"""What every format's reader hands on: the document's head, and what each of its items tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import Rejection
from feedsvc.parse.feeds.item import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """One document as read: words as they stood there, `parts` for the other documents that it names.

    An item comes with whether its markup had to be mended. `repairs` are the reader's own; `reader`
    names it where that is not the format. `links` (relation → address as it stands there) and
    `generator` are the head's.
    """

    format: str
    reader: str = ""
    items: Sequence[tuple[Told, bool]] = ()
    title: str = ""
    home_url: str = ""
    language: str = ""
    parts: Sequence[Told] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    generator: str = ""
    rejections: tuple[Rejection, ...] = ()
    repairs: tuple[Repair, ...] = ()
