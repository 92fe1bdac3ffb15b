"""One libcurl handle with its connections: carries one exchange at a time, without surprises."""

from __future__ import annotations

import contextlib
import select
import threading
from dataclasses import dataclass
from typing import Final

import pycurl

from feedsvc.fetch.answer import Answer
from feedsvc.fetch.exchange import Endpoint
from feedsvc.fetch.gate import Gate

# How soon a stalled exchange notices that it is aborted. libcurl's own progress callback comes
# once a second while nothing moves (measured), too slow for a stop within a second.
STEP_MS: Final = 100
RECEIVE_BYTES: Final = 64 * 1024
CONNECTIONS_MOST: Final = 4
OK: Final = 0
READABLE: Final = select.POLLIN | select.POLLHUP | select.POLLERR


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What to send on one hop. Times in seconds; certificates from a file or a folder."""

    url: str
    headers: tuple[bytes, ...]
    seconds: float
    connect_seconds: float
    ca_file: str | None
    ca_folder: str | None


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
        self._gate: Gate | None = None
        self._answer: Answer | None = None
        self._poll = select.poll()
        self._curl = pycurl.Curl()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_MAXCONNECTS, CONNECTIONS_MOST)
        for option, value in _UNCHANGING:
            self._curl.setopt(option, value)
        self._curl.setopt(pycurl.RESOLVE, list(resolve))
        self._curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        self._curl.setopt(pycurl.HEADERFUNCTION, self._take_header)
        self._curl.setopt(pycurl.WRITEFUNCTION, self._take_body)

    def carry(
        self, errand: Errand, gate: Gate, answer: Answer, aborted: threading.Event
    ) -> tuple[int, str] | None:
        """Run one exchange into `answer`; return libcurl's error number and text, None when aborted."""
        self._gate, self._answer = gate, answer
        self._address(errand)
        self._multi.add_handle(self._curl)
        try:
            return self._drive(aborted)
        finally:
            self._multi.remove_handle(self._curl)
            gate.close()
            self._gate = self._answer = None

    def close(self) -> None:
        """Drop the connections. May wait for a name lookup that libcurl has given up on."""
        self._curl.close()
        self._multi.close()

    def _address(self, errand: Errand) -> None:
        set_option = self._curl.setopt
        set_option(pycurl.URL, errand.url)
        set_option(pycurl.HTTPHEADER, list(errand.headers))
        set_option(pycurl.TIMEOUT_MS, max(1, int(errand.seconds * 1000)))
        set_option(pycurl.CONNECTTIMEOUT_MS, max(1, int(errand.connect_seconds * 1000)))
        if errand.ca_file or errand.ca_folder:
            set_option(pycurl.CAINFO, errand.ca_file)
            set_option(pycurl.CAPATH, errand.ca_folder)

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

    def _open_socket(self, _purpose: int, asked: pycurl.CurlSockAddr) -> object:
        return self._gate.open(asked) if self._gate else pycurl.SOCKET_BAD

    def _take_header(self, line: bytes) -> int:
        return len(line) if self._answer and self._answer.take_header(line) else -1

    def _take_body(self, chunk: bytes) -> int:
        return len(chunk) if self._answer and self._answer.take_body(chunk) else -1


# Everything that could lead elsewhere than the URL says is off: proxies (also from the
# environment), .netrc, credentials, cookies, libcurl's own redirects, other protocols, HTTP/0.9.
_UNCHANGING: Final[tuple[tuple[int, object], ...]] = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.NOPROGRESS, 1),
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.REDIR_PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.FOLLOWLOCATION, 0),
    (pycurl.PROXY, ""),
    (pycurl.NOPROXY, "*"),
    (pycurl.NETRC, pycurl.NETRC_IGNORED),
    (pycurl.UNRESTRICTED_AUTH, 0),
    (pycurl.HTTP09_ALLOWED, 0),
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
    (pycurl.HTTP_CONTENT_DECODING, 0),
    (pycurl.SSL_VERIFYPEER, 1),
    (pycurl.SSL_VERIFYHOST, 2),
    (pycurl.BUFFERSIZE, RECEIVE_BYTES),
    (pycurl.MAXCONNECTS, CONNECTIONS_MOST),
)
