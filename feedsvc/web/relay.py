"""From the hot process to the application behind it: one request over a local socket, in bounds.

Feed documents are answered by a process that knows nothing else, so that a page that is slow, hangs,
burns the processor or crashes is never felt by a feed reader (measured: beside 16 slow pages in the
same process, readers waited seconds). Everything else is handed on here, a thread a request. When
all places are taken, or the application is down, the visitor is told to come again.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

# What the peer's address travels in; nobody else may set it, the relay always does.
PEER = "X-Feedsvc-Peer"
_PEER_KEY = "HTTP_X_FEEDSVC_PEER"
RETRY_AFTER = "5"
LARGEST_BODY = 16 * 1024 * 1024
PIECE = 64 * 1024
BUSY = b"Busy; try again shortly.\n"
TOO_LARGE = b"The request is too large.\n"
# Connection-level headers (RFC 9110 section 7.6.1): they end at each hop.
HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
# RFC 3986: what may stand in a path as it is.
_PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"
_QUERY_CHARACTERS = _PATH_CHARACTERS + "?%"


class Relay:
    """A WSGI application that is another process; thread-safe.

    `places` requests are under way at most, `seconds` is how long the application may be silent.
    """

    def __init__(self, path: Path, *, places: int = 48, seconds: float = 60) -> None:
        self._path = str(path)
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(places)
        self._idle: list[HTTPConnection] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand one request on (PEP 3333)."""
        body = _read_body(environ)
        if body is None:
            return _say(start_response, "413 Content Too Large", TOO_LARGE)
        if not self._places.acquire(blocking=False):
            return _busy(start_response)
        try:
            connection, response = self._exchange(environ, body)
        except (OSError, HTTPException):
            self._places.release()
            return _busy(start_response)
        headers = [pair for pair in response.getheaders() if pair[0].lower() not in HOP_BY_HOP]
        start_response(f"{response.status} {response.reason}", headers)
        return _Body(response, lambda: self._done(connection, response))

    def _exchange(
        self, environ: WSGIEnvironment, body: bytes
    ) -> tuple[HTTPConnection, HTTPResponse]:
        """Ask over a connection that is open already; over a new one where that has just ended."""
        with suppress(IndexError):
            connection = self._idle.pop()
            with suppress(ConnectionError, HTTPException):
                return connection, _ask(connection, environ, body)
            connection.close()
            if environ["REQUEST_METHOD"] not in {"GET", "HEAD", "OPTIONS"}:
                # It may have been carried out before the connection broke.
                raise ConnectionError("the application hung up")
        connection = _LocalConnection(self._path, self._seconds)
        try:
            return connection, _ask(connection, environ, body)
        except (OSError, HTTPException):
            connection.close()
            raise

    def _done(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        if response.isclosed() and not response.will_close:
            self._idle.append(connection)
        else:
            connection.close()
        self._places.release()


class _LocalConnection(HTTPConnection):
    """HTTP over a socket of the file system."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("feedsvc", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Body:
    """An answer's body as it comes; `close` gives the place back, however the answer ended."""

    def __init__(self, response: HTTPResponse, done: Callable[[], None]) -> None:
        self._response = response
        self._done: Callable[[], None] | None = done

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._response.read(PIECE):
            yield piece
        self.close()

    def close(self) -> None:
        """End the exchange (PEP 3333): the server calls it after the last piece, or earlier."""
        done, self._done = self._done, None
        if done is not None:
            done()


def restore_peer(app: WSGIApplication) -> WSGIApplication:
    """Give `app` the visitor's address that the relay handed on; for the application's process only."""

    def restored(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = environ.pop(_PEER_KEY, "")
        return app(environ, start_response)

    return restored


def _ask(connection: HTTPConnection, environ: WSGIEnvironment, body: bytes) -> HTTPResponse:
    connection.putrequest(
        environ["REQUEST_METHOD"], _target(environ), skip_host=True, skip_accept_encoding=True
    )
    for name, value in _headers(environ):
        connection.putheader(name, value)
    if body or environ["REQUEST_METHOD"] in {"POST", "PUT", "PATCH"}:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    return connection.getresponse()


def _target(environ: WSGIEnvironment) -> str:
    """The request's path and query; WSGI hands the path over decoded, as Latin-1 (PEP 3333)."""
    path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_PATH_CHARACTERS) or "/"
    query = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=_QUERY_CHARACTERS)
    return f"{path}?{query}" if query else path


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_") and key != _PEER_KEY:
            name = key[5:].replace("_", "-").title()
            if name.lower() not in HOP_BY_HOP:
                yield name, value
    if environ.get("CONTENT_TYPE"):
        yield "Content-Type", environ["CONTENT_TYPE"]
    yield PEER, environ.get("REMOTE_ADDR", "")


def _read_body(environ: WSGIEnvironment) -> bytes | None:
    """The whole body, None for one that is too large: the application must not wait for a slow sender."""
    length: str = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > LARGEST_BODY:
        return None
    if not length and not environ.get("HTTP_TRANSFER_ENCODING"):
        return b""
    source: InputStream = environ["wsgi.input"]
    body = source.read(LARGEST_BODY + 1)
    return None if len(body) > LARGEST_BODY else body


def _busy(start_response: StartResponse) -> Iterable[bytes]:
    return _say(start_response, "503 Service Unavailable", BUSY, ("Retry-After", RETRY_AFTER))


def _say(
    start_response: StartResponse, status: str, words: bytes, *more: tuple[str, str]
) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(words))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *more,
    ]
    start_response(status, headers)
    return (words,)
