"""Threads that fetch pictures, as many as there are pictures for, beside the polls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class PictureEngine:
    """Runs `work` on up to `size` threads; `work` ends by itself when there is nothing to do."""

    def __init__(self, work: Callable[[], object], *, size: int) -> None:
        self._work = work
        self._size = size
        self._busy = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=max(size, 1), thread_name_prefix="picture")

    def wake(self) -> None:
        """Start one more thread unless all are at work: called again and again while there is work."""
        with self._lock:
            if self._busy >= self._size:
                return
            self._busy += 1
        self._pool.submit(self._work).add_done_callback(self._done)

    def stop(self) -> None:
        """Wait for the threads (end their fetches first) and start no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, _: Future[object]) -> None:
        with self._lock:
            self._busy -= 1
