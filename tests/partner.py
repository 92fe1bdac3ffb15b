"""A partner for tests: a real loopback HTTP server whose pages a test sets and whose requests it counts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

STARTED = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
SENTENCE = (
    "云岭镇派出所把夜间窗口延长到晚上九点，群众下班后也能办证，窗口民警轮班值守，节假日不打烊。"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one path answers."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/xml"),)


@dataclass(slots=True)
class Partner:
    """The server's pages and what was asked of it; `asked` has the last request's headers by path."""

    url: str = ""
    pages: dict[str, Answer | Callable[[], Answer]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, path: str, body: bytes | str, *headers: tuple[str, str]) -> None:
        """Answer `path` with this body from now on."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Answer(data, headers=headers or Answer(b"").headers)

    def count(self, path: str) -> int:
        """How often `path` was asked for."""
        with self.lock:
            return self.requests[path]


@contextmanager
def partner_site() -> Iterator[Partner]:
    """Run a partner on a free loopback port."""
    partner = Partner()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two writes; the second would wait 40 ms for the answer to the first.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            with partner.lock:
                partner.requests[self.path] += 1
                partner.asked[self.path] = {
                    name.lower(): value for name, value in self.headers.items()
                }
            page = partner.pages.get(self.path, Answer(b"gone", status=404))
            answer = page() if callable(page) else page
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    partner.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield partner
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True, slots=True)
class Story:
    """One article of the test partner."""

    number: int
    title: str = ""
    text: str = SENTENCE
    extra: str = ""

    @property
    def headline(self) -> str:
        return self.title or f"云岭夜间窗口第{self.number}天"

    @property
    def guid(self) -> str:
        return f"story-{self.number}"

    @property
    def published_at(self) -> datetime:
        return STARTED + timedelta(minutes=self.number)


def rss(stories: Sequence[Story], *, link_base: str = "https://partner.example/n") -> str:
    """An RSS 2.0 document of these stories, newest first."""
    items = "".join(
        f"<item><title>{escape(story.headline)}</title>"
        f"<link>{link_base}/{story.number}.html</link>"
        f'<guid isPermaLink="false">{story.guid}</guid>'
        f"<pubDate>{format_datetime(story.published_at)}</pubDate>"
        f"<description>{escape(f'<p>{story.text}（{story.number}）</p>')}</description>"
        f"{story.extra}</item>"
        for story in sorted(stories, key=lambda story: -story.number)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        "<title>云岭警务网</title><link>https://partner.example/</link>"
        f"<description>云岭</description>{items}</channel></rss>"
    )
