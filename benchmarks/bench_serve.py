"""Feed documents over HTTP: our front against nginx, and against what is usually done.

All serve the same document (RSS of 50 full articles, about 121 KB, gzip beside it) on processor 0;
`wrk` with 64 connections asks from processor 1. Rounds are interleaved, medians taken. Figures are
requests per second of processor time (user and system) of the server's whole process tree, and the
ratio to nginx `gzip_static` in the same run. Then the front beside slow, burning, killed and hanging
applications, and 10,000 publications under load. Needs Debian's nginx and wrk.

    python benchmarks/bench_serve.py [rounds [publications]]
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.serve_servers import (
    PATH,
    Server,
    ask,
    document,
    front,
    full_feed,
    nginx,
    plain,
    tree_seconds,
)
from feedsvc.store.shelf import Shelf

SECONDS = 1
CONNECTIONS = 64
PUBLISHES = 10_000
# A head as a feed reader behind a proxy sends it, no two alike: the worst case for remembering.
EACH_DIFFERENT = """
local n = 0
request = function()
  n = n + 1
  wrk.headers["User-Agent"] = "Mozilla/5.0 (compatible; reader/" .. n .. "; +https://reader.example)"
  wrk.headers["X-Forwarded-For"] = "203.0.113." .. (n % 250) .. ", 198.51.100." .. (n % 99)
  wrk.headers["Accept"] = "application/rss+xml, application/atom+xml;q=0.9, */*;q=0.8"
  wrk.headers["Accept-Language"] = "zh-CN,zh;q=0.9,en;q=0.5"
  wrk.headers["X-Request-Id"] = "5f1c-" .. n
  wrk.headers["Cache-Control"] = "max-age=0"
  return wrk.format("GET")
end
"""


@dataclass(frozen=True, slots=True)
class Round:
    """One second of load: requests per second of processor time, and the slowest percent in ms."""

    rate: float
    p99: float


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    publishes = int(sys.argv[2]) if len(sys.argv) > 2 else PUBLISHES
    served = document(full_feed())
    print(f"document {len(served.body)} B, gzip {len(served.gzip)} B; wrk -t1 -c{CONNECTIONS}")
    with tempfile.TemporaryDirectory() as name, ExitStack() as up:
        folder = Path(name)
        shelf = Shelf(folder / "documents")
        shelf.put([served])
        script = folder / "each_different.lua"
        script.write_text(EACH_DIFFERENT)
        servers = [
            up.enter_context(nginx(folder, served)),
            up.enter_context(front(folder)),
            up.enter_context(plain(folder, served, "flask_stored", "Flask, stored bytes")),
            up.enter_context(plain(folder, served, "flask_feedgen", "Flask, feedgen a request")),
            up.enter_context(plain(folder, served, "django_view", "Django feed view")),
        ]
        judge(compare(servers, rounds, script))
        # Both processors, as on a machine of its own.
        ours = up.enter_context(front(folder, "0,1"))
        print_beside(ours)
        print_through_death(ours)
        publish_under_load(servers[1], shelf, publishes)


def judge(figures: dict[tuple[str, str], Round]) -> None:
    """Print what was asked for beside what was measured."""
    for mode, floor, times in (("gzip 200", 0.45, 5), ("304", 0.45, 9)):
        ours, p99 = figures["feedsvc", mode].rate, figures["feedsvc", mode].p99
        to_nginx = ours / figures["nginx gzip_static", mode].rate
        to_flask = ours / figures["Flask, stored bytes", mode].rate
        print(
            f"{mode:9} {to_nginx:6.2f} of nginx (wanted {floor}, goal 0.80): {yes(to_nginx >= floor)};"
            f" {to_flask:5.1f} times Flask (wanted {times}): {yes(to_flask >= times)};"
            f" {ours / figures['Flask, feedgen a request', mode].rate:.0f} times feedgen,"
            f" {ours / figures['Django feed view', mode].rate:.0f} times Django;"
            f" p99 {p99:.1f} ms (wanted 5): {yes(p99 <= 5)}"
        )


def yes(reached: object) -> str:
    return "yes" if reached else "NO"


def compare(servers: list[Server], rounds: int, script: Path) -> dict[tuple[str, str], Round]:
    """Print and return medians by server and mode."""
    modes: dict[str, Path | None] = {"gzip 200": None, "304": None}
    first = servers[:2]
    taken: dict[tuple[str, str], list[Round]] = {}
    for _ in range(rounds):
        for server in servers:
            for mode in modes:
                sent = {"If-None-Match": etag_of(server)} if mode == "304" else {}
                taken.setdefault((server.name, mode), []).append(load(server, sent))
                if server in first:
                    # The others do not remember heads.
                    worst = load(server, sent, script)
                    taken.setdefault((server.name, f"{mode}, heads differ"), []).append(worst)
    names = [mode for _, mode in dict.fromkeys(taken) if _ == servers[0].name]
    figures = {key: median(found) for key, found in taken.items()}
    for mode in names:
        print(f"\n{mode:26} {'per core-s':>10} {'/nginx':>8} {'p99 ms':>8}")
        for server in servers:
            found = figures.get((server.name, mode))
            if found is not None:
                ratio = found.rate / figures[servers[0].name, mode].rate
                print(f"{server.name:26} {found.rate:10.0f} {ratio:8.3f} {found.p99:8.1f}")
    print()
    return figures


def median(rounds: list[Round]) -> Round:
    return Round(
        rate=statistics.median(each.rate for each in rounds),
        p99=statistics.median(each.p99 for each in rounds),
    )


def etag_of(server: Server) -> str:
    return ask(server.port, {"Accept-Encoding": "gzip"})[1].get("etag", "*")


def load(server: Server, headers: dict[str, str], script: Path | None = None) -> Round:
    """One second of wrk against a server."""
    before = tree_seconds(server.pid)
    sent = {"Accept-Encoding": "gzip", **headers}
    done = subprocess.run(
        [
            "taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency",
            *(part for name, value in sent.items() for part in ("-H", f"{name}: {value}")),
            *(("-s", str(script)) if script else ()),
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
    assert "Non-2xx" not in done.stdout, done.stdout
    return Round(rate=requests / max(spent, 0.01), p99=milliseconds(lines["99%"][1]))


def milliseconds(text: str) -> float:
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)


def print_beside(server: Server) -> None:
    """Latencies of one polling reader while the application behind is kept busy."""
    print(f"\n{'one reader, 304, beside':32} {'p50 ms':>8} {'p99 ms':>8} (wanted: 5)")
    for name, paths in {
        "nothing": [],
        "16 handlers of one second": ["/slow"] * 16,
        "3 handlers that burn": ["/burn"] * 3,
        "16 slow and 3 burning ones": ["/slow"] * 16 + ["/burn"] * 3,
    }.items():
        with busy(server, paths):
            times = sorted(latencies(server, 3.0))
        middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"{name:32} {middle:8.2f} {late:8.2f} {yes(late <= 5)}")


def print_through_death(server: Server) -> None:
    """A reader goes on polling while the application behind is killed, and while it hangs."""
    for name, number in (("killed", signal.SIGKILL), ("hanging", signal.SIGSTOP)):
        hit = applications_of(server)
        assert hit
        with busy(server, ["/slow"] * 4):
            for each in hit:
                os.kill(each, number)
            times = sorted(latencies(server, 1.5))
            if number == signal.SIGSTOP:
                for each in hit:
                    os.kill(each, signal.SIGCONT)
        print(f"application {name:20} {len(times)} answers, slowest {times[-1]:.1f} ms")


def applications_of(server: Server) -> list[int]:
    """The processes of the application behind the front, by the name of its socket."""
    mark = next(
        part
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (part := command_of(entry, server.pid))
    )
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and mark in _read(entry / "cmdline")
    ]


def command_of(entry: Path, parent: int) -> bytes:
    """The socket's path, where a process is the application that `parent` has started."""
    words = _read(entry / "cmdline").split(b"\0")
    own = _read(entry / "stat").rpartition(b")")[2].split()[1:2] == [str(parent).encode()]
    return words[words.index(b"behind") + 1] if own and b"behind" in words else b""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contextmanager
def busy(server: Server, paths: list[str]) -> Iterator[None]:
    """Keep asking for pages of the application behind, each in a thread of its own."""
    stopped = threading.Event()

    def keep(path: str) -> None:
        while not stopped.is_set():
            try:
                ask(server.port, path=path)
            except (OSError, HTTPException):
                # A killed application cuts its answers off.
                stopped.wait(0.05)

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


def publish_under_load(server: Server, shelf: Shelf, publishes: int) -> None:
    """Publish again and again under load; ask after each, on a connection that stays."""
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
        for cursor in range(2, publishes + 2):
            body = f"<rss>{cursor}</rss>".encode()
            etag = f"{cursor}-{sha256(body).hexdigest()[:12]}"
            shelf.put([replace(small, cursor=cursor, body=body, etag=etag)])
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
        f"\n{publishes} publications under load in {time.monotonic() - began:.0f} s:"
        f" {asked} checks, {stale} stale, {mixed} mixed"
    )


if __name__ == "__main__":
    missing = [name for name in ("nginx", "wrk", "taskset") if shutil.which(name) is None]
    if missing:
        sys.exit(f"install {', '.join(missing)} first")
    main()
