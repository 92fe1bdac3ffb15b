"""Documents put together from entries that were rendered before: the same bytes, a tenth of the work.

Of fifty entries a publication changes one or two. An entry's bytes are the same in every document of
its format, so they are kept; only what is not there yet goes through feedgen, and with it the head,
which says when the feed was updated.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from feedsvc.domain.feed import Entry, Feed, Format, Site
from feedsvc.errors import RenderError
from feedsvc.render.dispatch import render_pieces
from feedsvc.render.pieces import Rendered

# Bytes of entries that one process keeps: some 10,000 full articles in three formats.
MOST_BYTES = 128 * 1024 * 1024


class Fragments:
    """Renders feeds and remembers their entries' bytes; thread-safe."""

    def __init__(self, site: Site, *, most_bytes: int = MOST_BYTES) -> None:
        self.site = site
        self._most_bytes = most_bytes
        self._bytes = 0
        # By guid and not by entry: hashing fifty entries costs as much as writing one.
        self._kept: OrderedDict[tuple[Format, str], tuple[Entry, bytes]] = OrderedDict()
        self._lock = Lock()

    def render(self, feed: Feed, fmt: Format) -> Rendered:
        """Return the document of a feed, byte for byte as `dispatch.render` makes it, in pieces.

        An entry that the writer refuses is left out and named in the result, so that one bad
        article never keeps the others from readers. Raises `RenderError` where the feed itself
        cannot be written.
        """
        pieces = self._recall(feed.entries, fmt)
        wanted = [entry for entry, piece in zip(feed.entries, pieces, strict=True) if piece is None]
        fresh, refused = self._written(feed, fmt, wanted)
        made = iter(fresh.entries)
        for at, entry in enumerate(feed.entries):
            if pieces[at] is None and entry not in refused:
                pieces[at] = self._keep(entry, fmt, next(made))
        self._forget_oldest()
        return replace(
            fresh, entries=tuple(piece for piece in pieces if piece is not None), refused=refused
        )

    def _written(
        self, feed: Feed, fmt: Format, entries: Sequence[Entry]
    ) -> tuple[Rendered, tuple[Entry, ...]]:
        """Write the feed with these entries; where that fails, without those that are to blame."""

        def write(some: Sequence[Entry]) -> Rendered:
            return render_pieces(replace(feed, entries=tuple(some)), fmt, self.site)

        def is_refused(entry: Entry) -> bool:
            try:
                write([entry])
            except RenderError:
                return True
            return False

        try:
            return write(entries), ()
        except RenderError:
            refused = tuple(entry for entry in entries if is_refused(entry))
            return write([entry for entry in entries if entry not in refused]), refused

    def _recall(self, entries: Sequence[Entry], fmt: Format) -> list[bytes | None]:
        found: list[bytes | None] = []
        with self._lock:
            for entry in entries:
                key = (fmt, entry.guid)
                kept, piece = self._kept.get(key, (None, None))
                found.append(piece if kept == entry else None)
                if kept is not None:
                    self._kept.move_to_end(key)
        return found

    def _keep(self, entry: Entry, fmt: Format, piece: bytes) -> bytes:
        key = (fmt, entry.guid)
        with self._lock:
            _, before = self._kept.pop(key, (None, b""))
            self._kept[key] = (entry, piece)
            self._bytes += len(piece) - len(before)
        return piece

    def _forget_oldest(self) -> None:
        with self._lock:
            while self._bytes > self._most_bytes:
                _, (_, oldest) = self._kept.popitem(last=False)
                self._bytes -= len(oldest)
