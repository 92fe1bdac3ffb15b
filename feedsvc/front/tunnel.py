"""One request handed on: a connection to the application that carries it, its answer, and no more."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from feedsvc.front.watch import NEVER, READ, WRITE, Watch

PIECE = 64 * 1024
# Requests that the application has or that wait for it, and how long it may be silent.
PLACES = 48
SILENCE = 60.0


class Receiver(Protocol):
    """Whoever asked: gets the application's bytes as they are."""

    def relay(self, data: bytes) -> bool:
        """Take a piece of the answer; False asks to wait for `Tunnel.go_on`."""
        ...

    def answered(self) -> None:
        """Take note that the whole answer has been relayed."""
        ...

    def not_answered(self) -> None:
        """Take note that the application ended or fell silent before it said anything."""
        ...


class Application:
    """The way to the application: its socket file, and who is on it."""

    def __init__(self, path: Path, watch: Watch, *, places: int = PLACES, silence: float = SILENCE):
        self.watch = watch
        self.silence = silence
        self.under_way: set[Tunnel] = set()
        self._path = str(path)
        self._places = places

    def ask(self, request: Sequence[bytes | bytearray], receiver: Receiver) -> Tunnel | None:
        """Hand a request on, in parts; None when all places are taken or nobody takes it at once."""
        if len(self.under_way) >= self._places:
            return None
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(0)
        try:
            # A local connection stands at once or not at all: the queue is full, or nobody listens.
            link.connect(self._path)
        except OSError:
            link.close()
            return None
        return Tunnel(self, link, request, receiver)


class Tunnel:
    """One request under way. Ends by itself; `abandon` ends it early."""

    def __init__(
        self,
        application: Application,
        link: socket.socket,
        request: Sequence[bytes | bytearray],
        receiver: Receiver,
    ) -> None:
        self._application = application
        self._watch = application.watch
        self._link = link
        self._request = deque(memoryview(part) for part in request)
        self._receiver: Receiver | None = receiver
        self._heard = False
        self._waits = False
        self.deadline = self._watch.now + application.silence
        application.under_way.add(self)
        self._watch.add(link.fileno(), self, READ | WRITE)

    def ready(self, mask: int) -> None:
        """Send what is left of the request, and relay what has come of the answer."""
        if self._request and mask & WRITE:
            self._send()
        if mask & ~WRITE and not self._waits:
            self._relay()

    def expired(self) -> None:
        """Give an application up that has been silent for too long."""
        self._end()

    def abandon(self) -> None:
        """End without telling the receiver anything."""
        self._receiver = None
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
        self._heard = True
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
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        if self._heard:
            receiver.answered()
        else:
            receiver.not_answered()
