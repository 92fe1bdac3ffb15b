"""The partners of bench_ingest.py: a process that serves one feed of made-up texts for each number."""

from __future__ import annotations

import gzip
import itertools
import random
import sys
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ITEMS = 50
WORDS = 333
# Made-up words of the most common characters (GB 2312, first level), some far more frequent than
# others, as words are: texts that nobody would take for reposts of each other.
VOCABULARY = 4_000


@cache
def words() -> tuple[list[str], list[float]]:
    rng = random.Random(VOCABULARY)
    common = bytes(
        each for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF) for each in (row, cell)
    )
    han = common.decode("gb2312")
    made = ["".join(rng.choices(han, k=rng.choice((1, 2, 2, 2, 3)))) for _ in range(VOCABULARY)]
    return made, list(itertools.accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))


def document(number: int) -> bytes:
    """The feed of one source: texts that no other source has."""
    rng = random.Random(number)
    items = "".join(_item(number, each, rng) for each in range(ITEMS))
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>第{number}号来源</title><link>http://p{number}.example/</link>{items}</channel></rss>"
    ).encode()


def _item(number: int, each: int, rng: random.Random) -> str:
    made, weights = words()
    told = rng.choices(made, cum_weights=weights, k=WORDS)
    clauses = ["".join(told[at : at + 8]) for at in range(0, WORDS, 8)]
    marked = zip(clauses, itertools.cycle("，，。"), strict=False)
    sentences = ["".join(clause) for clause in marked]
    body = "".join(
        f"&lt;p&gt;{''.join(sentences[at : at + 6])}&lt;/p&gt;"
        for at in range(3, len(sentences), 6)
    )
    return (
        f"<item><title>{''.join(clauses[:3])}</title><link>http://p{number}.example/2026/{each}.html</link>"
        f"<guid isPermaLink='false'>tag:p{number},{each}</guid>"
        f"<pubDate>Mon, 02 Mar 2026 {each % 24:02}:{each:02}:00 +0800</pubDate>"
        f"<author>林{each}</author><description>{body}</description></item>"
    )


class Partner(BaseHTTPRequestHandler):
    """Even sources honour their ETag; odd ones give none and send the same bytes again and again."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    @staticmethod
    @cache
    def body(number: int) -> bytes:
        return gzip.compress(document(number), 6, mtime=0)

    def do_GET(self) -> None:
        number = int(self.path.strip("/"))
        if number % 2 == 0 and self.headers["If-None-Match"] == f'"{number}"':
            self.send_response_only(304)
            self.end_headers()
            return
        body = self.body(number)
        self.send_response_only(200)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        if number % 2 == 0:
            self.send_header("ETag", f'"{number}"')
        self.end_headers()
        self.wfile.write(body)


def serve() -> None:
    ThreadingHTTPServer.request_queue_size = 256
    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    serve()
