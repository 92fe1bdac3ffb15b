"""Nobody misses anything: clients that were away an hour, a day, a month, over ninety simulated days."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import New
from feedsvc.domain.feed import FeedDocument
from feedsvc.domain.run import Run
from feedsvc.publish import past
from feedsvc.publish.months import Month
from feedsvc.publish.past import Past
from feedsvc.store import articles, claims, cursor, feeds, polls
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from tests.publish.newsroom import NOW, SITE, draft, open_newsroom

DAYS = 90
BURST_DAY, BURST = 40, 500


class Newsroom:
    """Ninety days of a newsroom: some articles a day, one burst, withdrawals, late arrivals."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.dice = random.Random(90)
        self.number = 0
        self.cursors: list[int] = []

    def live(self) -> None:
        for day in range(DAYS):
            count = BURST if day == BURST_DAY else self.dice.randrange(4)
            self.take([self.article(day) for _ in range(count)])
            if day % 7 == 6:
                self.withdraw(self.dice.randrange(1, self.number + 1))
            with self.db.read() as session:
                self.cursors.append(cursor.latest(session))

    def article(self, day: int) -> Draft:
        self.number += 1
        late = 20 if self.number % 37 == 0 else 0
        at = NOW + timedelta(days=day - late, seconds=self.number % 3600)
        return replace(draft(self.number), published_at=at, updated_at=at)

    def take(self, drafts: list[Draft]) -> None:
        with self.db.write() as session:
            claim = claims.claim_one(session, "yunling", NOW, seconds=60)
            assert claim is not None
            run = Run(source="yunling", status="ok", started_at=NOW, finished_at=NOW)
            outcome = polls.PollOutcome(
                claim=claim,
                run=run,
                decisions=tuple(New(draft=each) for each in drafts),
                validators=None,
                next_due_at=NOW,
                failures=0,
            )
            polls.commit_poll(session, outcome, NOW, debounce=0)

    def withdraw(self, article_id: int) -> None:
        with self.db.write() as session:
            article = articles.get(session, article_id)
            if article.status != "withdrawn":
                taken_back = NewRevision(
                    content=article.content,
                    status="withdrawn",
                    reason="失实",
                    actor="editor:fang",
                    kind="withdrawn",
                    edited_fields=(),
                )
                articles.revise(session, article_id, taken_back, NOW)

    def changed_after(self, day: int) -> set[str]:
        """The guids of all that has changed since the end of a day, straight from the log."""
        with self.db.read() as session:
            snapshot = feeds.snapshot(session, "gongan", feeds.Window(least=10**6, most=10**6))
        return {
            article.guid
            for article in snapshot.articles
            if snapshot.cursors[article.id] > self.cursors[day]
        }


@pytest.fixture
def newsroom(db: Database) -> Newsroom:
    open_newsroom(db)
    made = Newsroom(db)
    made.live()
    return made


def items(document: FeedDocument) -> list[str]:
    return [item["id"] for item in json.loads(document.body)["items"]]


def links(document: FeedDocument) -> dict[str, str]:
    found: dict[str, str] = json.loads(document.body)["_feedsvc"].get("links", {})
    return found


@pytest.mark.parametrize("away", [1, 2, 31, DAYS])
def test_since_tells_a_client_that_was_away_everything_once(newsroom: Newsroom, away: int) -> None:
    reader = Past(newsroom.db, SITE)
    since = newsroom.cursors[DAYS - 1 - away] if away < DAYS else 0
    seen: list[str] = []
    while True:
        document = reader.since("gongan", since, "json")
        seen += items(document)
        following = links(document).get("next")
        if following is None:
            break
        since = int(parse_qs(urlsplit(following).query)["since"][0])
    assert len(seen) == len(set(seen))
    wanted = newsroom.changed_after(DAYS - 1 - away) if away < DAYS else None
    assert len(seen) == newsroom.number if wanted is None else set(seen) == wanted


def test_the_archives_hold_everything_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PART", 60)
    reader = Past(newsroom.db, SITE)
    seen: list[str] = []
    month, part = Month.of(NOW + timedelta(days=DAYS)), None
    address: str | None = f"x/{month}.json"
    while address:
        parts = urlsplit(address)
        year, number = parts.path.rpartition("/")[2].removesuffix(".json").split("-")
        part = int(parse_qs(parts.query)["part"][0]) if parts.query else None
        document = reader.month("gongan", Month(int(year), int(number)), part, "json")
        seen += items(document)
        address = links(document).get("prev-archive")
    assert len(seen) == len(set(seen)) == newsroom.number


def test_pages_lead_to_the_first_article(newsroom: Newsroom) -> None:
    reader = Past(newsroom.db, SITE)
    with newsroom.db.read() as session:
        newest = feeds.snapshot(session, "gongan", feeds.Window(least=1, hours=0, most=1))
    top = newest.articles[0]
    seen = [top.guid]
    before: int | None = top.id
    while before is not None:
        document = reader.older("gongan", before, "json")
        seen += items(document)
        following = links(document).get("next")
        before = int(parse_qs(urlsplit(following).query)["before"][0]) if following else None
    assert len(seen) == len(set(seen)) == newsroom.number
