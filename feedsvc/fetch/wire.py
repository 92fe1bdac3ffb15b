"""One handle with its connections: carries one exchange at a time, without surprises."""

from __future__ import annotations

import contextlib
import select
import threading
from typing import Final

import pycurl

from feedsvc.fetch.answer import Answer
from feedsvc.fetch.exchange import Endpoint
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.handle import CONNECTIONS_MOST, Errand, Handle

# How soon a stalled exchange notices that it is aborted. libcurl's own progress callback comes
# once a second while nothing moves (measured), too slow for a stop within a second.
STEP_MS: Final = 100
OK: Final = 0
READABLE: Final = select.POLLIN | select.POLLHUP | select.POLLERR


class Wire:
    """A handle, its connections kept alive between exchanges, and the admission they were made under.

    A kept connection never passes the gate again; therefore a wire serves one admission only.
    Used by one thread at a time. The multi interface drives the handle, because it can be left
    at any moment and costs no more than the easy one (measured); `select.poll` waits, because
    the interface's own wait ends at descriptor 1024.
    """

    def __init__(self, resolve: tuple[str, ...], admit: Endpoint | None) -> None:
        self.admit = admit
        self.origin: tuple[str, str, int] | None = None
        self._poll = select.poll()
        self._handle = Handle(resolve)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_MAXCONNECTS, CONNECTIONS_MOST)

    def carry(
        self, errand: Errand, gate: Gate, answer: Answer, aborted: threading.Event
    ) -> tuple[int, str] | None:
        """Run one exchange into `answer`; return libcurl's error number and text, None when aborted."""
        self._handle.load(errand, gate, answer)
        self._multi.add_handle(self._handle.curl)
        try:
            return self._drive(aborted)
        finally:
            self._multi.remove_handle(self._handle.curl)
            self._handle.unload()

    def close(self) -> None:
        """Drop the connections. May wait for a name lookup that libcurl has given up on."""
        self._handle.curl.close()
        self._multi.close()

    def _drive(self, aborted: threading.Event) -> tuple[int, str] | None:
        _, running = self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        while running:
            if aborted.is_set():
                return None
            due = self._multi.timeout()
            ready = self._poll.poll(STEP_MS if due < 0 else min(due, STEP_MS))
            for descriptor, events in ready:
                mask = pycurl.CSELECT_IN if events & READABLE else 0
                mask |= pycurl.CSELECT_OUT if events & select.POLLOUT else 0
                _, running = self._multi.socket_action(descriptor, mask)
            if not ready:
                _, running = self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        _, _, failed = self._multi.info_read()
        return (failed[0][1], failed[0][2]) if failed else (OK, "")

    def _watch(self, event: int, descriptor: int, _multi: object, _data: object) -> None:
        if event == pycurl.POLL_REMOVE:
            with contextlib.suppress(KeyError):
                self._poll.unregister(descriptor)
            return
        mask = select.POLLIN if event & pycurl.POLL_IN else 0
        self._poll.register(descriptor, mask | (select.POLLOUT if event & pycurl.POLL_OUT else 0))
