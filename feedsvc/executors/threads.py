"""The embedded engine: a pool of threads, and the number of polls that it can still take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim

PollBatch = Callable[[Sequence[Claim]], list[Run]]


class ThreadEngine:
    """Runs claims on `size` threads; `freed` is called from a worker whenever a slot is free again."""

    def __init__(self, poll_batch: PollBatch, *, size: int, freed: Callable[[], None]) -> None:
        self._poll_batch = poll_batch
        self._freed = freed
        self._size = size
        self._busy = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=size, thread_name_prefix="poll")

    @property
    def free(self) -> int:
        """How many more claims can start at once."""
        with self._lock:
            return self._size - self._busy

    def submit(self, claim: Claim) -> None:
        """Start one claimed poll."""
        with self._lock:
            self._busy += 1
        self._pool.submit(self._poll_batch, [claim]).add_done_callback(self._done)

    def stop(self) -> None:
        """Wait for running polls (end their fetches first) and take no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, future: Future[list[Run]]) -> None:
        with self._lock:
            self._busy -= 1
        if not future.cancelled():
            self._freed()
