"""The sample partner over HTTP: a server in a thread, on loopback unless the caller says otherwise."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from socketserver import TCPServer
from sys import exception
from urllib.parse import urlsplit

from feedsvc.demo.addresses import HOMES, PICTURES, RSS
from feedsvc.demo.answers import Answer, answer, conditional, failed, forbidden
from feedsvc.demo.story import Story
from feedsvc.demo.texts import load_outlets

KEPT_EVENTS = 1000
# How often the serving thread looks whether it is to stop; a stop takes at most this long.
_STOP_CHECK = 0.05
_SILENT_CLIENT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEvent:
    """One request that was answered: when, which path (query left out), with which status."""

    at: datetime
    path: str
    status: int


def utc_now() -> datetime:
    """The clock of a running partner."""
    return datetime.now(UTC)


class DemoSite:
    """The partner's site. Its story began at `started_at` (aware) and goes by `clock`.

    Port 0 takes a free one. The addresses in feeds name host and port, so a caller that keeps
    articles keeps both port and `started_at`.
    """

    def __init__(
        self,
        started_at: datetime,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._story = Story(started_at, load_outlets())
        self._address = (host, port)
        self._clock = clock
        self._events: deque[SiteEvent] = deque(maxlen=KEPT_EVENTS)
        self._failed: int | None = None
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Bind and serve in a thread. Raises OSError (the port is taken) or OverflowError (no port)."""
        self._server = _Server(self._address, self)
        self._address = (self._address[0], self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_STOP_CHECK,),
            name="demo-partner",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; harmless when it is not running."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    @property
    def port(self) -> int:
        """The port it is bound to; before the start the wished one."""
        return self._address[1]

    @property
    def base_url(self) -> str:
        """The site's address without a trailing slash."""
        host, port = self._address
        return f"http://{host}:{port}"

    @property
    def urls(self) -> dict[str, str]:
        """The address of each source by its name (rss, atom, list, broken), and of the `home` page."""
        sources = {str(name): self.base_url + path for name, path in HOMES.items()}
        return {"home": f"{self.base_url}/", **sources}

    @property
    def events(self) -> list[SiteEvent]:
        """The last requests, oldest first."""
        with self._lock:
            return list(self._events)

    def respond(
        self,
        target: str,
        none_match: str | None,
        modified_since: str | None,
        referer: str | None = None,
    ) -> Answer:
        """Answer a request for a target (path and query) now, and note it.

        Pictures go to pages of the partner's own only, as `referer` says which one asks.
        """
        now = self._clock()
        path = urlsplit(target).path
        if path == RSS and self._fails(now):
            given = failed()
        elif path.startswith(PICTURES) and not (referer or "").startswith(f"{self.base_url}/"):
            given = forbidden()
        else:
            plain = answer(self._story, path, now, self.base_url)
            given = conditional(plain, none_match, modified_since)
        with self._lock:
            self._events.append(SiteEvent(at=now, path=path, status=given.status))
        return given

    def _fails(self, now: datetime) -> bool:
        """Whether this request is the one that meets the failure of the round."""
        due = self._story.source_at("rss", now).failure
        with self._lock:
            if due is None or due == self._failed:
                return False
            self._failed = due
            return True


class _Server(ThreadingHTTPServer):
    # The stop does not wait for daemons: a client that keeps its connection open cannot hold it up.
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], site: DemoSite) -> None:
        self.site = site
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # The inherited one asks the resolver for the host's name, which may take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        # A reader that hangs up in the middle is no news.
        if not isinstance(exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "DemoPartner"
    sys_version = ""
    timeout = _SILENT_CLIENT

    def do_GET(self) -> None:
        self.wfile.write(self._head())

    def do_HEAD(self) -> None:
        self._head()

    def log_message(self, *_: object) -> None:
        """Say nothing: the site keeps its own events."""

    def _head(self) -> bytes:
        """Send status and headers; return the body that belongs to them."""
        given = self.server.site.respond(
            self.path,
            self.headers.get("If-None-Match"),
            self.headers.get("If-Modified-Since"),
            self.headers.get("Referer"),
        )
        self.send_response(given.status)
        if given.status in {200, 304}:
            self.send_header("ETag", given.etag)
            if given.last_modified is not None:
                self.send_header("Last-Modified", given.last_modified)
        if given.status == 304:
            self.end_headers()
            return b""
        self.send_header("Content-Type", given.content_type)
        self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        return given.body
