"""Feed documents over HTTP: our front against nginx, and against what is usually done.

All serve the same document (RSS of 50 full articles, about 121 KB, gzip beside it) on processor 0;
`wrk` with 64 connections asks from processor 1. Rounds are interleaved, medians taken. Figures are
requests per second of processor time (user and system) of the server's whole process tree, and the
ratio to nginx `gzip_static` in the same run. Then the front beside slow, burning and
killed applications, and 10,000 publications under load. Needs Debian's nginx and wrk.

    python benchmarks/bench_serve.py [rounds]
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import brotli

from benchmarks.serve_apps import BODY_FILE, GIVEN
from feedsvc.domain.feed import FeedDocument
from feedsvc.store.shelf import Shelf
from tests.running import free_port

ROOT = Path(__file__).resolve().parents[1]
PATH = "/feeds/gongan.rss"
SECONDS = 1
CONNECTIONS = 64
PUBLISHES = 10_000


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work: where, and the process whose tree is billed."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Round:
    """One second of load: requests per second of processor time, and the slowest percent in ms."""

    rate: float
    p99: float


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


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    served = document(full_feed())
    print(f"document {len(served.body)} B, gzip {len(served.gzip)} B; wrk -t1 -c{CONNECTIONS}")
    with tempfile.TemporaryDirectory() as name, ExitStack() as up:
        folder = Path(name)
        shelf = Shelf(folder / "documents")
        shelf.put([served])
        servers = [
            up.enter_context(nginx(folder, served)),
            up.enter_context(front(folder)),
            up.enter_context(plain(folder, served, "flask_stored", "Flask, stored bytes")),
            up.enter_context(plain(folder, served, "flask_feedgen", "Flask, feedgen a request")),
        ]
        if find_spec("django") is not None:
            servers.append(
                up.enter_context(plain(folder, served, "django_view", "Django feed view"))
            )
        compare(servers, rounds)
        print_beside(servers[1])
        publish_under_load(servers[1], shelf)


def compare(servers: list[Server], rounds: int) -> None:
    """Print requests per processor second and ratios for a gzip 200 and a 304."""
    modes = {"gzip 200": {}, "304": {"If-None-Match": "*"}}
    taken: dict[tuple[str, str], list[Round]] = {}
    for _ in range(rounds):
        for server in servers:
            for mode, headers in modes.items():
                sent = headers if mode != "304" else {"If-None-Match": etag_of(server)}
                taken.setdefault((server.name, mode), []).append(load(server, sent))
    print(f"{'':26}" + "".join(f"{mode:>12} /nginx  p99 ms" for mode in modes))
    best = {mode: rate_of(taken[(servers[0].name, mode)]) for mode in modes}
    for server in servers:
        cells = ""
        for mode in modes:
            found = taken[(server.name, mode)]
            p99 = statistics.median(each.p99 for each in found)
            cells += f"{rate_of(found):12.0f} {rate_of(found) / best[mode]:6.3f} {p99:7.1f}"
        print(f"{server.name:26}{cells}")


def rate_of(found: list[Round]) -> float:
    return statistics.median(each.rate for each in found)


def etag_of(server: Server) -> str:
    return ask(server.port, {"Accept-Encoding": "gzip"})[1].get("etag", "*")


def load(server: Server, headers: dict[str, str]) -> Round:
    """One second of wrk against a server."""
    before = tree_seconds(server.pid)
    sent = {"Accept-Encoding": "gzip", **headers}
    done = subprocess.run(
        [
            "taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency",
            *(part for name, value in sent.items() for part in ("-H", f"{name}: {value}")),
            f"http://127.0.0.1:{server.port}{PATH}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    spent = tree_seconds(server.pid) - before
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.strip()}
    requests = next(
        int(line.split()[0]) for line in done.stdout.splitlines() if "requests in" in line
    )
    return Round(rate=requests / max(spent, 0.01), p99=milliseconds(lines["99%"][1]))


def milliseconds(text: str) -> float:
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)


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
def started(name: str, port: int, command: list[str], **environment: str) -> Iterator[Server]:
    """A server pinned to processor 0, stopped at the end."""
    process = subprocess.Popen(
        ["taskset", "-c", "0", *command],
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


def front(folder: Path) -> AbstractContextManager[Server]:
    """Our front, with an application behind it that can be slow."""
    port = free_port()
    given = {
        "application": str(folder / "app"),
        "documents": str(folder / "documents"),
        "base_url": "https://news.example",
        "log_level": "error",
    }
    command = [sys.executable, "-m", "benchmarks.serve_apps", "front", str(port)]
    return started("feedsvc", port, command, **{GIVEN: json.dumps(given)})


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


def print_beside(server: Server) -> None:
    """Latencies of one polling reader while the application behind is kept busy."""
    print(f"\n{'one reader, 304, beside':32} {'p50 ms':>8} {'p99 ms':>8}")
    for name, paths in {
        "nothing": [],
        "16 handlers of one second": ["/slow"] * 16,
        "3 handlers that burn": ["/burn"] * 3,
        "16 slow and 3 burning ones": ["/slow"] * 16 + ["/burn"] * 3,
    }.items():
        with busy(server, paths):
            times = sorted(latencies(server, 2.0))
        middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"{name:32} {middle:8.2f} {late:8.2f}")


@contextmanager
def busy(server: Server, paths: list[str]) -> Iterator[None]:
    """Keep asking for pages of the application behind, each in a thread of its own."""
    stopped = threading.Event()

    def keep(path: str) -> None:
        while not stopped.is_set():
            ask(server.port, path=path)

    threads = [threading.Thread(target=keep, args=(path,)) for path in paths]
    for each in threads:
        each.start()
    time.sleep(0.3 if paths else 0)
    try:
        yield
    finally:
        stopped.set()
        for each in threads:
            each.join()


def latencies(server: Server, seconds: float) -> Iterator[float]:
    """Milliseconds of each of a reader's requests on one connection."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        connection.request("GET", PATH, headers={"If-None-Match": "*"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 304
        yield (time.perf_counter() - began) * 1000
        time.sleep(0.002)
    connection.close()


def publish_under_load(server: Server, shelf: Shelf) -> None:
    """Publish again and again under load; ask after each, and now and then in between."""
    stale = mixed = asked = 0
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    url = f"http://127.0.0.1:{server.port}{PATH}"
    wrk = subprocess.Popen(
        ["taskset", "-c", "1", "wrk", "-t1", "-c16", "-d600s", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    small = document(b"<rss>0</rss>")
    began = time.monotonic()
    try:
        for cursor in range(2, PUBLISHES + 2):
            body = f"<rss>{cursor}</rss>".encode()
            published = replace(
                small,
                cursor=cursor,
                body=body,
                etag=f"{cursor}-{sha256(body).hexdigest()[:12]}",
            )
            shelf.put([published])
            connection.request("GET", PATH)
            answer = connection.getresponse()
            found, tag = answer.read(), answer.headers["ETag"].strip('"')
            asked += 1
            stale += found != body
            mixed += tag.partition("-")[2] != sha256(found).hexdigest()[:12]
    finally:
        wrk.terminate()
        wrk.wait()
        connection.close()
    print(
        f"\n{PUBLISHES} publications under load in {time.monotonic() - began:.0f} s:"
        f" {asked} checks, {stale} stale, {mixed} mixed"
    )


if __name__ == "__main__":
    missing = [name for name in ("nginx", "wrk", "taskset") if shutil.which(name) is None]
    if missing:
        sys.exit(f"install {', '.join(missing)} first")
    main()
