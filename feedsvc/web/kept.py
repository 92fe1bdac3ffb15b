"""Documents that were made because somebody asked: once at a time for each address, kept in bounds.

A kept document is the answer as long as nothing that it shows has changed, which its maker tells by
a stamp. While nothing was published, the stamp is looked at once a second and not for every request.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from feedsvc.errors import StoreError
from feedsvc.web.past_documents import Generations
from feedsvc.web.variants import ReadyDocument

MOST = 2000
MOST_BYTES = 64 * 1024 * 1024
LOOK_AGAIN = 1.0
# So long a document may do although there might be more to show in it by now.
NEW_ENOUGH = 30.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a document depends on: on a change of `exact` it must be made anew, on one of `fresh` soon."""

    exact: Hashable
    fresh: Hashable = None


class Refused(Exception):
    """Making a document is refused for now; `seconds` until it is worth asking again."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Maker(Protocol):
    """How one address is answered. All three may raise `FeedsvcError`."""

    def stamp(self) -> Stamp:
        """Read what the document depends on; cheap."""
        ...

    def admit(self) -> None:
        """Raise `Refused` where the one who asks may not have a document made now."""
        ...

    def make(self) -> ReadyDocument:
        """Make the document."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    ready: ReadyDocument
    stamp: Stamp
    made_at: float
    looked_at: float
    generation: int


class _Turn:
    """Whose turn it is to make the document of one address, and how many wait for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0


class KeptDocuments:
    """Answers for addresses; thread-safe."""

    def __init__(
        self,
        shelf: Generations,
        *,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = shelf
        self._most = most
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._turns: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, address: str, maker: Maker) -> ReadyDocument:
        """Return the document at an address; raises what the maker raises, `Refused` included."""
        kept = self._recall(address)
        if kept is not None and self._was_just_looked_at(kept):
            return kept.ready
        with self._turn(address):
            # Read before the stamp: a publication meanwhile is looked at again, never missed.
            generation = self._shelf.generation
            kept = self._recall(address)
            if kept is not None and self._was_just_looked_at(kept):
                return kept.ready
            kept = self._looked_at(kept, maker, generation)
            self._keep(address, kept)
            return kept.ready

    def _looked_at(self, kept: _Kept | None, maker: Maker, generation: int) -> _Kept:
        now = self._clock()
        try:
            stamp = maker.stamp()
        except StoreError:
            # Nothing was published since: what readers of standing feeds get is as old.
            if kept is None or kept.generation != generation:
                raise
            return replace(kept, looked_at=now)
        if kept is not None and kept.stamp.exact == stamp.exact:
            if kept.stamp == stamp or now < kept.made_at + NEW_ENOUGH:
                return replace(kept, looked_at=now, generation=generation)
            try:
                maker.admit()
            except Refused:
                return replace(kept, looked_at=now, generation=generation)
        else:
            maker.admit()
        ready = maker.make()
        return _Kept(ready=ready, stamp=stamp, made_at=now, looked_at=now, generation=generation)

    def _was_just_looked_at(self, kept: _Kept) -> bool:
        return (
            kept.generation == self._shelf.generation
            and self._clock() < kept.looked_at + LOOK_AGAIN
        )

    def _recall(self, address: str) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(address)
            if kept is not None:
                self._kept.move_to_end(address)
            return kept

    def _keep(self, address: str, kept: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(address, None)
            self._kept[address] = kept
            self._bytes += kept.ready.size - (0 if before is None else before.ready.size)
            while len(self._kept) > 1 and (
                self._bytes > self._most_bytes or len(self._kept) > self._most
            ):
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.ready.size

    @contextmanager
    def _turn(self, address: str) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(address, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[address]
