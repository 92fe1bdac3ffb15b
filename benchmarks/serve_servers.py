"""The servers that bench_serve compares: each started anew, and billed by its processes' time."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import brotli

from benchmarks.serve_apps import BODY_FILE, GIVEN
from feedsvc.domain.feed import FeedDocument
from tests.running import free_port

ROOT = Path(__file__).resolve().parents[1]
PATH = "/feeds/gongan.rss"


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work: where, and the process whose tree is billed."""

    name: str
    port: int
    pid: int


def document(text: bytes, cursor: int = 1) -> FeedDocument:
    return FeedDocument(
        slug="gongan",
        format="rss",
        cursor=cursor,
        etag=f"{cursor}-{sha256(text).hexdigest()[:12]}",
        last_modified=datetime(2026, 8, 8, 2, 0, tzinfo=UTC),
        edition="bench",
        body=text,
        gzip=gzip.compress(text, 6, mtime=0),
        brotli=brotli.compress(text, quality=5),
    )


def full_feed() -> bytes:
    """50 articles of two-character words as frequent as in real text, which gzip makes 3 times smaller."""
    chance = random.Random(7)
    characters = [chr(0x4E00 + 7 * number) for number in range(900)]
    vocabulary = ["".join(chance.choices(characters, k=2)) for _ in range(1200)]
    weights = [1 / (rank + 4) for rank in range(1200)]

    def words(count: int) -> str:
        return "".join(chance.choices(vocabulary, weights, k=count // 2))

    items = "".join(
        f"<item><title>{words(18)}</title><link>https://news.example/a/{number}</link>"
        f'<guid isPermaLink="false">bench-{number}</guid>'
        f"<content:encoded>&lt;p&gt;{words(370)}&lt;/p&gt;&lt;p&gt;{words(370)}&lt;/p&gt;"
        "</content:encoded></item>"
        for number in range(50)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>要闻</title>'
        f"<link>https://news.example/</link><description>要闻</description>{items}</channel></rss>"
    ).encode()


def tree_seconds(pid: int) -> float:
    """Processor time of a process and all that descend from it."""
    ticks = os.sysconf("SC_CLK_TCK")
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = (int(fields[11]) + int(fields[12])) / ticks
        except (OSError, ValueError):
            continue
    return sum(seconds for each, seconds in used.items() if descends(each, pid, parents))


def descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid not in {0, 1, ancestor}:
        pid = parents.get(pid, 0)
    return pid == ancestor


@contextmanager
def started(
    name: str, port: int, command: list[str], *, processors: str = "0", **environment: str
) -> Iterator[Server]:
    """A server on the `processors` given, stopped at the end."""
    process = subprocess.Popen(
        ["taskset", "-c", processors, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_answer(port)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def nginx(folder: Path, served: FeedDocument) -> AbstractContextManager[Server]:
    """Files with gzip_static, as close to the kernel as it gets."""
    port = free_port()
    files = folder / "files" / "feeds"
    files.mkdir(parents=True)
    (files / "gongan.rss").write_bytes(served.body)
    (files / "gongan.rss.gz").write_bytes(served.gzip)
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(
        f"worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log /dev/null;"
        " events { worker_connections 1024; }"
        " http { access_log off; sendfile on; tcp_nopush on; gzip_static on; gzip_vary on;"
        f" etag on; types {{ application/rss+xml rss; }} keepalive_requests 1000000;"
        f" server {{ listen 127.0.0.1:{port}; root {folder}/files; }} }}"
    )
    return started("nginx gzip_static", port, ["nginx", "-c", str(config)])


def front(folder: Path, processors: str = "0") -> AbstractContextManager[Server]:
    """Our front, with an application behind it that can be slow."""
    port = free_port()
    given = {
        "application": str(folder / f"app-{port}"),
        "documents": str(folder / "documents"),
        "base_url": "https://news.example",
        "log_level": "error",
    }
    command = [sys.executable, "-m", "benchmarks.serve_apps", "front", str(port)]
    return started("feedsvc", port, command, processors=processors, **{GIVEN: json.dumps(given)})


def plain(
    folder: Path, served: FeedDocument, app: str, name: str
) -> AbstractContextManager[Server]:
    """Another application on the same server with the same options."""
    port = free_port()
    body = folder / "body.json"
    body.write_text(
        json.dumps({"body": served.body.decode(), "gzip": served.gzip.hex(), "etag": served.etag})
    )
    command = [sys.executable, "-m", "benchmarks.serve_apps", app, str(port)]
    return started(name, port, command, **{BODY_FILE: str(body)})


def await_answer(port: int) -> None:
    for _ in range(400):
        try:
            if ask(port)[0] < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


def ask(
    port: int, headers: dict[str, str] | None = None, path: str = PATH
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return (
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read(),
        )
    finally:
        connection.close()
