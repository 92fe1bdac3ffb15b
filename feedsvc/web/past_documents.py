"""Documents of a feed's past as answers: made once, kept in bounds, right after every publication."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from feedsvc.domain.feed import FeedDocument
from feedsvc.publish.past import Past
from feedsvc.web.variants import ReadyDocument, make_ready

MOST_BYTES = 32 * 1024 * 1024


class Generations(Protocol):
    """What is needed of the shelf."""

    @property
    def generation(self) -> int:
        """A counter that rises with every publication."""
        ...


class PastDocuments:
    """Remembers what was asked for until anything is published; thread-safe.

    A document is made once at a time, so that a crowd asking for the same one costs one rendering.
    """

    def __init__(self, past: Past, shelf: Generations, base_url: str) -> None:
        self.past = past
        self._shelf = shelf
        self._base_url = base_url
        self._generation = -1
        self._kept: OrderedDict[str, ReadyDocument] = OrderedDict()
        self._bytes = 0
        self._making = threading.Lock()

    def find(self, address: str, make: Callable[[Past], FeedDocument]) -> ReadyDocument:
        """Return the document at an address (path and query); raises what `make` raises."""
        with self._making:
            generation = self._shelf.generation
            if generation != self._generation:
                self._kept.clear()
                self._bytes = 0
                self._generation = generation
            ready = self._kept.get(address)
            if ready is None:
                ready = make_ready(make(self.past), self._base_url, window=False)
                self._kept[address] = ready
                self._bytes += ready.size
            self._kept.move_to_end(address)
            while self._bytes > MOST_BYTES and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.size
            return ready
