"""One request handed on: a connection to the application that carries it, its answer, and no more.

Where there is no place or nobody listens, it waits in line: a crowd is served in its order, and the
second that the application needs to come back is not seen as an error.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from feedsvc.front.limits import Limits
from feedsvc.front.line import Line
from feedsvc.front.watch import NEVER, READ, WRITE, Watch

PIECE = 64 * 1024
# How often an application that is not there is looked for, while somebody waits.
STEP = 0.05
# Disappointed in one go; readers want their turn in between.
BATCH = 32


class Receiver(Protocol):
    """Whoever asked: gets the application's bytes as they are."""

    def relay(self, data: bytes) -> bool:
        """Take a piece of the answer; False asks to wait for `Tunnel.go_on`."""
        ...

    def answered(self) -> None:
        """Take note that the whole answer has been relayed."""
        ...

    def not_answered(self) -> None:
        """Take note that its turn has not come, or the application said nothing."""
        ...


class Application:
    """The way to the application: its socket file, who is on it, and who waits (see `watch.Watched`)."""

    def __init__(self, path: Path, watch: Watch, limits: Limits) -> None:
        self.watch = watch
        self.deadline = NEVER
        self.silence = limits.silence
        self.under_way: set[Tunnel] = set()
        self.line: Line[Tunnel] = Line(limits.waiting, limits.patience)
        self._path = str(path)
        self._places = limits.places

    def ask(
        self, request: Sequence[bytes | bytearray], receiver: Receiver, *, again: bool
    ) -> Tunnel | None:
        """Hand a request on, in parts, now or in its turn; None when too many wait already.

        `again` says whether it may be asked twice, where the application ends under it.
        """
        tunnel = Tunnel(self, request, receiver, again=again)
        # Nobody passes those who wait, not even when there is a place.
        if (not len(self.line) and self._carry(tunnel)) or self.wait(tunnel):
            return tunnel
        return None

    def wait(self, tunnel: Tunnel) -> bool:
        """Put it at the end of the line; False when that is too long."""
        if not len(self.line):
            self.watch.wake(self, self.watch.now + STEP)
        return self.line.join(tunnel, self.watch.now)

    def move_up(self) -> None:
        """Carry those who wait, in their order, as far as there are places."""
        while (first := self.line.first) is not None and self._carry(first):
            self.line.leave(first)

    def expired(self) -> None:
        """Look for the application once more, and disappoint those who have waited long enough."""
        pause = STEP
        try:
            self.move_up()
            for _ in range(BATCH):
                tired = self.line.tired(self.watch.now)
                if tired is None:
                    break
                tired.give_up()
            else:
                pause = 0.0
        finally:
            if len(self.line):
                self.watch.wake(self, self.watch.now + pause)

    def ready(self, _mask: int) -> None:
        """Nothing: it has no socket of its own."""

    def abandon(self) -> None:
        """Nothing: the others who wait have done nothing wrong."""

    def _carry(self, tunnel: Tunnel) -> bool:
        if len(self.under_way) >= self._places:
            return False
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(0)
        try:
            # A local connection stands at once or not at all: the queue is full, or nobody listens.
            link.connect(self._path)
        except OSError:
            link.close()
            return False
        tunnel.open(link)
        return True


class Tunnel:
    """One request, in line or under way. Ends by itself; `abandon` ends it early."""

    _link: socket.socket

    def __init__(
        self,
        application: Application,
        request: Sequence[bytes | bytearray],
        receiver: Receiver,
        *,
        again: bool,
    ) -> None:
        self.deadline = NEVER
        self.heard = False
        self._application = application
        self._watch = application.watch
        self._parts = request
        self._request: deque[memoryview] = deque()
        self._receiver: Receiver | None = receiver
        self._again = again
        self._waits = False

    @property
    def in_line(self) -> bool:
        """Whether the application knows nothing of it yet."""
        return self in self._application.line

    def open(self, link: socket.socket) -> None:
        """Set out on a connection that stands."""
        self._link = link
        self._request = deque(memoryview(part) for part in self._parts)
        self.deadline = self._watch.now + self._application.silence
        self._application.under_way.add(self)
        self._watch.add(link.fileno(), self, READ | WRITE)

    def ready(self, mask: int) -> None:
        """Send what is left of the request, and relay what has come of the answer."""
        if self._request and mask & WRITE:
            self._send()
        if mask & ~WRITE and not self._waits:
            self._relay()

    def expired(self) -> None:
        """Give an application up that has been silent for too long."""
        self._again = False
        self._end()

    def give_up(self) -> None:
        """Tell the receiver that its turn has not come."""
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.not_answered()

    def abandon(self) -> None:
        """End without telling the receiver anything."""
        self._receiver = None
        self._application.line.leave(self)
        self._end()

    def go_on(self) -> None:
        """Relay again after `Receiver.relay` had asked to wait."""
        if self._waits:
            self._waits = False
            self.deadline = self._watch.now + self._application.silence
            self._watch.add(self._link.fileno(), self, READ | (WRITE if self._request else 0))

    def _send(self) -> None:
        try:
            while self._request:
                part = self._request[0]
                self._request[0] = part[self._link.send(part) :]
                if not self._request[0]:
                    self._request.popleft()
        except BlockingIOError:
            pass
        except OSError:
            # It may have answered without reading on; what it said is read all the same.
            self._request.clear()
        self.deadline = self._watch.now + self._application.silence
        if not self._request:
            self._watch.change(self._link.fileno(), READ)

    def _relay(self) -> None:
        try:
            data = self._link.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or self._receiver is None:
            self._end()
            return
        self.heard = True
        self.deadline = self._watch.now + self._application.silence
        if not self._receiver.relay(data) and self._receiver is not None:
            # Not watched at all meanwhile: that the other side hung up would be told for ever.
            self._waits = True
            self.deadline = NEVER
            self._watch.pause(self._link.fileno())

    def _end(self) -> None:
        if self not in self._application.under_way:
            return
        self._application.under_way.discard(self)
        self._watch.drop(self._link)
        again, self._again = self._again and not self.heard, False
        receiver, self._receiver = self._receiver, None
        if receiver is not None and again and self._application.wait(self):
            self._receiver, receiver = receiver, None
        self._application.move_up()
        if receiver is None:
            return
        if self.heard:
            receiver.answered()
        else:
            receiver.not_answered()
