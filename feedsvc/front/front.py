"""The front as a whole: one listener, one loop, one application behind it, until told to stop."""

from __future__ import annotations

import resource
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from feedsvc.front.answers import Answering, Memo
from feedsvc.front.door import Door
from feedsvc.front.hall import Hall
from feedsvc.front.limits import Limits
from feedsvc.front.tunnel import Application
from feedsvc.front.watch import NEVER, READ, Watch

# Descriptors that are no connections': files, listener, epoll.
OTHER_DESCRIPTORS = 32


class Front:
    """An HTTP server in one thread: `answering` says what is answered here, the rest goes to `path`."""

    def __init__(
        self,
        listener: socket.socket,
        answering: Answering,
        path: Path,
        *,
        limits: Limits | None = None,
    ) -> None:
        self.watch = Watch()
        limits = limits or within_descriptors(Limits())
        self.hall = Hall(
            watch=self.watch,
            memo=Memo(answering),
            application=Application(path, self.watch, limits),
            limits=limits,
        )
        self._door = Door(self.hall, listener)
        self._stop_by = NEVER
        self._bell = _Bell(self.watch)

    def run(self) -> None:
        """Serve until `stop`; what is under way then is finished, within `Limits.leave`."""
        while not self.hall.leaving:
            self.watch.turn()
            if self._bell.rung:
                self._leave()
        while self.hall.visitors and self.watch.now < self._stop_by:
            self.watch.turn()
        self.watch.close()

    def stop(self) -> None:
        """Make `run` return soon; may be called by other threads and signal handlers."""
        self._bell.ring()

    def stop_at_signals(self) -> None:
        """Stop when asked by SIGTERM or SIGINT; for the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def _leave(self) -> None:
        # Whoever is at the door already was promised an answer by the kernel.
        self._door.ready(READ)
        self._door.abandon()
        self.hall.leaving = True
        self._stop_by = time.monotonic() + self.hall.limits.leave
        for each in list(self.hall.visitors):
            each.leave()


class _Bell:
    """Wakes the loop from elsewhere (see `watch.Watched`)."""

    def __init__(self, watch: Watch) -> None:
        self.deadline = NEVER
        self.rung = False
        self._watch = watch
        self._inside, self._outside = socket.socketpair()
        self._outside.settimeout(0)
        watch.add(self._inside.fileno(), self, READ)

    def ring(self) -> None:
        with suppress(OSError):
            self._outside.send(b"!")

    def ready(self, _mask: int) -> None:
        self._inside.recv(16)
        self.rung = True

    def expired(self) -> None:
        """Nothing: it waits for ever."""

    def abandon(self) -> None:
        self._watch.drop(self._inside)
        self._outside.close()


def within_descriptors(limits: Limits) -> Limits:
    """Ask the system for as many open files as `limits` needs; fewer connections where it refuses."""
    # One to the application may be closing while another takes its place.
    others = 2 * limits.places + OTHER_DESCRIPTORS
    wanted = limits.connections + others
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return replace(limits, connections=min(limits.connections, soft - others))
    return limits


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; an empty host is all addresses. Raises `OSError` when it is taken.

    A name is taken for its IPv4 address, as everywhere here; IPv6 is asked for by number.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = socket.getaddrinfo(
        host or None, port, family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0][4]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it: the end of an answer must not wait for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener
