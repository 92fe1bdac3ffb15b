"""Some exchanges at the same time on one multi interface, all under no admission of their own."""

from __future__ import annotations

import contextlib
import select
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

import pycurl

from feedsvc.fetch.answer import Answer
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.handle import Errand, Handle
from feedsvc.fetch.wire import OK, READABLE

# libcurl looks names up on 20 threads for each multi interface and cannot interrupt them: with more
# exchanges, silent name servers would hold up sources whose own servers answer (measured: 100
# hanging names on one interface made names in the hosts file time out).
LANE_MOST: Final = 16

Cargo = TypeVar("Cargo")


class Lane(Generic[Cargo]):
    """Up to `LANE_MOST` exchanges, each with a cargo that comes back with its outcome.

    Used by one thread. `clogged` turns true when a name lookup outlived its exchange: it still
    holds one of libcurl's threads, so nothing more should be sent this way.
    """

    def __init__(self, resolve: tuple[str, ...], poll: select.poll) -> None:
        self.clogged = False
        self.descriptors: set[int] = set()
        self._resolve = resolve
        self._poll = poll
        self._idle: list[Handle] = []
        self._busy: dict[pycurl.Curl, tuple[Handle, Cargo]] = {}
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_MAXCONNECTS, LANE_MOST)

    @property
    def room(self) -> bool:
        """Whether one more exchange may be sent this way."""
        return not self.clogged and len(self._busy) < LANE_MOST

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._busy

    def send(self, errand: Errand, gate: Gate, answer: Answer, cargo: Cargo) -> None:
        """Begin one exchange; raises `pycurl.error` for what libcurl does not even begin."""
        handle = self._idle.pop() if self._idle else Handle(self._resolve)
        try:
            handle.load(errand, gate, answer)
            self._multi.add_handle(handle.curl)
        except pycurl.error:
            handle.unload()
            handle.curl.close()
            raise
        self._busy[handle.curl] = handle, cargo

    def act(self, descriptor: int, events: int) -> None:
        """Go on where `select.poll` saw something."""
        mask = pycurl.CSELECT_IN if events & READABLE else 0
        mask |= pycurl.CSELECT_OUT if events & select.POLLOUT else 0
        self._multi.socket_action(descriptor, mask)

    def due_ms(self) -> int:
        """How soon `tick` is due, in milliseconds; -1: not at all."""
        return int(self._multi.timeout())

    def tick(self) -> None:
        """Do what the time asks for: deadlines, exchanges that have not begun."""
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def landed(self) -> Iterator[tuple[Cargo, tuple[int, str]]]:
        """Yield the exchanges that are over, with libcurl's error number and text."""
        left = 1
        while left:
            left, done, failed = self._multi.info_read()
            for curl in done:
                yield self._take_off(curl), (OK, "")
            for curl, code, detail in failed:
                lost_lookup = code == pycurl.E_OPERATION_TIMEDOUT and not curl.getinfo(
                    pycurl.NAMELOOKUP_TIME
                )
                self.clogged |= lost_lookup
                yield self._take_off(curl), (code, detail)

    def recall(self) -> Iterator[Cargo]:
        """Break all exchanges off."""
        for curl in list(self._busy):
            yield self._take_off(curl)

    def close(self) -> None:
        """Drop the connections. May wait for name lookups that libcurl has given up on."""
        for handle in self._idle:
            handle.curl.close()
        self._multi.close()

    def _take_off(self, curl: pycurl.Curl) -> Cargo:
        handle, cargo = self._busy.pop(curl)
        self._multi.remove_handle(curl)
        handle.unload()
        self._idle.append(handle)
        return cargo

    def _watch(self, event: int, descriptor: int, _multi: object, _data: object) -> None:
        if event == pycurl.POLL_REMOVE:
            self.descriptors.discard(descriptor)
            with contextlib.suppress(KeyError):
                self._poll.unregister(descriptor)
            return
        self.descriptors.add(descriptor)
        mask = select.POLLIN if event & pycurl.POLL_IN else 0
        self._poll.register(descriptor, mask | (select.POLLOUT if event & pycurl.POLL_OUT else 0))
