"""The listening socket: lets clients in, and makes room where there is none."""

from __future__ import annotations

import socket
from contextlib import suppress

from feedsvc.front.answers import Ready
from feedsvc.front.hall import Hall
from feedsvc.front.visitor import BUSY, Visitor
from feedsvc.front.watch import NEVER, READ

# Accepted in one go; the others on the floor want their turn too.
BATCH = 64


class Door:
    """Accepts connections for a hall (see `watch.Watched`)."""

    def __init__(self, hall: Hall, listener: socket.socket) -> None:
        self.deadline = NEVER
        self._hall = hall
        self._listener = listener
        listener.settimeout(0)
        hall.watch.add(listener.fileno(), self, READ)

    def ready(self, _mask: int) -> None:
        """Let in whoever waits, a batch at most."""
        for _ in range(BATCH):
            try:
                connection, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:
                # It has gone again, or no descriptor is left: idle ones are given up for new ones.
                self._make_room()
                return
            self._let_in(connection, address[0])

    def expired(self) -> None:
        """Nothing: a door waits for ever."""

    def abandon(self) -> None:
        """Accept nobody any more; whoever gave us the listener still has it."""
        self._hall.watch.drop(self._listener)

    def _let_in(self, connection: socket.socket, peer: str) -> None:
        if len(self._hall.visitors) >= self._hall.limits.connections:
            self._make_room()
        connection.settimeout(0)
        if len(self._hall.visitors) >= self._hall.limits.connections:
            busy = Ready(BUSY, "close")
            busy.date(self._hall.watch.dates)
            with suppress(OSError):
                connection.send(b"".join(busy.parts))
            connection.close()
            return
        Visitor(self._hall, connection, peer)

    def _make_room(self) -> None:
        """Close the idle connections that have been so for longest, some at once: looking costs time."""
        idle = sorted(
            (each for each in self._hall.visitors if each.idle), key=lambda each: each.deadline
        )
        for each in idle[: max(self._hall.limits.connections // 32, 1)]:
            each.abandon()
