"""The hot layer against Flask alone: the same application, the same stored bytes, in-process WSGI calls.

Prints microseconds of CPU per request for a gzip 200, a 304 and a 304 with a long list of tags, and
the ratio. Rounds are interleaved and the median is taken, so that a busy machine harms both alike.
"""

from __future__ import annotations

import gzip
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, request

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from feedsvc.domain.feed import MEDIA_TYPES, FeedDocument
from feedsvc.store.shelf import Shelf
from feedsvc.web.hot import DocumentMemory, HotFeeds
from feedsvc.web.variants import cache_control

PATH = "/feeds/gongan.rss"
ROUNDS = 7
BODY = "".join(
    f"<item><title>第{number}条</title><description>{hashlib.sha256(bytes([number])).hexdigest() * 30}"
    "</description></item>"
    for number in range(60)
).encode()
DOCUMENT = FeedDocument(
    slug="gongan",
    format="rss",
    cursor=1,
    etag=f"1-{hashlib.sha256(BODY).hexdigest()[:12]}",
    last_modified=datetime(2026, 11, 23, 8, 40, tzinfo=UTC),
    edition="bench",
    body=BODY,
    gzip=gzip.compress(BODY, mtime=0),
    brotli=brotli.compress(BODY, quality=5),
)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def plain_flask() -> Flask:
    """Flask returning the stored bytes with the same validators, by its own conditional machinery."""
    app = Flask("bench", static_folder=None)

    @app.get("/feeds/<slug>.<name>")
    def feed(slug: str, name: str) -> Response:
        assert (slug, name) == (DOCUMENT.slug, DOCUMENT.format)
        wanted = request.accept_encodings.best_match(["br", "gzip"], default="identity")
        body = {"br": DOCUMENT.brotli, "gzip": DOCUMENT.gzip}.get(wanted, DOCUMENT.body)
        response = Response(body, content_type=MEDIA_TYPES["rss"])
        if wanted != "identity":
            response.headers["Content-Encoding"] = wanted
        response.set_etag(f"{DOCUMENT.etag}-{wanted}")
        response.last_modified = DOCUMENT.last_modified
        response.headers["Cache-Control"] = cache_control(300)
        response.vary.add("Accept-Encoding")
        response.make_conditional(request)
        return response

    return app


def environ(**headers: str) -> dict[str, Any]:
    """The WSGI environment of one request, as a server hands it over."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "bench",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **headers,
    }


def microseconds(
    app: Application, request_environ: dict[str, Any], status: str, calls: int
) -> float:
    """CPU time per request; each answer's status is checked once before."""
    seen: list[str] = []

    def start_response(said: str, _: list[tuple[str, str]], __: object = None) -> None:
        seen.append(said)

    b"".join(app(request_environ.copy(), start_response))
    assert seen == [status], seen
    environs = [request_environ.copy() for _ in range(calls)]
    began = time.process_time()
    for each in environs:
        answer = app(each, start_response)
        for _ in answer:
            pass
        if hasattr(answer, "close"):
            answer.close()
    return (time.process_time() - began) / calls * 1e6


def main() -> None:
    flask = plain_flask()
    folder = tempfile.TemporaryDirectory()
    shelf = Shelf(Path(folder.name))
    shelf.put([DOCUMENT])
    hot = HotFeeds(flask, DocumentMemory(shelf, "https://news.example"))
    old_tags = ", ".join(f'"{number}-0123456789ab"' for number in range(8))
    cases = {
        "gzip 200": ("200 OK", environ(HTTP_ACCEPT_ENCODING="gzip, deflate")),
        "304": (
            "304",
            environ(HTTP_ACCEPT_ENCODING="gzip, deflate", HTTP_IF_NONE_MATCH="{etag}"),
        ),
        "304, 9 tags": (
            "304",
            environ(HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=old_tags + ", {etag}"),
        ),
    }
    print(f"document {len(BODY)} B, gzip {len(DOCUMENT.gzip)} B; CPU µs per in-process request")
    print(f"{'':12} {'Flask':>8} {'hot':>8} {'ratio':>8}")
    for name, (status, wanted) in cases.items():
        timed: dict[str, list[float]] = {"flask": [], "hot": []}
        for _ in range(ROUNDS):
            for app, label, tag, ok, calls in (
                (flask, "flask", "gzip", "NOT MODIFIED", 300),
                (hot, "hot", "gz", "Not Modified", 10_000),
            ):
                sent = dict(wanted)
                if "HTTP_IF_NONE_MATCH" in sent:
                    etag = f'"{DOCUMENT.etag}-{tag}"'
                    sent["HTTP_IF_NONE_MATCH"] = sent["HTTP_IF_NONE_MATCH"].format(etag=etag)
                full = f"{status} {ok}" if status == "304" else status
                timed[label].append(microseconds(app, sent, full, calls))
        slow, fast = statistics.median(timed["flask"]), statistics.median(timed["hot"])
        print(f"{name:12} {slow:8.1f} {fast:8.2f} {slow / fast:7.0f}x")


if __name__ == "__main__":
    main()
