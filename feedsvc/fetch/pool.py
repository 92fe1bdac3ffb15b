"""The idle wires of one fetcher: a connection that a thread made serves the next thread too."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from feedsvc.fetch.exchange import Endpoint
from feedsvc.fetch.target import Target
from feedsvc.fetch.wire import Wire

IDLE_MOST = 32
# Long enough to close what can be closed at once, short enough for a stop within a second.
CLOSE_SECONDS = 0.2


class Closing(Protocol):
    """What has connections to drop."""

    def close(self) -> None:
        """Drop them; may wait for a name lookup."""


class WirePool:
    """Lends wires: as many exist as exchanges ever ran at the same time, `IDLE_MOST` of them idle."""

    def __init__(self, resolve: tuple[str, ...]) -> None:
        self._resolve = resolve
        self._lock = threading.Lock()
        self._idle: list[Wire] = []
        self._closed = False

    @contextmanager
    def lend(self, target: Target, admit: Endpoint | None) -> Iterator[Wire]:
        """Lend a wire made under this very admission, if there is one with a connection to the target."""
        wire = self._take(target, admit)
        wire.origin = target.origin
        try:
            yield wire
        finally:
            close_aside(self._give(wire))

    def close(self) -> None:
        """Close all idle wires now and the lent ones when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        close_aside(idle)

    def _take(self, target: Target, admit: Endpoint | None) -> Wire:
        with self._lock:
            fitting = [wire for wire in self._idle if wire.admit == admit]
            if fitting:
                known = (wire for wire in fitting if wire.origin == target.origin)
                # Else the one that rested longest: its connections are the likeliest to be gone.
                wire = next(known, fitting[0])
                self._idle.remove(wire)
                return wire
        return Wire(self._resolve, admit)

    def _give(self, wire: Wire) -> Sequence[Wire]:
        """Take a wire back; return those to be closed."""
        with self._lock:
            if self._closed:
                return [wire]
            self._idle.append(wire)
            surplus = self._idle[:-IDLE_MOST]
            del self._idle[:-IDLE_MOST]
            return surplus


def close_aside(wires: Sequence[Closing]) -> None:
    """Close them on a thread of their own: a lookup by the system's resolver cannot be interrupted.

    libcurl joins that lookup's thread when a handle is closed, which takes as long as the name
    servers are silent (measured: 5 s after the deadline); neither a stop nor a fetch waits for it.
    """
    if not wires:
        return

    def close() -> None:
        for wire in wires:
            wire.close()

    closer = threading.Thread(target=close, name="fetch-close", daemon=True)
    closer.start()
    closer.join(CLOSE_SECONDS)
