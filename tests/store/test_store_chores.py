from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from feedsvc.domain.chore import Chore
from feedsvc.errors import StoreBusy
from feedsvc.executors.chores import LOOKS, Chores
from feedsvc.store import chores
from feedsvc.store.engine import Database
from tests.store.samples import HOUR, MINUTE, NOW


def claim(db: Database, at: datetime = NOW) -> int | None:
    with db.write() as session:
        return chores.claim(session, "prune", at, seconds=60)


def finish(db: Database, lease: int, due_at: datetime) -> None:
    with db.write() as session:
        chores.finish(session, "prune", lease, due_at)


def test_a_chore_belongs_to_one_at_a_time_and_comes_back_when_due(db: Database) -> None:
    lease = claim(db)
    assert lease is not None
    assert claim(db) is None
    finish(db, lease, NOW + HOUR)
    assert claim(db, NOW + HOUR - MINUTE) is None
    assert claim(db, NOW + HOUR) == lease + 1


def test_a_silent_process_loses_its_chore_and_cannot_give_it_back(db: Database) -> None:
    lost = claim(db)
    taken = claim(db, NOW + 2 * MINUTE)
    assert lost is not None
    assert taken is not None
    finish(db, lost, NOW + HOUR)
    assert claim(db, NOW + 2 * MINUTE) is None
    finish(db, taken, NOW + 2 * MINUTE)
    assert claim(db, NOW + 2 * MINUTE) is not None


@dataclass
class Work:
    """A chore that notes when it was done; it may have more to do, or fail."""

    more: int = 0
    fails: bool = False
    done: list[datetime] = field(default_factory=list)

    def __call__(self, now: datetime) -> bool:
        self.done.append(now)
        if self.fails:
            raise StoreBusy("database", "is locked")
        self.more -= 1
        return self.more >= 0


def runner(db: Database, work: Callable[[datetime], bool], *, shared: bool = True) -> Chores:
    # Looked at on every call: the interval between looks is a tenth of this.
    every = LOOKS * 1e-9
    chore = Chore(name="prune", every_seconds=every, work=work, shared=shared)
    return Chores(db, lambda: NOW, [chore])


def test_of_two_schedulers_one_does_the_chore(db: Database) -> None:
    work = Work()
    every_hour = Chore(name="prune", every_seconds=3600, work=work)
    for scheduler in [Chores(db, lambda: NOW, [every_hour]) for _ in range(2)]:
        scheduler.run_due()
    assert work.done == [NOW]
    Chores(db, lambda: NOW + HOUR, [every_hour]).run_due()
    assert work.done == [NOW, NOW + HOUR]


def test_what_each_machine_does_for_itself_is_not_leased(db: Database) -> None:
    work = Work()
    for scheduler in [runner(db, work, shared=False) for _ in range(2)]:
        scheduler.run_due()
    assert len(work.done) == 2


def test_a_chore_with_more_to_do_is_due_at_once(db: Database) -> None:
    work = Work(more=2)
    hourly = Chores(db, lambda: NOW, [Chore(name="prune", every_seconds=3600, work=work)])
    for _ in range(5):
        hourly.run_due()
    assert len(work.done) == 3


@pytest.mark.parametrize("shared", [True, False])
def test_a_chore_that_fails_is_tried_again_later_and_hinders_no_other(
    db: Database, shared: bool
) -> None:
    failing, other = Work(fails=True), Work()
    both = Chores(
        db,
        lambda: NOW,
        [
            Chore(name="failing", every_seconds=3600, work=failing, shared=shared),
            Chore(name="other", every_seconds=3600, work=other),
        ],
    )
    both.run_due()
    both.run_due()
    assert len(failing.done) == len(other.done) == 1
