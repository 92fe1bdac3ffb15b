"""The embedded engine: how many polls are under way in this process, and how many it can still take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim
from feedsvc.errors import FeedsvcError

Start = Callable[[Sequence[Claim], Callable[[Run | None], None]], None]


class ThreadEngine:
    """Runs up to `size` claims at the same time; `freed` is called from a worker when one has ended."""

    def __init__(self, start: Start, *, size: int, freed: Callable[[], None]) -> None:
        self._start = start
        self._freed = freed
        self._size = size
        self._busy = 0
        self._changed = threading.Condition()

    @property
    def free(self) -> int:
        """How many more claims can start at once."""
        with self._changed:
            return self._size - self._busy

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return self.free == self._size

    def submit(self, claims: Sequence[Claim]) -> None:
        """Start claimed polls; raises `StoreError`, and then none of them is under way."""
        self._count(len(claims))
        try:
            self._start(claims, self._ended)
        except FeedsvcError:
            self._count(-len(claims))
            raise

    def stop(self) -> None:
        """Wait until nothing is under way (end the fetches first); claim no more."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy)

    def _ended(self, _run: Run | None) -> None:
        self._count(-1)
        self._freed()

    def _count(self, more: int) -> None:
        with self._changed:
            self._busy += more
            self._changed.notify_all()
