"""One libcurl easy handle, set up once so that it goes nowhere but where the URL says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pycurl

from feedsvc.fetch.answer import Answer
from feedsvc.fetch.gate import Gate

RECEIVE_BYTES: Final = 64 * 1024
CONNECTIONS_MOST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What to send on one hop. Times in seconds; certificates from a file or a folder."""

    url: str
    headers: tuple[bytes, ...]
    seconds: float
    connect_seconds: float
    ca_file: str | None
    ca_folder: str | None


class Handle:
    """A handle that carries one exchange at a time; a multi interface drives it.

    Kept connections belong to the multi interface and never pass the gate again, so handles under
    different admissions must not share one.
    """

    def __init__(self, resolve: tuple[str, ...]) -> None:
        self._gate: Gate | None = None
        self._answer: Answer | None = None
        self._store: tuple[str | None, str | None] = (None, None)
        self.curl = pycurl.Curl()
        for option, value in _UNCHANGING:
            self.curl.setopt(option, value)
        if resolve:
            self.curl.setopt(pycurl.RESOLVE, list(resolve))
        self.curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        self.curl.setopt(pycurl.HEADERFUNCTION, self._take_header)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._take_body)

    def load(self, errand: Errand, gate: Gate, answer: Answer) -> None:
        """Make ready for one exchange: what to send, whom to ask before a connect, who takes what comes."""
        self._gate, self._answer = gate, answer
        set_option = self.curl.setopt
        set_option(pycurl.URL, errand.url)
        set_option(pycurl.HTTPHEADER, list(errand.headers))
        set_option(pycurl.TIMEOUT_MS, max(1, int(errand.seconds * 1000)))
        set_option(pycurl.CONNECTTIMEOUT_MS, max(1, int(errand.connect_seconds * 1000)))
        store = (errand.ca_file, errand.ca_folder)
        if store != self._store and any(store):
            set_option(pycurl.CAINFO, errand.ca_file)
            set_option(pycurl.CAPATH, errand.ca_folder)
            self._store = store

    def unload(self) -> None:
        """Forget the exchange, close our side of its sockets."""
        if self._gate is not None:
            self._gate.close()
        self._gate = self._answer = None

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
