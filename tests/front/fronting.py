"""A front at work in this process, an application behind it, and a client that speaks bytes."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from feedsvc.front.answers import Answering
from feedsvc.front.front import Front, listen
from feedsvc.front.limits import Limits
from feedsvc.web.hot import DocumentMemory
from feedsvc.web.instant import InstantAnswers
from feedsvc.web.peer import restore_peer
from tests.web.documents import BASE_URL, MemoryShelf

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

QUICK = Limits(idle=30, head=30, body=30, stall=30, linger=0.5, leave=5, silence=20)


class UnixServer(ThreadingMixIn, WSGIServer):
    """The standard library's WSGI server on a socket file."""

    address_family = socket.AF_UNIX
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "feedsvc", 80
        self.setup_environ()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _ = self.socket.accept()
        return connection, ("local", 0)

    def handle_error(self, *_: object) -> None:
        """Clients that leave early are what some tests are about."""


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@contextmanager
def application(path: Path, app: WSGIApplication) -> Iterator[None]:
    """An application on a socket file."""
    server = UnixServer(str(path), Quiet)  # type: ignore[arg-type]
    server.set_app(restore_peer(app))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        path.unlink()
        thread.join()


@dataclass(frozen=True, slots=True)
class Running:
    """A front at work; it is asked over TCP."""

    front: Front
    port: int
    thread: threading.Thread

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def talk(self, *pieces: bytes) -> bytes:
        """Send pieces one after another, then say that no more comes; return everything heard."""
        with self.connect() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(OSError):
                for piece in pieces:
                    client.sendall(piece)
                client.shutdown(socket.SHUT_WR)
            return hear(client)

    def settled(self) -> None:
        """Return when nobody is connected any more."""
        deadline = time.monotonic() + 20
        while self.front.hall.visitors and time.monotonic() < deadline:
            time.sleep(0.002)
        assert not self.front.hall.visitors
        assert not self.front.hall.application.under_way
        assert not len(self.front.hall.application.line)
        assert self.front.hall.held == 0
        assert self.front.watch.faults == 0


@contextmanager
def fronting(
    answering: Answering,
    path: Path,
    *,
    limits: Limits = QUICK,
) -> Iterator[Running]:
    """A front in a thread; at the end it has stopped by itself, without a fault, and left no descriptor."""
    before = descriptors()
    with listen("127.0.0.1", 0) as listener:
        front = Front(listener, answering, path, limits=limits)
        thread = threading.Thread(target=front.run, daemon=True)
        port = listener.getsockname()[1]
        thread.start()
        try:
            yield Running(front, port, thread)
        finally:
            front.stop()
            thread.join(limits.leave + 5)
    assert not thread.is_alive()
    assert front.watch.faults == 0
    # The application's threads may be at their last lines.
    deadline = time.monotonic() + 10
    while descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert descriptors() <= before


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))


def documents(shelf: MemoryShelf) -> InstantAnswers:
    return InstantAnswers(DocumentMemory(shelf, BASE_URL))


def hear(client: socket.socket) -> bytes:
    """Everything until the other side ends."""
    heard = b""
    with suppress(ConnectionResetError):
        while data := client.recv(65536):
            heard += data
    return heard


@dataclass(frozen=True, slots=True)
class Said:
    """One answer taken apart; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def answers_in(heard: bytes, methods: Sequence[str]) -> list[Said]:
    """Take apart what was heard; `methods` are those of the requests, in order. Fails on leftovers."""
    found = []
    for method in methods:
        if not heard:
            break
        said, heard = _one_answer(heard, method)
        found.append(said)
    assert heard == b"", heard[:200]
    return found


def _one_answer(heard: bytes, method: str) -> tuple[Said, bytes]:
    head, mark, rest = heard.partition(b"\r\n\r\n")
    assert mark, heard[:200]
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status, _ = first.split(" ", 2)
    assert version in {"HTTP/1.1", "HTTP/1.0"}
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs), lines
    if method == "HEAD" or status in {"204", "304"}:
        return Said(int(status), headers, b""), rest
    length = int(headers["content-length"])
    assert len(rest) >= length
    return Said(int(status), headers, rest[:length]), rest[length:]


def in_pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Cut bytes at the given places, each modulo the length."""
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [
        piece
        for start, end in zip([0, *places], [*places, len(data)], strict=True)
        if (piece := data[start:end])
    ]
