"""A relay on loopback that writes down what readers ask of the service behind it, and what they are answered."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOPS = {"connection", "transfer-encoding", "keep-alive", "host"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One exchange; header names of the request in lower case."""

    path: str
    headers: Mapping[str, str]
    status: int


@dataclass(slots=True)
class Recorder:
    """The relay's address and its record."""

    url: str
    exchanges: list[Asked] = field(default_factory=list)

    def statuses(self, path: str) -> list[int]:
        """How each request for a path was answered, in order."""
        return [each.status for each in self.exchanges if each.path == path]


@contextmanager
def recording(port: int) -> Iterator[Recorder]:
    """Relay everything to a service on a loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            back = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            sent = {n: v for n, v in self.headers.items() if n.lower() not in _HOPS}
            back.request("GET", self.path, headers=sent)
            answer = back.getresponse()
            body = answer.read()
            lowered = {name.lower(): value for name, value in sent.items()}
            recorder.exchanges.append(Asked(self.path, lowered, answer.status))
            self.send_response(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in _HOPS:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            back.close()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder = Recorder(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
