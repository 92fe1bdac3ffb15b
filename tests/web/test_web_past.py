"""Beyond the window: since a cursor, page by page, month by month; everything once and nothing lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from werkzeug.test import Client

from feedsvc.domain.article import Draft
from feedsvc.publish import past
from tests.render.conformance import assert_valid_atom, assert_valid_rss
from tests.web.stage import Stage, content, draft, open_stage

FEED = "/feeds/gongan"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(past, "PAGE", 3)
    monkeypatch.setattr(past, "PART", 4)
    monkeypatch.setattr(past, "MOST_SINCE", 4)
    opened = open_stage(tmp_path)
    yield opened
    opened.db.dispose()


def at(day: int, month: int = 8, number: int = 0) -> Draft:
    """An article published on a day at noon in Beijing."""
    from dataclasses import replace

    moment = datetime(2026, month, day, 4, number % 60, tzinfo=UTC)
    made = draft(1000 * month + 20 * day + number, content(f"{month}月{day}日第{number}条"))
    return replace(made, published_at=moment, updated_at=moment)


def items(client: Client, address: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    found: list[dict[str, Any]] = json.loads(answer.data)["items"]
    return found


def titles(client: Client, address: str) -> list[str]:
    return [each["title"] for each in items(client, address)]


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_since_gives_every_change_once_in_parts_that_lead_on(stage: Stage) -> None:
    stage.take(*(at(day) for day in range(1, 11)))
    stage.desk.correct(2, correction("2日改过"), reason="误", actor="editor:li")
    stage.desk.withdraw(3, reason="失实", actor="editor:li")
    client = stage.client()
    seen: list[str] = []
    address: str | None = f"{FEED}.json?since=0"
    cursors = []
    while address:
        document = json.loads(client.get(address).data)
        seen += [item["id"] for item in document["items"]]
        cursors.append(document["_feedsvc"]["cursor"])
        address = local(document["next_url"]) if "next_url" in document else None
    assert len(seen) == len(set(seen)) == 10
    assert cursors == sorted(cursors)
    assert client.get(f"{FEED}.json?since={cursors[-1]}").status_code == 200
    assert items(client, f"{FEED}.json?since={cursors[-1]}") == []
    [changed, withdrawn] = items(client, f"{FEED}.json?since=10")
    assert {changed["title"], withdrawn["title"]} == {"2日改过", "【撤稿】8月3日第0条"}


def test_pages_lead_back_to_the_first_article(stage: Stage) -> None:
    ids = stage.take(*(at(day) for day in range(1, 11)))
    client = stage.client()
    seen = []
    address: str | None = f"{FEED}.json?before={ids[-1]}"
    while address:
        document = json.loads(client.get(address).data)
        seen += [item["title"] for item in document["items"]]
        address = local(document["next_url"]) if "next_url" in document else None
    assert seen == [f"8月{day}日第0条" for day in range(9, 0, -1)]


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_archives_hold_everything_from_the_newest_month_back(stage: Stage, format: str) -> None:
    stage.take(*(at(day, month) for month in (5, 7, 8) for day in range(1, 10)))
    stage.publish()
    client = stage.client()
    feed = feedparser.parse(client.get(f"{FEED}.{format}").data)
    [address] = [link.href for link in feed.feed.links if link.rel == "prev-archive"]
    assert local(address) == f"{FEED}/2026-05.{format}"
    seen: set[str] = set()
    at_month = f"{FEED}/2026-08.{format}"
    while at_month:
        answer = client.get(at_month)
        assert answer.status_code == 200
        {"atom": assert_valid_atom, "rss": assert_valid_rss}[format](answer.data)
        assert b"archive" in answer.data
        assert "immutable" not in answer.headers["Cache-Control"]
        part = feedparser.parse(answer.data)
        guids = {entry.id for entry in part.entries}
        assert not guids & seen
        seen |= guids
        back = [link.href for link in part.feed.links if link.rel == "prev-archive"]
        at_month = local(back[0]) if back else ""
    assert len(seen) == 27


def test_a_full_part_stays_as_it_is_while_the_feed_goes_on(stage: Stage) -> None:
    stage.take(*(at(day) for day in range(1, 7)))
    client = stage.client()
    first = client.get(f"{FEED}/2026-08.atom?part=1")
    stage.take(*(at(day) for day in range(7, 9)))
    stage.publish()
    again = client.get(
        f"{FEED}/2026-08.atom?part=1", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_withdrawn_text_is_in_no_document_of_the_past(stage: Stage) -> None:
    [article, *_] = stage.take(*(at(day) for day in range(1, 7)))
    stage.publish()
    client = stage.client()
    addresses = [f"{FEED}/2026-08.{format}?part=1" for format in ("rss", "atom", "json")] + [
        f"{FEED}.json?since=0",
        f"{FEED}.json?before=6",
    ]
    before = [client.get(address).text for address in addresses]
    assert any("8月1日第0条" in text for text in before)
    stage.desk.withdraw(article, reason="失实", actor="editor:li")
    for address in addresses:
        text = client.get(address).text
        assert "8月1日第0条" not in text.replace("【撤稿】8月1日第0条", "")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{FEED}.json?since=x", 400),
        (f"{FEED}.json?since=-1", 400),
        (f"{FEED}.json?since=", 400),
        (f"{FEED}.json?since=1&before=1", 400),
        (f"{FEED}.json?before=999", 404),
        (f"{FEED}.json?since=99999999999999999999", 400),
        ("/feeds/none.json?since=1", 404),
        (f"{FEED}/2026-13.atom", 404),
        (f"{FEED}/2026-8.atom", 404),
        (f"{FEED}/1999-01.atom", 404),
        (f"{FEED}/2026-08.atom?part=0", 404),
        (f"{FEED}/2026-08.atom?part=99", 404),
        (f"{FEED}/2026-08.atom?part=<b>", 400),
    ],
)
def test_what_cannot_be_answered_says_so_and_repeats_nothing(
    stage: Stage, address: str, status: int
) -> None:
    stage.take(at(1))
    answer = stage.client().get(address)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert not re.search(r"<b>|99999|none", answer.text)


def test_another_query_changes_nothing(stage: Stage) -> None:
    stage.take(at(1))
    stage.publish()
    client = stage.client()
    assert client.get(f"{FEED}.rss?utm_source=x").data == client.get(f"{FEED}.rss").data


def test_a_crowd_costs_one_rendering(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.take(*(at(day) for day in range(1, 5)))
    made = []
    real = past.Past.month

    def counting(self: past.Past, *wanted: Any) -> Any:
        made.append(wanted)
        return real(self, *wanted)

    monkeypatch.setattr(past.Past, "month", counting)
    client = stage.client()
    for _ in range(5):
        assert client.get(f"{FEED}/2026-08.json").status_code == 200
    assert len(made) == 1


def correction(title: str) -> Any:
    from feedsvc.curate.desk import Correction

    return Correction(title=title)


def test_late_articles_lengthen_the_last_part(stage: Stage) -> None:
    stage.take(*(at(day) for day in (20, 21, 22, 23)))
    client = stage.client()
    before = titles(client, f"{FEED}/2026-08.json?part=1")
    stage.take(at(1))
    stage.publish()
    assert titles(client, f"{FEED}/2026-08.json?part=1") == before
    assert titles(client, f"{FEED}/2026-08.json") == ["8月1日第0条"]
