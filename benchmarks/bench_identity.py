"""What near-duplicates and the search index cost an article, with many stored, on both databases.

CPU milliseconds an article: of this process, and of the database server's processes beside it
(PostgreSQL's work is done there). Side by side with the naive way to find near-duplicates: a
likeness with every stored print. Give a number of articles as the argument for a quicker run.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.cluster import Print
from feedsvc.domain.decision import Decision, New
from feedsvc.domain.feed import Category
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source
from feedsvc.ingest.grouping import grouped
from feedsvc.store import categories, claims, feeds, fingerprints, schema, search, sources
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.polls import PollOutcome, commit_poll
from feedsvc.text.fingerprints import likeness, print_of_article
from tests import databases
from tests.reposts import own_texts

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ITEMS = 50
LENGTH = 800
NAIVE = 2_000
# What articles are made of here: short pieces of real sentences, so that pairs of characters are as
# frequent as they are in news, and runs of eight as rare.
WORDS = "".join(text.body.replace("\n", "") for text in own_texts())
PIECE = 3


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"articles of {LENGTH} characters, {ITEMS} a poll; {most} stored")
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
        for slug in ("paper", "radio"):
            sources.add(
                session, Source(slug=slug, url=f"https://{slug}.example/", category="zhen"), NOW
            )
    dice = random.Random(3)
    plain = [0.0, 0.0]
    with_prints = [0.0, 0.0]
    indexing = [0.0, 0.0]
    last = max(most - 10 * ITEMS, 0)
    for first in range(0, most, ITEMS):
        drafts = [draft(dice, number) for number in range(first, first + ITEMS)]
        at_the_end = first >= last
        # Every second poll at the end is stored without looking, to know what looking costs.
        looks = not (at_the_end and (first // ITEMS) % 2)
        spent = clocked(partial(store, db, "paper" if first % 100 else "radio", drafts, looks))
        indexed = clocked(partial(index, db))
        if at_the_end:
            add(with_prints if looks else plain, spent)
            add(indexing, indexed)
    polls = 5 * ITEMS
    told(
        name, "near-duplicates", [(a - b) / polls for a, b in zip(with_prints, plain, strict=True)]
    )
    told(name, "search index   ", [each / (2 * polls) for each in indexing])
    told(name, "storing alone  ", [each / polls for each in plain])
    naive(name, dice)
    db.dispose()


def store(db: Database, slug: str, drafts: Sequence[Draft], looks: bool) -> None:  # noqa: FBT001
    now = NOW + timedelta(seconds=1)
    with db.write() as session:
        claim = claims.claim_one(session, slug, NOW, seconds=60)
        assert claim is not None
        decisions: tuple[Decision, ...] = tuple(New(draft=each) for each in drafts)
        if looks:
            look_up = partial(fingerprints.neighbourhood, session, claim.source.id)
            decisions = grouped(decisions, claim.source, look_up)
        run = Run(source=slug, status="ok", started_at=NOW, finished_at=NOW, seen=len(drafts))
        outcome = PollOutcome(
            claim=claim, run=run, decisions=decisions, validators=None, next_due_at=NOW, failures=0
        )
        assert commit_poll(session, outcome, now, 2.0).new == len(drafts)


def index(db: Database) -> None:
    with db.write() as session:
        assert search.index_due(session) == ITEMS


def naive(name: str, dice: random.Random) -> None:
    """Compare one new print with every stored one, as one would without an index; scaled to 100,000."""
    stored = [printed(draft(dice, number)) for number in range(NAIVE)]
    new = printed(draft(dice, NAIVE))
    start = time.process_time()
    for each in stored:
        likeness(new, each)
    each_ms = (time.process_time() - start) * 1000 / NAIVE
    print(f"{name:9} one by one     : {each_ms * 100_000:8.0f} ms an article with 100,000 stored")


def printed(each: Draft) -> Print:
    return print_of_article(each.content.title, each.content.body_html, each.published_at)


def draft(dice: random.Random, number: int) -> Draft:
    """An article of 800 characters that is like no other."""
    starts = (dice.randrange(len(WORDS) - PIECE) for _ in range(LENGTH // PIECE))
    words = "".join(WORDS[start : start + PIECE] for start in starts)
    title = f"第{number}号见闻之{dice.randrange(10**9)}"
    return Draft(
        keys=Keys(
            guid=f"tag:{number}", url=f"https://p.example/{number}", content_hash=f"{number:032x}"
        ),
        content=Content(title=title, summary=words[:100], body_html=f"<p>{words}</p>"),
        published_at=NOW,
        published_precision="minute",
        updated_at=NOW,
        source_hash=f"{number:032x}",
        link=f"https://p.example/{number}",
    )


def clocked(work: Callable[[], None]) -> list[float]:
    """CPU seconds of this process and of the database server's."""
    own, server = time.process_time(), server_seconds()
    work()
    return [time.process_time() - own, server_seconds() - server]


def server_seconds() -> float:
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if b"postgres" not in (entry / "cmdline").read_bytes():
                continue
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def add(total: list[float], spent: Sequence[float]) -> None:
    for at, each in enumerate(spent):
        total[at] += each


def told(name: str, what: str, spent: Sequence[float]) -> None:
    own, server = (each * 1000 for each in spent)
    print(f"{name:9} {what}: {own:6.3f} ms here, {server:6.3f} ms in the server, an article")


if __name__ == "__main__":
    main()
