"""What is kept of documents made on request: in bounds, looked at again, and made once at a time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from feedsvc.errors import StoreBusy
from feedsvc.web.kept import KeptDocuments, Refused, Stamp
from feedsvc.web.rate import Buckets, network_of
from feedsvc.web.variants import ReadyDocument, make_ready
from tests.store.samples import document


class Shelf:
    generation = 0


@dataclass
class Maker:
    exact: int = 0
    fresh: int = 0
    admitted: bool = True
    broken: bool = False
    text: str = "x"
    stamps: int = 0
    made: list[str] = field(default_factory=list)
    pause: float = 0

    def stamp(self) -> Stamp:
        self.stamps += 1
        if self.broken:
            raise StoreBusy("database", "away")
        return Stamp(self.exact, self.fresh)

    def admit(self) -> None:
        if not self.admitted:
            raise Refused(2.5)

    def make(self) -> ReadyDocument:
        self.made.append(self.text)
        time.sleep(self.pause)
        return make_ready(document(text=self.text), "https://news.example")


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def kept(shelf: Shelf, clock: Clock) -> KeptDocuments:
    return KeptDocuments(shelf, most=3, clock=clock)


def test_the_stamp_is_looked_at_once_a_second_and_after_each_publication(
    kept: KeptDocuments, shelf: Shelf, clock: Clock
) -> None:
    maker = Maker()
    for _ in range(9):
        kept.find("a", maker)
    assert maker.stamps == 1
    clock.now += 1
    kept.find("a", maker)
    shelf.generation += 1
    kept.find("a", maker)
    assert (maker.stamps, len(maker.made)) == (3, 1)
    shelf.generation += 1
    maker.exact = 1
    kept.find("a", maker)
    assert len(maker.made) == 2


def test_what_might_be_fresher_does_for_half_a_minute(kept: KeptDocuments, clock: Clock) -> None:
    maker = Maker()
    kept.find("a", maker)
    maker.fresh = 1
    clock.now += 29
    kept.find("a", maker)
    assert len(maker.made) == 1
    clock.now += 2
    kept.find("a", maker)
    assert len(maker.made) == 2


def test_who_is_refused_gets_what_is_kept_unless_it_is_wrong(
    kept: KeptDocuments, clock: Clock
) -> None:
    maker = Maker()
    ready = kept.find("a", maker)
    maker.admitted, maker.fresh = False, 1
    clock.now += 60
    assert kept.find("a", maker) is ready
    maker.exact = 1
    clock.now += 60
    with pytest.raises(Refused):
        kept.find("a", maker)
    with pytest.raises(Refused):
        kept.find("b", maker)


def test_without_a_database_only_what_nothing_came_after_is_given(
    kept: KeptDocuments, shelf: Shelf, clock: Clock
) -> None:
    maker = Maker()
    ready = kept.find("a", maker)
    maker.broken = True
    clock.now += 60
    assert kept.find("a", maker) is ready
    shelf.generation += 1
    with pytest.raises(StoreBusy):
        kept.find("a", maker)


def test_number_and_bytes_are_bounded(shelf: Shelf) -> None:
    few = KeptDocuments(shelf, most=3)
    for number in range(9):
        few.find(f"{number}", Maker())
    assert len(few) == 3
    maker = Maker()
    few.find("8", maker)
    assert maker.made == []
    small = KeptDocuments(shelf, most_bytes=100)
    for number in range(9):
        small.find(f"{number}", Maker(text="x" * 10))
    assert 1 <= len(small) <= 3


def test_one_address_is_made_once_at_a_time_and_others_do_not_wait(shelf: Shelf) -> None:
    documents = KeptDocuments(shelf)
    maker = Maker(pause=0.2)
    crowd = [threading.Thread(target=documents.find, args=("a", maker)) for _ in range(20)]
    for each in crowd:
        each.start()
    while not maker.made:
        time.sleep(0.001)
    other = Maker()
    documents.find("b", other)
    assert any(each.is_alive() for each in crowd)
    for each in crowd:
        each.join()
    assert len(maker.made) == 1


def test_tokens_come_back_with_time() -> None:
    clock = Clock()
    buckets = Buckets(6, clock=clock)
    assert [buckets.take("192.0.2.1") for _ in range(6)] == [0] * 6
    assert buckets.take("192.0.2.1") == pytest.approx(10)
    assert buckets.take("192.0.2.2") == 0
    clock.now += 10
    assert buckets.take("192.0.2.1") == 0
    assert buckets.take("192.0.2.1") > 0
    assert Buckets(0).take("192.0.2.1") == 0


def test_peers_are_bounded_and_a_network_is_one_peer() -> None:
    buckets = Buckets(1, most=10)
    for number in range(50):
        buckets.take(f"192.0.2.{number}")
    assert len(buckets) == 10
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:0:0:2")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("nonsense") == ""
