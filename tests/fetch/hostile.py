"""A loopback HTTP server that misbehaves on purpose: raw sockets and threads, one handler a path.

    with HostileServer({"/feed": answer(b"<rss/>"), "/cut": raw(SHORT)}) as server:
        fetcher.fetch(FetchRequest(url=server.url("/feed")))

`TROUBLES` holds the ways to fail that every caller of the gateway has to survive. The server
counts connections, so a test can show that none was made. Waits end when it stops.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

CERTIFICATE = Path(__file__).with_name("loopback.pem")
LINE = b"\r\n"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came in; header names are lower-case."""

    path: str
    headers: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Peer:
    """The client of one request, for a handler to do with as it likes."""

    asked: Asked
    connection: socket.socket
    stopped: threading.Event
    keep: bool = False

    def send(self, data: bytes) -> bool:
        """False when the client has gone."""
        try:
            self.connection.sendall(data)
        except OSError:
            return False
        return not self.stopped.is_set()


Handler = Callable[[Peer], None]


def head(status: int = 200, *fields: str) -> bytes:
    """A status line and fields, without the empty line that ends them."""
    return b"".join(f"{line}\r\n".encode("latin-1") for line in (f"HTTP/1.1 {status} X", *fields))


def answer(body: bytes = b"", status: int = 200, *fields: str) -> Handler:
    """A well-formed answer with its length; the connection stays open."""
    sized = head(status, f"Content-Length: {len(body)}", *fields) + LINE + body

    def handle(peer: Peer) -> None:
        peer.keep = peer.send(sized)

    return handle


def redirect(location: str, status: int = 302) -> Handler:
    """Send the client elsewhere."""
    return answer(b"moved", status, f"Location: {location}")


def conditional(body: bytes, etag: str) -> Handler:
    """304 to whoever sends the validator, else the body with it."""

    def handle(peer: Peer) -> None:
        known = peer.asked.headers.get("if-none-match") == etag
        reply = head(304, f"ETag: {etag}") if known else head(200, f"ETag: {etag}")
        sized = b"" if known else f"Content-Length: {len(body)}\r\n".encode()
        peer.keep = peer.send(reply + sized + LINE + (b"" if known else body))

    return handle


def raw(data: bytes) -> Handler:
    """These bytes, then the end of the connection."""

    def handle(peer: Peer) -> None:
        peer.send(data)

    return handle


def reset(data: bytes) -> Handler:
    """These bytes, then a reset as soon as the client has read them."""

    def handle(peer: Peer) -> None:
        peer.send(data)
        peer.stopped.wait(0.05)
        peer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return handle


def drip(start: bytes, piece: bytes, pause: float) -> Handler:
    """`start`, then `piece` every `pause` seconds for as long as the client stays."""

    def handle(peer: Peer) -> None:
        going = peer.send(start)
        while going and not peer.stopped.wait(pause):
            going = peer.send(piece)

    return handle


def flood(start: bytes, piece: bytes) -> Handler:
    """`start`, then `piece` without end."""
    return drip(start, piece, 0.0)


def silence(peer: Peer) -> None:
    """Accept, read the request, and say nothing until the server stops."""
    peer.stopped.wait()


def bomb(megabytes: int) -> bytes:
    """Gzip data that inflates to so many megabytes of zeros, a thousandth of that on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(MEGABYTE)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


WHOLE = gzip.compress(b"<rss>" + b"a story " * 5_000 + b"</rss>", mtime=0)
GZIPPED = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"

TROUBLES: Mapping[str, Handler] = {
    "/403": answer(b"no", 403),
    "/404": answer(b"no", 404),
    "/410": answer(b"no", 410),
    "/429": answer(b"later", 429, "Retry-After: 120"),
    "/500": answer(b"oh", 500),
    "/503": answer(b"oh", 503, "Retry-After: 30"),
    "/404-cut": raw(head(404, "Content-Length: 900") + LINE + b"no"),
    "/404-huge": raw(head(404, f"Content-Length: {50 * MEGABYTE}") + LINE + b"no" * 100_000),
    "/404-flood": flood(head(404) + LINE, b"no" * 32_768),
    "/304-unasked": raw(head(304) + LINE),
    "/206": answer(b"half", 206, "Content-Range: bytes 0-3/8"),
    "/loop-a": redirect("/loop-b"),
    "/loop-b": redirect("/loop-a"),
    "/loop-self": redirect("/loop-self"),
    "/nowhere": answer(b"", 302),
    **{f"/chain-{n}": redirect(f"/chain-{n + 1}") for n in range(12)},
    "/huge-declared": raw(head(200, f"Content-Length: {50 * MEGABYTE}") + LINE + b"x"),
    "/huge-number": raw(head(200, f"Content-Length: {'9' * 5000}") + LINE + b"x"),
    "/huge-undeclared": flood(head() + LINE, b"x" * 65_536),
    "/bomb": answer(bomb(12), 200, GZIPPED),
    "/bomb-deflate": answer(
        zlib.compress(bytes(12 * MEGABYTE), 9), 200, "Content-Encoding: deflate"
    ),
    "/cut-gzip": answer(WHOLE[: len(WHOLE) // 2], 200, GZIPPED),
    "/no-gzip": answer(b"<rss>plain after all</rss>", 200, GZIPPED),
    "/unknown-coding": answer(b"zstd?", 200, "Content-Encoding: zstd"),
    "/two-codings": answer(WHOLE, 200, "Content-Encoding: gzip, gzip"),
    "/short": raw(head(200, "Content-Length: 100") + LINE + b"hello"),
    "/cut-chunks": raw(head(200, CHUNKED) + LINE + b"5\r\nhello\r\n"),
    "/bad-chunks": raw(head(200, CHUNKED) + LINE + b"zz\r\nhello\r\n0\r\n\r\n"),
    "/unknown-transfer": raw(
        head(200, "Transfer-Encoding: gzip, chunked") + LINE + b"5\r\nhello\r\n"
    ),
    "/cut-header": raw(head(200, "Content-Type: text/xml")),
    "/two-lengths": raw(head(200, "Content-Length: 2", "Content-Length: 5") + LINE + b"hello"),
    "/negative-length": raw(head(200, "Content-Length: -5") + LINE + b"hello"),
    "/length-and-chunks": raw(
        head(200, "Content-Length: 2", CHUNKED) + LINE + b"5\r\nhello\r\n0\r\n\r\n"
    ),
    "/http09": raw(b"<rss>no header at all</rss>"),
    "/garbage": raw(b"\x00\x01\x02\xff\xfe" * 20),
    "/no-status": raw(b"HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok"),
    "/switching": raw(head(101, "Upgrade: x") + LINE + b"hello"),
    "/header-flood": flood(head(), b"X-More: of it\r\n" * 500),
    "/header-big": answer(b"ok", 200, *(f"X-{n}: {'a' * 1000}" for n in range(80))),
    "/header-long": flood(head() + b"X-Long: ", b"a" * 65_536),
    "/early-hints-flood": flood(b"", (head(103, "Link: </a>; rel=preload") + LINE) * 200),
    "/empty": raw(b""),
    "/reset": reset(b""),
    "/reset-body": reset(head(200, "Content-Length: 50") + LINE + b"hello"),
    "/drip-body": drip(head(200, "Content-Length: 5000") + LINE, b"x", 0.02),
    "/drip-header": drip(head(), b"X-Slow: y\r\n", 0.02),
    "/silence": silence,
}


@dataclass(kw_only=True)
class _Tally:
    connections: int = 0
    requests: list[Asked] = field(default_factory=list)


class HostileServer:
    """Serves `routes` on a port of its own from entry to exit; any other path gets a plain 404."""

    def __init__(
        self,
        routes: Mapping[str, Handler],
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.routes = dict(routes)
        self._tls = tls
        self._stopped = threading.Event()
        self._lock = threading.Condition()
        self._tally = _Tally()
        self._serving: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=256)
        self.address = address
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> HostileServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        # A thread in accept() holds the listener: only shutdown wakes it.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in (self._thread, *self._serving):
            thread.join(5)

    def url(self, path: str, host: str | None = None) -> str:
        """The address of a path here, under another host name where one is given."""
        scheme = "https" if self._tls else "http"
        bracketed = f"[{self.address}]" if ":" in self.address else self.address
        return f"{scheme}://{host or bracketed}:{self.port}{path}"

    @property
    def connections(self) -> int:
        """How many connections came in so far."""
        return self._tally.connections

    @property
    def requests(self) -> list[Asked]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return list(self._tally.requests)

    def await_requests(self, count: int, seconds: float = 5.0) -> None:
        """Return once so many requests have come in; fails the test when they do not."""
        with self._lock:
            assert self._lock.wait_for(lambda: len(self._tally.requests) >= count, seconds)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._tally.connections += 1
                self._open.add(connection)
            serving = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._serving.append(serving)
            serving.start()

    def _serve(self, connection: socket.socket) -> None:
        speaking = connection
        try:
            if self._tls is not None:
                speaking = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    # The wrapped socket took the descriptor over.
                    self._open.symmetric_difference_update({connection, speaking})
            for asked in _requests(speaking):
                with self._lock:
                    self._tally.requests.append(asked)
                    self._lock.notify_all()
                peer = Peer(asked=asked, connection=speaking, stopped=self._stopped)
                self.routes.get(asked.path.partition("?")[0], answer(b"", 404))(peer)
                if not peer.keep:
                    return
        except OSError:
            return
        finally:
            with self._lock:
                self._open.discard(speaking)
            speaking.close()
            connection.close()


def _requests(connection: socket.socket) -> Iterator[Asked]:
    """The requests on one connection; a body is not expected, a TLS greeting is a request too."""
    rest = b""
    while True:
        while b"\r\n\r\n" not in rest:
            if rest.startswith(b"\x16\x03"):
                yield Asked(path="/greeting", headers={})
                return
            more = connection.recv(65_536)
            if not more:
                return
            rest += more
        block, _, rest = rest.partition(b"\r\n\r\n")
        first, *lines = block.decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines)
        yield Asked(
            path=first.split(" ")[1],
            headers={name.lower(): value.strip() for name, _, value in fields},
        )


def tls_context() -> ssl.SSLContext:
    """A server's side with the tests' own self-signed certificate for 127.0.0.1 and localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context
