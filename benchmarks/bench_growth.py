"""What a category's latest 50, a page of its past and a monthly archive cost as it grows to 1,000,000 articles.

Rows of 1 KB are loaded straight into the tables, one database for each size, and the sizes are asked
in turn, so that a busy machine slows them alike. "read" is what the database and the mapping take,
"document" the finished document (RSS with gzip and brotli). Growth is the largest size against the
smallest, from medians of wall time; the goal is 1.3.

    python benchmarks/bench_growth.py [SIZE…]     default: 10000 100000; about 1 minute
    python benchmarks/bench_growth.py 10000 100000 1000000     3 GB of disk, about 5 minutes
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Table, create_engine, select, text

from feedsvc.domain.feed import Category, Site
from feedsvc.domain.source import Source
from feedsvc.observe.log import configure_logging
from feedsvc.publish.assemble import assemble
from feedsvc.publish.documents import make_document
from feedsvc.publish.gate import pass_gate
from feedsvc.publish.months import Month
from feedsvc.publish.past import PART, Past
from feedsvc.render.fragments import Fragments
from feedsvc.store import catching_up, categories, feeds, schema, sources
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.tables import ARTICLE, CATEGORY, CHANGE, CURSOR, FEED, SOURCE
from tests import databases

DEFAULT = (10_000, 100_000)
ROUNDS = 40
AT_ONCE = 20_000
GOAL = 1.3
# All articles of a size are of these two years, so that the months grow as the category does.
END = datetime(2026, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
MONTH = Month(2026, 3)
BODY = "<p>" + "渡口恢复通航，两岸往来如常。" * 25 + "</p>"
SITE = Site(base_url="https://news.example", title="云岭法讯")
WINDOW = feeds.Window(least=50, hours=0, most=200)
PAGE = 50
# One article of so many is withdrawn: of the old ones, and five in the last month at any size.
WITHDRAWN = 1_000
RECENTLY_WITHDRAWN = 5

Row = dict[str, Any]
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Stock:
    """A category of one size in one database."""

    size: int
    db: Database

    def works(self) -> dict[str, Work]:
        """What is measured, by name."""
        fragments = Fragments(SITE)
        past = Past(self.db, SITE)
        start, end = MONTH.span
        middle = self.size // 2

        def window() -> None:
            with self.db.read() as session:
                found = feeds.snapshot(session, "zhen", WINDOW)
            passed = pass_gate(assemble(found, SITE), "rss", fragments)
            make_document(passed, "rss", "bench")

        def read_window() -> None:
            with self.db.read() as session:
                assert len(feeds.snapshot(session, "zhen", WINDOW).articles) >= WINDOW.least

        def read_page() -> None:
            with self.db.read() as session:
                catching_up.older_than(session, "zhen", middle, PAGE)

        def read_month() -> None:
            with self.db.read() as session:
                catching_up.month(session, "zhen", start, end, part=1, size=PART)

        return {
            "latest 50, read    ": read_window,
            "latest 50, document": window,
            "?before=, read     ": read_page,
            "?before=, document ": lambda: past.older("zhen", middle, "rss"),
            "month, read        ": read_month,
            "month, document    ": lambda: past.month("zhen", MONTH, 1, "rss"),
        }


def main() -> None:
    configure_logging(level="error")
    sizes = [int(each) for each in sys.argv[1:]] or list(DEFAULT)
    print(f"{len(BODY.encode())} bytes of text; goal: x{GOAL} from {sizes[0]} to {sizes[-1]}")
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", [(size, f"sqlite:///{folder}/{size}.db") for size in sizes])
    with ExitStack() as stack:
        admin = stack.enter_context(databases.postgres_server())
        templates = stack.enter_context(databases.postgres_template(admin))
        copies = [stack.enter_context(databases.postgres_copy(templates)) for _ in sizes]
        measure("postgres", list(zip(sizes, copies, strict=True)))


def measure(name: str, places: Sequence[tuple[int, str]]) -> None:
    stocks = [stock(size, url) for size, url in places]
    works = [each.works() for each in stocks]
    for what in works[0]:
        spent = in_turn([each[what] for each in works])
        listed = ", ".join(f"{each:8.2f}" for each in spent)
        growth = spent[-1] / spent[0]
        print(f"{name:9} {what}: {listed} ms (x{growth:.2f}){'' if growth <= GOAL else '  !'}")
    for each in stocks:
        each.db.dispose()


def in_turn(works: Sequence[Work]) -> list[float]:
    """Median milliseconds of each, all measured in turn."""
    times: list[list[float]] = [[] for _ in works]
    for number, (work, taken) in itertools.product(
        range(ROUNDS + 3), list(zip(works, times, strict=True))
    ):
        start = time.perf_counter()
        work()
        if number >= 3:
            taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(each) for each in times]


def stock(size: int, url: str) -> Stock:
    start = time.perf_counter()
    db = Database(StoreOptions(url=url))
    schema.upgrade(db)
    with db.write() as session:
        feeds.ensure_builtin(session, END)
        categories.add(session, Category(slug="zhen", title="镇上"), END)
        sources.add(session, Source(slug="paper", url="https://p.example/", category="zhen"), END)
        category_id = session.execute(select(CATEGORY.c.id)).scalar_one()
        source_id = session.execute(select(SOURCE.c.id)).scalar_one()
    load(db, ARTICLE, (article_row(n, size, category_id, source_id) for n in range(1, size + 1)))
    load(db, CHANGE, (change_row(n, size, category_id) for n in range(1, size + 1)))
    with db.write() as session:
        session.execute(CURSOR.update().values(value=size))
        session.execute(FEED.update().values(cursor=size, updated_at=END))
        if db.dialect == "sqlite":
            session.execute(text("ANALYZE"))
    if db.dialect == "postgresql":
        vacuum(url)
    print(f"    {size} articles loaded in {time.perf_counter() - start:.0f} s", flush=True)
    return Stock(size, db)


def article_row(number: int, size: int, category_id: int, source_id: int) -> Row:
    at = placed(number, size)
    recent = size - number < RECENTLY_WITHDRAWN
    old = number % WITHDRAWN == 0 and at < END - timedelta(days=40)
    return {
        "id": number,
        "guid": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "source_id": source_id,
        "category_id": category_id,
        "link": f"https://p.example/{number}",
        "published_at": at,
        "published_precision": "minute",
        "first_seen_at": at,
        "updated_at": at,
        "withdrawn_at": at if recent or old else None,
        "status": "withdrawn" if recent or old else "live",
        "public": True,
        "shown": True,
        "reason": "",
        "revision": 1,
        "extractor": "",
        "edited_fields": [],
        "title": f"第{number}条消息：渡口恢复通航",
        "original_title": "",
        "summary": "两岸往来如常。",
        "body_html": BODY,
        "attribution": "云栖晚报",
        "origin_url": None,
        "authors": ["林一"],
        "editors": [],
        "credit_line": "(记者 林一)",
        "dateline": None,
        "rights": "",
        "language": "zh-CN",
        "enclosures": [],
        "tags": [],
        "ai_label": "",
    }


def change_row(number: int, size: int, category_id: int) -> Row:
    return {
        "cursor": number,
        "category_id": category_id,
        "article_id": number,
        "revision": 1,
        "kind": "new",
        "at": placed(number, size),
    }


def placed(number: int, size: int) -> datetime:
    return END - SPAN * ((size - number) / size)


def load(db: Database, table: Table, rows: Iterator[Row]) -> None:
    """Load rows as quickly as the database takes them, past the store: COPY, or one prepared insert."""
    while part := list(itertools.islice(rows, AT_ONCE)):
        with db.write() as session:
            connection = session.connection()
            columns = list(table.columns)
            binds = [
                column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
                for column in columns
            ]
            values = [
                tuple(
                    bind(row[column.name]) if bind is not None else row[column.name]
                    for column, bind in zip(columns, binds, strict=True)
                )
                for row in part
            ]
            driver: Any = connection.connection.driver_connection
            put(driver.cursor(), table.name, [column.name for column in columns], values)


def put(cursor: Any, table: str, names: Sequence[str], values: Sequence[tuple[Any, ...]]) -> None:
    listed = ", ".join(names)
    if not hasattr(cursor, "copy"):
        marks = ", ".join("?" * len(names))
        cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", values)  # noqa: S608 - our own names
        return
    with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for each in values:
            copy.write_row(each)


def vacuum(url: str) -> None:
    """What autovacuum does within a minute: statistics, and which pages all may see."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
    engine.dispose()


if __name__ == "__main__":
    main()
