"""kill -9 in the middle of ingest and publishing: nothing lost, nothing doubled, no reader sees it."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from feedsvc.store.raw_files import RawFiles
from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

SOURCES = 4
NEW_PER_POLL = 3
WINDOW = 120


class GrowingFeed:
    """A partner's feed that carries new stories at every request until it is told to rest."""

    def __init__(self, start: int) -> None:
        self._next = start
        self._stories: list[Story] = []
        self._lock = threading.Lock()
        self.resting = False
        self.asked = threading.Event()

    def answer(self) -> Answer:
        with self._lock:
            if not self.resting:
                for _ in range(NEW_PER_POLL):
                    self._stories.append(Story(self._next, text=own_text(self._next)))
                    self._next += 1
            self.asked.set()
            return Answer(rss(self._stories[-WINDOW:]).encode())

    def titles(self) -> list[str]:
        with self._lock:
            return [story.headline for story in self._stories]


def own_text(number: int) -> str:
    """A text like no other's: of near-equal ones a feed would show one member only."""
    letters = list(Story(1).text * 3)
    random.Random(number).shuffle(letters)
    return "".join(letters)


class Watcher(threading.Thread):
    """A reader that never stops reading, and notes every answer that it should not have got."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self._service = service
        self._newest_cursor: dict[str, int] = {}
        self.ended = threading.Event()
        self.answers = 0
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.ended.wait(0.02):
            for format in ("rss", "atom", "json"):
                self._read(format)

    def _read(self, format: str) -> None:
        status, headers, body = self._service.get(f"/feeds/gongan.{format}")
        self.answers += 1
        if status != 200:
            self.faults.append(f"{format}: status {status}")
            return
        count = (
            len(json.loads(body)["items"])
            if format == "json"
            else len(
                etree.fromstring(body).findall(".//{*}item" if format == "rss" else "{*}entry")
            )
        )
        cursor = int(headers["etag"].strip('"').split("-")[0])
        before = self._newest_cursor.get(format, 0)
        if cursor < before:
            self.faults.append(f"{format}: cursor went back from {before} to {cursor}")
        if before and not count:
            self.faults.append(f"{format}: empty after it had items")
        self._newest_cursor[format] = max(cursor, before if count else 0)


@pytest.mark.parametrize(
    "kills", [2, pytest.param(50, marks=[pytest.mark.thorough, pytest.mark.timeout(900)])]
)
def test_nothing_is_lost_or_doubled_under_kills(tmp_path: Path, kills: int) -> None:
    dice = random.Random(kills)
    with partner_site() as partner:
        service = service_in(tmp_path / "home", lease_seconds="1")
        feeds = add_growing_sources(service, partner)
        with started(service, "web"):
            service.ask("publish")
            watcher = Watcher(service)
            watcher.start()
            for _ in range(kills):
                kill_one_scheduler(service, feeds, dice)
            for feed in feeds:
                feed.resting = True
            with started(service, "scheduler", answers=False):
                expected = Counter(title for feed in feeds for title in feed.titles())
                eventually(
                    lambda: stored_titles(service) == expected,
                    "every story is stored once",
                    within=60,
                )
                newest = max(expected, key=lambda title: int("".join(filter(str.isdigit, title))))
                eventually(
                    lambda: newest in service.get("/feeds/gongan.json")[2].decode(),
                    "the newest story is published",
                )
            watcher.ended.set()
            watcher.join()
    assert watcher.faults == []
    assert bodies_not_whole(service) == []
    assert watcher.answers > kills


def add_growing_sources(service: Service, partner: Partner) -> list[GrowingFeed]:
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    feeds = [GrowingFeed(1 + 10_000 * number) for number in range(SOURCES)]
    for number, feed in enumerate(feeds):
        partner.pages[f"/{number}.xml"] = feed.answer
        service.ask(
            "sources", "add", f"{partner.url}/{number}.xml", "--slug", f"s{number}",
            "--category", "gongan", "--every", "1",
        )  # fmt: skip
    return feeds


def kill_one_scheduler(service: Service, feeds: list[GrowingFeed], dice: random.Random) -> None:
    """Start a scheduler and kill it a moment after it asked a partner for something."""
    for feed in feeds:
        feed.asked.clear()
    with started(service, "scheduler", answers=False) as process:
        eventually(lambda: any(feed.asked.is_set() for feed in feeds), "a source is polled")
        time.sleep(dice.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait()


def bodies_not_whole(service: Service) -> list[str]:
    """Kept answers whose body is missing or torn."""
    files = RawFiles(service.home / "raw")
    with sqlite3.connect(service.home / "feedsvc.db") as connection:
        rows = connection.execute("SELECT body_hash FROM raw_response").fetchall()
    connection.close()
    assert rows
    return [name for (name,) in rows if files.read(name) is None]


def stored_titles(service: Service) -> Counter[str]:
    found: Counter[str] = Counter()
    before: list[str] = []
    while rows := service.ask("articles", "list", "--limit", "1000", *before):
        found.update(row["title"] for row in rows)
        before = ["--before", str(rows[-1]["id"])]
    return found
