"""Waiting for a source that is being polled: its writer is one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from feedsvc.errors import StoreBusy

Result = TypeVar("Result")

# A poll holds its source for seconds; the lease of one that died has to run out first.
LONGEST_WAIT = 180.0
RETRY_AFTER = 0.2


def patiently(commit: Callable[[], Result]) -> Result:
    """Try a transaction until the database and the source are free; `StoreBusy` after three minutes."""
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            return commit()
        except StoreBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_AFTER)
