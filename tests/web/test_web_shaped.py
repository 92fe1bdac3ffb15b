"""Feeds as editors shape them: summaries only, and articles that stay although older."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from feedsvc.curate.feeds import FeedDesk
from feedsvc.domain.feed import FORMATS
from feedsvc.errors import Conflict, NotFound
from feedsvc.publish.gallery import Gallery
from feedsvc.services import publish_at_once
from feedsvc.store.feeds import Window
from tests.web.stage import PUBLISHED, SECRET, Stage, content, draft, open_stage

OLD = PUBLISHED - timedelta(days=400)
MANY = 52


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = open_stage(tmp_path)
    # The first stored is the newest; the last has long left the window.
    made = [
        draft(number, content(f"第{number}号消息"), published_at=PUBLISHED - timedelta(days=number))
        for number in range(1, MANY)
    ]
    old = draft(MANY, content("去年的公告"), published_at=OLD)
    stage.take(*made, old)
    stage.publish()
    yield stage
    stage.db.dispose()


def desk(stage: Stage) -> FeedDesk:
    at_once = publish_at_once(stage.publisher, Gallery(stage.db, stage.media), stage.clock)
    return FeedDesk(stage.db, at_once, stage.clock)


def shown(stage: Stage, slug: str = "gongan") -> dict[str, Any]:
    data: dict[str, Any] = json.loads(stage.client().get(f"/feeds/{slug}.json").data)
    return data


def test_a_feed_of_summaries_carries_no_text_and_leads_to_the_article(stage: Stage) -> None:
    full = {each: stage.client().get(f"/feeds/gongan.{each}").data for each in FORMATS}
    desk(stage).set_content("gongan", "summary")
    client = stage.client()
    for format in FORMATS:
        answer = client.get(f"/feeds/gongan.{format}")
        assert len(answer.data) < len(full[format])
        assert "至天明" not in answer.text, "the summary ends before these words"
        assert SECRET in answer.text, "the summary itself"
        assert "至天明" in client.get(f"/feeds/all.{format}").text, "other feeds stay full"
        assert "至天明" not in client.get(f"/feeds/gongan/2019-08.{format}").text
    first, *_ = shown(stage)["items"]
    assert first["content_text"] == first["summary"]
    assert first["url"].startswith("https://news.example/a/")
    atom = feedparser.parse(client.get("/feeds/gongan.atom").data)
    assert not atom.bozo
    assert all("content" not in entry and entry.link for entry in atom.entries)
    desk(stage).set_content("gongan", "full")
    assert "至天明" in stage.client().get("/feeds/gongan.rss").text


def test_who_knows_an_older_state_gets_the_whole_when_all_entries_change(stage: Stage) -> None:
    client = stage.client()
    known = client.get("/feeds/gongan.atom").headers["ETag"]
    desk(stage).set_content("gongan", "summary")
    delta = {"A-IM": "feed", "If-None-Match": known}
    assert client.get("/feeds/gongan.atom", headers=delta).status_code == 200


def test_setting_what_is_set_changes_no_byte(stage: Stage) -> None:
    before = stage.client().get("/feeds/gongan.rss")
    desk(stage).set_content("gongan", "full")
    assert stage.client().get("/feeds/gongan.rss").headers["ETag"] == before.headers["ETag"]


def test_a_pinned_article_stays_in_the_window_and_comes_first_on_pages(stage: Stage) -> None:
    client = stage.client()
    before = shown(stage)
    assert "去年的公告" not in {each["title"] for each in before["items"]}
    known = client.get("/feeds/gongan.atom").headers["ETag"]
    shaped = desk(stage).pin("gongan", MANY)
    assert shaped.pinned == (MANY,)
    after = shown(stage)
    assert after["items"][-1]["title"] == "去年的公告", "the order is that of publication"
    assert after["items"][-1]["_feedsvc"]["pinned"] is True
    assert [each["_feedsvc"].get("pinned") for each in after["items"][:-1]] == [None] * 50
    links = before["_feedsvc"]["links"]["prev-archive"], after["_feedsvc"]["links"]["prev-archive"]
    assert links[0] == links[1], "an old entry must not make readers skip the months between"
    assert "去年的公告" not in {each["title"] for each in shown(stage, "all")["items"]}
    delta = client.get(
        "/feeds/gongan.atom", headers={"A-IM": "feed", "If-None-Match": known}
    )  # fmt: skip
    assert delta.status_code == 226
    assert [each.title for each in feedparser.parse(delta.data).entries] == ["去年的公告"]
    for page in ("/c/gongan", "/feeds/gongan"):
        text = client.get(page, headers={"Accept": "text/html"}).text
        assert text.index("去年的公告") < text.index("第1号消息"), page
        assert "置顶" in text
    desk(stage).unpin("gongan", MANY)
    assert shown(stage)["items"] == before["items"]


def test_at_most_five_articles_are_pinned_and_only_those_of_the_feed(stage: Stage) -> None:
    for number in range(1, 6):
        desk(stage).pin("all", number)
    desk(stage).pin("all", 5)
    with pytest.raises(Conflict, match="5 pinned"):
        desk(stage).pin("all", 6)
    [held] = set(stage.take(draft(99), held=True)) - set(range(1, MANY + 1))
    for slug, article in (("gongan", held), ("corrections", 1)):
        with pytest.raises(Conflict):
            desk(stage).pin(slug, article)
    for slug in ("nirgends", "source/wuqiao"):
        with pytest.raises(NotFound):
            desk(stage).pin(slug, 1)
    with pytest.raises(NotFound):
        desk(stage).unpin("gongan", 1)


def test_a_withdrawn_article_is_pinned_no_more(stage: Stage) -> None:
    desk(stage).pin("gongan", MANY)
    stage.desk.withdraw(MANY, reason="失实", actor="editor:fang")
    notice = next(each for each in shown(stage)["items"] if "去年的公告" in each["title"])
    assert notice["title"] == "【撤稿】去年的公告"
    assert "pinned" not in notice["_feedsvc"]
    assert Window().most == 200
