"""The applications that bench_serve compares, each started as `python -m benchmarks.serve_apps NAME PORT`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY_FILE = "BENCH_BODY"
GIVEN = "BENCH_FRONT"


def given() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(os.environ[BODY_FILE]).read_text())
    return found


def flask_stored() -> Callable[..., Any]:
    """Flask that returns stored bytes by its own conditional machinery."""
    from flask import Flask, Response, request

    app = Flask("bench", static_folder=None)
    stored = given()
    plain, packed, etag = stored["body"].encode(), bytes.fromhex(stored["gzip"]), stored["etag"]

    @app.get("/feeds/<name>")
    def feed(name: str) -> Response:
        assert name == "gongan.rss"
        coded = request.accept_encodings.best_match(["gzip"], default="identity") == "gzip"
        response = Response(packed if coded else plain, content_type="application/rss+xml")
        if coded:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{etag}{'-gz' if coded else ''}")
        response.headers["Cache-Control"] = "public, max-age=300"
        response.vary.add("Accept-Encoding")
        response.make_conditional(request)
        return response

    return app


def items() -> list[dict[str, str]]:
    import feedparser

    return [
        {"title": entry.title, "link": entry.link, "id": entry.id, "body": entry.content[0].value}
        for entry in feedparser.parse(given()["body"]).entries
    ]


def flask_feedgen() -> Callable[..., Any]:
    """Flask that builds the feed with feedgen for every request."""
    import gzip
    from datetime import UTC, datetime
    from hashlib import sha256

    from feedgen.feed import FeedGenerator
    from flask import Flask, Response, request

    app = Flask("bench", static_folder=None)
    entries = items()
    at = datetime(2026, 8, 8, tzinfo=UTC)

    @app.get("/feeds/<name>")
    def feed(name: str) -> Response:
        generator = FeedGenerator()
        generator.title(name)
        generator.link(href="https://news.example/")
        generator.description(name)
        generator.lastBuildDate(at)
        for each in entries:
            entry = generator.add_entry(order="append")
            entry.title(each["title"])
            entry.link(href=each["link"])
            entry.guid(each["id"])
            entry.published(at)
            entry.content(each["body"])
        body = generator.rss_str()
        response = Response(gzip.compress(body, 6), content_type="application/rss+xml")
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(sha256(body).hexdigest()[:12])
        response.make_conditional(request)
        return response

    return app


def django_view() -> Callable[..., Any]:
    """Django's own syndication view with its conditional and gzip middleware."""
    import django
    from django.conf import settings
    from django.contrib.syndication.views import Feed
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    class Bench(Feed):  # type: ignore[misc, type-arg, unused-ignore]
        title = link = description = "/"

        def items(self) -> list[dict[str, str]]:
            return entries

        def item_title(self, item: dict[str, str]) -> str:
            return item["title"]

        def item_description(self, item: dict[str, str]) -> str:
            return item["body"]

        def item_link(self, item: dict[str, str]) -> str:
            return item["link"]

    entries = items()
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106 - signs nothing
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=[
            "django.middleware.http.ConditionalGetMiddleware",
            "django.middleware.gzip.GZipMiddleware",
        ],
    )
    django.setup()
    urlpatterns.append(path("feeds/gongan.rss", Bench()))
    application: Callable[..., Any] = get_wsgi_application()
    return application


urlpatterns: list[Any] = []


def slow_application() -> Callable[..., Any]:
    """Pages that sleep a second, and pages that burn one."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            time.sleep(1)
        elif environ["PATH_INFO"] == "/burn":
            end = time.thread_time() + 1
            while time.thread_time() < end:
                sum(range(1000))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return app


def serve_front(port: int) -> None:
    """The front as `feedsvc web` runs it, with the slow application behind it."""
    from feedsvc.cli.run import stop_signals
    from feedsvc.cli.serve import kept, start_front
    from feedsvc.front.front import listen

    given = json.loads(os.environ[GIVEN])
    command = [sys.executable, "-m", "benchmarks.serve_apps", "behind", given["application"]]
    with (
        stop_signals() as stopped,
        listen("127.0.0.1", port) as listener,
        kept("application", lambda: subprocess.Popen(command), 1.0),
        kept("front", lambda: start_front(listener, given), 1.0),
    ):
        stopped.wait()


def serve_behind(path: Path) -> None:
    """The slow application, as `feedsvc web` runs the application behind its front."""
    from feedsvc.cli.serve import PAGE_THREADS, run_granian

    path.unlink(missing_ok=True)
    run_granian("benchmarks.serve_apps:slow_application", uds=path, blocking_threads=PAGE_THREADS)


if __name__ == "__main__":
    name, where = sys.argv[1], sys.argv[2]
    if name == "front":
        serve_front(int(where))
    elif name == "behind":
        serve_behind(Path(where))
    else:
        from feedsvc.cli.serve import run_granian

        run_granian(
            f"benchmarks.serve_apps:{name}",
            address="127.0.0.1",
            port=int(where),
            blocking_threads=8,
        )
