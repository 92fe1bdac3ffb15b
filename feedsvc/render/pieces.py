"""A document in pieces: head, one piece an entry, tail. What is kept apart need not be made again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from feedsvc.domain.feed import Entry

# Text is escaped, so a tag in the bytes is a tag; entries hold no entries.
_PIECES = {
    "rss": (re.compile(rb"<item>.*?</item>", re.S), b"</channel>"),
    "atom": (re.compile(rb"<entry[ >].*?</entry>", re.S), b"</feed>"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One document: `entries` in the feed's order, with `separator` between them.

    `refused` are the entries that the writer would not take; they are not in the document.
    """

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes
    separator: bytes = b""
    refused: tuple[Entry, ...] = ()

    @property
    def body(self) -> bytes:
        """The whole document."""
        return b"".join((self.head, self.separator.join(self.entries), self.tail))


def cut(body: bytes, fmt: Literal["rss", "atom"]) -> Rendered:
    """Cut a rendered XML document into its pieces."""
    pattern, end = _PIECES[fmt]
    found = list(pattern.finditer(body))
    start = found[0].start() if found else body.rindex(end)
    stop = found[-1].end() if found else start
    return Rendered(
        head=body[:start], entries=tuple(each.group() for each in found), tail=body[stop:]
    )
