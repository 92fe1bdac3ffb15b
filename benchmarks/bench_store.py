"""The store's hot paths on SQLite and PostgreSQL: one poll of 50 new items, known(), a snapshot.

Rates per CPU second are of this process; PostgreSQL's own work is in the wall time only. Each part
is also measured as a ratio (100,000 articles stored against 1,000), which says more on a busy machine.
Give a number of articles as the argument for a quicker run.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Column, MetaData, Table, Text, insert, text

from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.decision import New
from feedsvc.domain.feed import Category
from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim, Source
from feedsvc.store import articles, categories, claims, feeds, schema, sources
from feedsvc.store.columns import BigKey, UtcDateTime
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.polls import PollOutcome, commit_poll
from tests import databases

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BODY = "<p>" + "渡口恢复通航，两岸往来如常。" * 72 + "</p>"
ITEMS = 50
FEW = 1_000
BARE = 5_000


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"items of {len(BODY.encode())} bytes, {ITEMS} a poll; up to {most} articles")
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", f"sqlite:///{folder}/bench.db", most)
    with (
        databases.postgres_server() as admin,
        databases.postgres_template(admin) as templates,
        databases.postgres_copy(templates) as url,
    ):
        measure("postgres", url, most)


def measure(name: str, url: str, most: int) -> None:
    db = Database(StoreOptions(url=url))
    schema.upgrade(db)
    with db.write() as session:
        feeds.ensure_builtin(session, NOW)
        categories.add(session, Category(slug="zhen", title="镇上"), NOW)
        sources.add(session, Source(slug="paper", url="https://p.example/", category="zhen"), NOW)
    fill(db, 0, FEW)
    small = reads(db, FEW)
    wall, cpu = fill(db, FEW, most)
    large = reads(db, most)
    stored = most - FEW
    bare_wall, bare_cpu = insert_bare(db, BARE)
    print(f"{name:9} commit_poll: {stored / wall:7.0f} items/s, {stored / cpu:7.0f} per CPU-s")
    print(
        f"{name:9} the same articles in one bare table: {BARE / bare_wall:7.0f} items/s, "
        f"{BARE / bare_cpu:7.0f} per CPU-s (commit_poll takes x{cpu / stored / bare_cpu * BARE:.1f})"
    )
    for what, before in small.items():
        after = large[what]
        print(f"{name:9} {what}: {before:6.2f} ms, then {after:6.2f} ms (x{after / before:.2f})")
    db.dispose()


def fill(db: Database, start: int, end: int) -> tuple[float, float]:
    """Store articles poll by poll; return wall and CPU seconds of the committing transactions."""
    wall = cpu = 0.0
    for first in range(start, end, ITEMS):
        now = NOW + timedelta(seconds=first)
        decisions = tuple(New(draft=draft(number, now)) for number in range(first, first + ITEMS))
        with db.write() as session:
            claim = claims.claim_one(session, "paper", now, seconds=60)
        assert claim is not None
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        with db.write() as session:
            changes = commit_poll(session, outcome(claim, decisions, now), now, 2.0)
        wall += time.perf_counter() - wall_start
        cpu += time.process_time() - cpu_start
        assert changes.new == ITEMS
    return wall, cpu


def insert_bare(db: Database, number: int) -> tuple[float, float]:
    """Insert the same words with nothing around them, to compare with on this machine at this hour."""
    table = Table(
        "bare", MetaData(), Column("id", BigKey, primary_key=True),
        Column("title", Text), Column("body", Text), Column("at", UtcDateTime),
    )  # fmt: skip
    with db.write() as session:
        table.create(session.connection())

    def insert_all() -> None:
        for first in range(0, number, ITEMS):
            rows = [
                {"title": f"第{each}条消息", "body": BODY, "at": NOW}
                for each in range(first, first + ITEMS)
            ]
            with db.write() as session:
                session.execute(insert(table), rows)

    return clocks(insert_all)


def draft(number: int, now: datetime) -> Draft:
    return Draft(
        keys=keys(number),
        content=Content(
            title=f"第{number}条消息", summary="两岸往来如常。", body_html=BODY,
            attribution="云栖晚报", authors=("林一",), credit_line="(记者 林一)",
        ),
        published_at=now,
        published_precision="minute",
        updated_at=now,
        source_hash=f"{number:032x}",
        link=f"https://p.example/{number}",
    )  # fmt: skip


def keys(number: int) -> Keys:
    return Keys(
        guid=f"tag:{number}", url=f"https://p.example/{number}", content_hash=f"{number:032x}"
    )


def outcome(claim: Claim, decisions: tuple[New, ...], now: datetime) -> PollOutcome:
    run = Run(source="paper", status="ok", started_at=now, finished_at=now, seen=len(decisions))
    return PollOutcome(
        claim=claim, run=run, decisions=decisions, validators=None, next_due_at=now, failures=0
    )


def reads(db: Database, stored: int) -> dict[str, float]:
    # What PostgreSQL's autovacuum does within a minute: without statistics it sorts whole categories.
    with db.write() as session:
        session.execute(text("ANALYZE"))
    wanted = [keys(number) for number in range(0, stored, stored // ITEMS)][:ITEMS]
    strange = [keys(number) for number in range(stored, stored + ITEMS)]
    window = feeds.Window(least=50, hours=0, most=200)

    def know(which: list[Keys]) -> None:
        with db.read() as session:
            source_id = sources.get(session, "paper").id
            found = articles.known(session, source_id, which)
        assert all((each is None) == (which is strange) for each in found)

    def snapshot() -> None:
        with db.read() as session:
            assert len(feeds.snapshot(session, "zhen", window).articles) == 50

    return {
        "known(), 50 old keys    ": milliseconds(lambda: know(wanted)),
        "known(), 50 new keys    ": milliseconds(lambda: know(strange)),
        "snapshot, latest 50     ": milliseconds(snapshot),
    }


def milliseconds(work: Callable[[], None], rounds: int = 50) -> float:
    times = []
    for _ in range(rounds):
        with timed() as spent:
            work()
        times.append(spent[0] * 1000)
    return statistics.median(times)


@contextmanager
def timed() -> Iterator[list[float]]:
    spent = [0.0]
    start = time.perf_counter()
    yield spent
    spent[0] = time.perf_counter() - start


def clocks(work: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
