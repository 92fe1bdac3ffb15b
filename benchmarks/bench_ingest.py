"""What ingest costs from bytes to committed articles, beside requests + feedparser + row by row.

Partners are processes of their own on loopback, whose time is not counted; of the two stacks all
processes are: ours with its guarded parser workers. Both are pinned to one CPU, take turns on the
same kind of documents (50 full texts, 121 kB, gzipped on the wire), and answer with CPU seconds, so
that the ratio between two rows means something on a busy machine too.

    first    every item is new: fetched, parsed, stored with keys, revision, change and outbox;
             "all on" also keeps the raw answers and compares each text with those of other sources
    steady   half of the sources answer 304, half 200 with the bytes of last time
    memory   proportional set size of the poller and its workers, all sources polled

Numbers of sources: for the first polls, and for steady polling and memory. Set BENCH_DATABASE_URL
to an empty PostgreSQL database for that one (its server's own work is then not counted).
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.loopback_partner import ITEMS, document

PARTNER = Path(__file__).with_name("loopback_partner.py")
ROUNDS = 4
# What the usual stack does not do either; "all on" measures it.
BARE = {"FEEDSVC_NEAR_DUPLICATES": "off", "FEEDSVC_RAW_MAX_GB": "0"}
# The other two are slower: a part of the sources tells their rates as well.
THEIR_SHARE = 8
ALL_ON_SHARE = 2


class Cost(NamedTuple):
    """CPU and wall seconds, of one process with all its children."""

    cpu: float
    wall: float


def cost_now() -> Cost:
    times = os.times()
    ticks = os.sysconf("SC_CLK_TCK")
    living = sum(
        sum(map(int, stat.rsplit(")", 1)[1].split()[11:13])) / ticks for stat in children_stats()
    )
    return Cost(sum(times[:4]) + living, time.monotonic())


def children_stats() -> Iterator[str]:
    for pid in children():
        try:
            yield Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue


def children() -> list[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [pid for task in tasks for pid in task.read_text().split()]


def pss_mb() -> list[float]:
    """Proportional set sizes in MB: this process, then its children."""
    found = []
    for pid in (str(os.getpid()), *children()):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        found.append(sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000)
    return found


def spent(work: Callable[[], object]) -> Cost:
    before = cost_now()
    work()
    after = cost_now()
    return Cost(after.cpu - before.cpu, after.wall - before.wall)


class Ours:
    """This service as its scheduler runs it, without the publisher."""

    def __init__(self, home: str, base: str, *, everything: bool = False) -> None:
        from feedsvc.domain.feed import Category
        from feedsvc.observe.log import configure_logging
        from feedsvc.services import build_services
        from feedsvc.settings import load_settings
        from feedsvc.store import categories, feeds, schema

        # As a running service logs, to nowhere.
        configure_logging(stream=open(os.devnull, "w"))  # noqa: SIM115 - for the life of the process
        settings = {
            "FEEDSVC_HOME": home,
            "FEEDSVC_ALLOW_NETWORKS": "127.0.0.0/8",
            "FEEDSVC_DOMAIN_SPACING": "0",
            **({} if everything else BARE),
            "FEEDSVC_DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", ""),
        }
        self.services = build_services(load_settings(settings))
        self.base = base
        schema.upgrade(self.services.db)
        with self.services.db.write() as session:
            now = self.services.clock()
            feeds.ensure_builtin(session, now)
            categories.add(session, Category(slug="zhen", title="镇上"), now)

    def add(self, first: int, end: int) -> None:
        from feedsvc.domain.source import Source
        from feedsvc.store import sources

        with self.services.db.write() as session:
            for number in range(first, end):
                source = Source(
                    slug=f"s{number}", url=f"{self.base}/{number}", category="zhen", kind="feed"
                )
                sources.add(session, source, self.services.clock())

    def poll_all(self) -> None:
        """Poll until nothing is due."""
        from feedsvc.executors.threads import ThreadEngine

        freed = threading.Event()
        size = self.services.settings.polls_at_once
        engine = ThreadEngine(self.services.poller.start, size=size, freed=freed.set)
        more = True
        while more or not engine.idle:
            freed.clear()
            if more and engine.free >= size // 4:
                claims = self.services.poller.claim_due(engine.free)
                engine.submit(claims)
                more = bool(claims)
            else:
                freed.wait()
        engine.stop()
        self.complain()

    def complain(self) -> None:
        from feedsvc.store import runs

        with self.services.db.read() as session:
            for slug, run in runs.latest_each(session).items():
                if run.error is not None:
                    print(slug, run.error, file=sys.stderr)

    def make_due(self) -> None:
        from sqlalchemy import update

        from feedsvc.store.tables import SOURCE_STATE

        with self.services.db.write() as session:
            session.execute(update(SOURCE_STATE).values(due_at=self.services.clock()))

    def count(self) -> int:
        from sqlalchemy import func, select

        from feedsvc.store.tables import ARTICLE

        with self.services.db.read() as session:
            return int(session.execute(select(func.count()).select_from(ARTICLE)).scalar_one())


class Theirs:
    """The usual stack: 32 threads of requests, feedparser, one transaction for each row."""

    def __init__(self, home: str, base: str) -> None:
        self.db = sqlite3.connect(f"{home}/theirs.db", check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.execute(
            "CREATE TABLE item (source INTEGER, guid TEXT, title TEXT, link TEXT, author TEXT,"
            " published TEXT, body TEXT, UNIQUE (source, guid))"
        )
        self.lock = threading.Lock()
        self.base = base
        self.etags: dict[int, str] = {}
        self.numbers: list[int] = []
        self.local = threading.local()

    def add(self, first: int, end: int) -> None:
        self.numbers = list(range(first, end))

    def make_due(self) -> None:
        self.numbers = sorted(self.etags)

    def poll_all(self) -> None:
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(self.poll, self.numbers))

    def poll(self, number: int) -> None:
        import feedparser
        import requests

        if not hasattr(self.local, "session"):
            self.local.session = requests.Session()
        headers = {"If-None-Match": self.etags[number]} if self.etags.get(number) else {}
        answer = self.local.session.get(f"{self.base}/{number}", headers=headers, timeout=30)
        if answer.status_code == 304:
            return
        for entry in feedparser.parse(answer.content).entries:
            self.store(number, entry)
        self.etags[number] = answer.headers.get("ETag", "")

    def store(self, number: int, entry: Any) -> None:
        with self.lock, self.db:
            known = self.db.execute(
                "SELECT 1 FROM item WHERE source = ? AND guid = ?", (number, entry.id)
            ).fetchone()
            if known is None:
                self.db.execute(
                    "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (number, entry.id, entry.title, entry.link, entry.author, entry.published, entry.summary),
                )  # fmt: skip

    def count(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM item").fetchone()[0])


def work(kind: str, base: str) -> None:
    """One stack in a process of its own, told what to do line by line."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as home:
        stack = (
            Theirs(home, base)
            if kind == "theirs"
            else Ours(home, base, everything=kind == "all-on")
        )
        say("ready")
        for line in sys.stdin:
            order, *numbers = json.loads(line)
            if order == "first":
                stack.add(*numbers)
                say([*spent(stack.poll_all), stack.count()])
            elif order == "steady":
                stack.make_due()
                say([*spent(stack.poll_all), stack.count()])
            else:
                say(pss_mb())


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


class Process:
    """A child of this benchmark: asked and answering in lines of JSON."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.greeting = self._read()

    def ask(self, *order: object) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._read()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def _read(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@contextmanager
def process(*arguments: str) -> Iterator[Process]:
    running = Process(*arguments)
    try:
        yield running
    finally:
        running.close()


def measure(sources: int, steady: int, *, alone: bool) -> None:
    with ExitStack() as up:
        partner = up.enter_context(process(str(PARTNER)))
        base = f"http://127.0.0.1:{partner.greeting}"
        ours = up.enter_context(process(__file__, "--role", "ours", base))
        pair = {"ours": (ours, 1)}
        if not alone:
            pair["all on"] = (
                up.enter_context(process(__file__, "--role", "all-on", base)),
                ALL_ON_SHARE,
            )
            pair["theirs"] = (
                up.enter_context(process(__file__, "--role", "theirs", base)),
                THEIR_SHARE,
            )
        report("new items", first_polls(pair, sources, base))
        if steady > sources:
            warm(base, sources, steady)
            ours.ask("first", sources, steady)
        pair.pop("all on", None)
        report("sources polled steadily", steady_polls(pair, steady))
        sizes = ours.ask("memory")
        print(
            f"memory with {steady} sources: {sum(sizes):.0f} MB PSS"
            f" (poller {sizes[0]:.0f}, workers {', '.join(f'{each:.0f}' for each in sizes[1:])})"
        )


Rates = dict[str, list[tuple[float, float]]]


def warm(base: str, first: int, end: int) -> None:
    """Make the partner write its documents now: its work beside ours would fill our caches."""
    for number in range(first, end):
        with urllib.request.urlopen(f"{base}/{number}") as answer:
            answer.read()


def first_polls(pair: dict[str, tuple[Process, int]], sources: int, base: str) -> Rates:
    """Rates of each round: per CPU second and per second of wall time."""
    rates: Rates = {name: [] for name in pair}
    each = sources // ROUNDS
    warm(base, 0, sources)
    for number in range(ROUNDS):
        for name, (stack, share) in pair.items():
            first = number * each
            end = first + each // share
            cpu, wall, stored = stack.ask("first", first, end)
            assert stored == (number + 1) * (each // share) * ITEMS, (name, stored)
            done = (end - first) * ITEMS
            rates[name].append((done / cpu, done / wall))
    return rates


def steady_polls(pair: dict[str, tuple[Process, int]], sources: int) -> Rates:
    rates: Rates = {name: [] for name in pair}
    known = {"ours": sources}
    for _ in range(ROUNDS):
        for name, (stack, share) in pair.items():
            cpu, wall, stored = stack.ask("steady")
            done = known.setdefault(name, stored // ITEMS)
            assert stored == done * ITEMS, (name, share, stored)
            rates[name].append((done / cpu, done / wall))
    return rates


def report(what: str, rates: Rates) -> None:
    medians = {name: statistics.median(cpu for cpu, _ in found) for name, found in rates.items()}
    for name, found in rates.items():
        wall = statistics.median(wall for _, wall in found)
        ratio = medians["ours"] / medians[name]
        print(f"{what}: {name:7}{medians[name]:8.0f} per CPU-s {wall:8.0f} per s   x{ratio:.1f}")


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("base", nargs="?", default="")
    reader.add_argument("--role", choices=("ours", "all-on", "theirs"))
    reader.add_argument("--sources", type=int, default=400)
    reader.add_argument("--steady", type=int, default=2_000)
    reader.add_argument("--alone", action="store_true", help="without the usual stack")
    given = reader.parse_args()
    if given.role:
        work(given.role, given.base)
    else:
        print(f"documents of {ITEMS} items, {len(document(1))} bytes")
        measure(given.sources, given.steady, alone=given.alone)


if __name__ == "__main__":
    main()
