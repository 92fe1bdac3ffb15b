"""Sequences of polls of a partner who renames, edits, reorders and repeats: nothing lost, nothing doubled."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from feedsvc.domain.article import Article, Draft
from feedsvc.domain.item import Item
from feedsvc.ingest.decide import decide
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.normalise import normalise
from feedsvc.ingest.recall import recall
from feedsvc.store import articles, sources
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from tests import databases
from tests.store.samples import add_catalogue, poll

AT = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
Scheme = Literal["id", "prefixed", "permalink", "none", "constant"]
SCHEMES: tuple[Scheme, ...] = ("id", "prefixed", "permalink", "none", "constant")
HOSTS = ("http://partner.example", "https://partner.example", "https://www.partner.example")
SUBJECTS = (
    "渡口清淤工程提前完工，沿岸三个村的菜农不必再绕行上游大桥，早市重新热闹起来。",
    "山区小学的新操场铺好了跑道，孩子们第一次在校内跑完四百米，校长说雨天也能上体育课。",
    "县医院开设夜间门诊以来，已接诊七百余人次，多数是白天要上班的年轻父母带着孩子来看病。",
    "老城的供热管道改造分四段施工，第一段昨晚完成打压试验，居民家中的暖气片没有漏水。",
    "民警在夜市发现一名走失老人，按衣兜里的纸条打了六个电话，两小时后把他送回了儿子家。",
    "果农合作社今年改卖分级的梨，大果装礼盒，小果榨汁，算下来每亩比去年多收入近千元。",
)


@dataclass(slots=True)
class Piece:
    """One article as the partner has it."""

    number: int
    title_state: int = 0
    addenda: int = 0

    @property
    def title(self) -> str:
        return f"{SUBJECTS[self.number][:9]}{'（续）' * self.title_state}"

    @property
    def body(self) -> str:
        # Each piece grows by words of its own: shared ones would make two pieces one.
        own = SUBJECTS[self.number][::-1]
        more = "".join(f"{each}{own[each : each + 12]}。" for each in range(self.addenda))
        return f"<p>编号{self.number}：{SUBJECTS[self.number]}{more}</p>"

    def item(self, scheme: Scheme, host: str) -> Item:
        link = f"{host}/2026/t{self.number}.html"
        guids = {
            "id": f"{self.number}",
            "prefixed": f"tag:partner.example,2026:{self.number}",
            "permalink": link,
            "none": None,
            "constant": "http://partner.example/",
        }
        return Item(
            guid=guids[scheme],
            link=link,
            title=self.title,
            content_html=self.body,
            published_at=AT + timedelta(minutes=self.number),
            published_precision="minute",
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What one poll finds: which pieces, in which order, under which names, edited or not."""

    shown: tuple[int, ...]
    scheme: Scheme
    host: str
    retitled: frozenset[int] = frozenset()
    extended: frozenset[int] = frozenset()


numbers = st.integers(0, len(SUBJECTS) - 1)
steps = st.builds(
    Step,
    # Repeats within the document and any order are part of the game.
    st.lists(numbers, min_size=1, max_size=8).map(tuple),
    st.sampled_from(SCHEMES),
    st.sampled_from(HOSTS),
    st.frozensets(numbers, max_size=2),
    st.frozensets(numbers, max_size=2),
)


@dataclass(slots=True)
class Partner:
    """The pieces, and what of them was shown last."""

    pieces: list[Piece] = field(default_factory=lambda: [Piece(n) for n in range(len(SUBJECTS))])
    told: dict[int, tuple[str, str]] = field(default_factory=dict)

    def items(self, step: Step) -> list[Item]:
        for number in step.retitled:
            self.pieces[number].title_state += 1
        for number in step.extended:
            self.pieces[number].addenda += 1
        shown = [self.pieces[number] for number in step.shown]
        self.told |= {piece.number: (piece.title, piece.body) for piece in shown}
        return [piece.item(step.scheme, step.host) for piece in shown]


def take_in(db: Database, items: list[Item], now: datetime) -> None:
    """Judge and store one document as a poll does."""
    drafts = [normalise(item, keys, seen_at=now) for item, keys in assign_keys(items)]
    assert all(isinstance(each, Draft) for each in drafts)
    good = [each for each in drafts if isinstance(each, Draft)]
    with db.read() as session:
        source_id = sources.get(session, "paper").id
        named, known = recall(good, partial(articles.known, session, source_id))
    decided = [
        decide(draft, each, policy="publish") for draft, each in zip(named, known, strict=True)
    ]
    poll(db, "paper", decided, now=now)


def stored(db: Database) -> list[Article]:
    with db.read() as session:
        return articles.find(session, limit=1000)


def check_sequence(db: Database, sequence: list[Step]) -> None:
    with db.write() as session:
        add_catalogue(session)
    partner = Partner()
    for turn, step in enumerate(sequence):
        take_in(db, partner.items(step), AT + timedelta(hours=1 + turn))
    found = stored(db)
    by_number = {
        int(re.search(r"编号(\d+)", each.content.body_html)[1]): each  # type: ignore[index]
        for each in found
    }
    assert len(by_number) == len(found), "doubled"
    assert by_number.keys() == partner.told.keys(), "lost"
    words = {n: (each.content.title, each.content.body_html) for n, each in by_number.items()}
    assert words == partner.told


@contextmanager
def sqlite_copy(template: Path) -> Iterator[Database]:
    folder = Path(tempfile.mkdtemp(dir=template.parent))
    database = Database(StoreOptions(url=f"sqlite:///{shutil.copy(template, folder / 'a.db')}"))
    try:
        yield database
    finally:
        database.dispose()
        shutil.rmtree(folder)


quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=40, deadline=None, suppress_health_check=quiet)
@given(st.lists(steps, min_size=1, max_size=6))
def test_nothing_lost_and_nothing_doubled(sqlite_template: Path, sequence: list[Step]) -> None:
    with sqlite_copy(sqlite_template) as db:
        check_sequence(db, sequence)


@pytest.mark.thorough
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=quiet,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking on a server takes minutes
)
@given(st.lists(steps, min_size=2, max_size=12))
def test_nothing_lost_and_nothing_doubled_on_postgres(
    postgres_template: databases.Templates, sequence: list[Step]
) -> None:
    with databases.postgres_copy(postgres_template) as url:
        db = Database(StoreOptions(url=url))
        try:
            check_sequence(db, sequence)
        finally:
            db.dispose()


def test_a_guid_given_to_every_item_is_told_apart_across_polls(db: Database) -> None:
    alone = [Step((0,), "constant", HOSTS[0]), Step((1,), "constant", HOSTS[0])]
    back = Step((0,), "constant", HOSTS[0], retitled=frozenset({0}))
    check_sequence(db, [*alone, back, Step((1, 0), "constant", HOSTS[1])])


def test_moving_to_https_doubles_no_title_without_text(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    bare = replace(Piece(0).item("permalink", HOSTS[0]), content_html="")
    moved = replace(Piece(0).item("permalink", HOSTS[2]), content_html="")
    take_in(db, [bare], AT + timedelta(hours=1))
    take_in(db, [moved], AT + timedelta(hours=2))
    assert len(stored(db)) == 1
