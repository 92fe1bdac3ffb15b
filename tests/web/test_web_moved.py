"""Addresses under former names, and feeds that are no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from werkzeug.test import Client, TestResponse

from feedsvc.curate.sections import FAREWELL_TIME, Sections
from feedsvc.domain.feed import FORMATS, Category
from feedsvc.publish.gallery import Gallery
from feedsvc.services import publish_at_once
from feedsvc.store import categories, farewells
from feedsvc.store.shelf import Shelf
from tests.web.stage import NOW, SITE, Stage, draft, open_stage

NEW = "https://news.example/feeds/jingwu"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = open_stage(tmp_path)
    with stage.db.write() as session:
        categories.add(session, Category(slug="jiaotong", title="交通"), NOW)
    stage.take(draft(1), draft(2))
    stage.publish()
    yield stage
    stage.db.dispose()


def sections(stage: Stage) -> Sections:
    gallery = Gallery(stage.db, stage.media)
    at_once = publish_at_once(stage.publisher, gallery, stage.clock)
    return Sections(stage.db, stage.shelf, at_once, stage.clock)


def way(answer: TestResponse) -> tuple[int, str | None]:
    return answer.status_code, answer.headers.get("Location")


@pytest.mark.parametrize("format", FORMATS)
def test_a_former_address_leads_to_the_new_one_in_every_form(stage: Stage, format: str) -> None:
    client = stage.client()
    before = client.get(f"/feeds/gongan.{format}")
    assert before.status_code == 200
    sections(stage).rename("gongan", to="jingwu")
    for tail, kept in (
        ("", ""),
        ("?since=3", "?since=3"),
        ("?before=2", "?before=2"),
        ("?utm=x&since=<b>", ""),
    ):
        answer = client.get(f"/feeds/gongan.{format}{tail}")
        if "<b>" in tail:
            assert answer.status_code == 400
            continue
        assert way(answer) == (301, f"{NEW}.{format}{kept}")
    archive = client.get(f"/feeds/gongan/2019-08.{format}?part=1")
    assert way(archive) == (301, f"{NEW}/2019-08.{format}?part=1")
    head = client.head(f"/feeds/gongan.{format}")
    assert way(head) == (301, f"{NEW}.{format}")
    assert "Sec-Fetch-Dest" in head.vary
    assert head.headers["Access-Control-Allow-Origin"] == "*"
    after = client.get(f"/feeds/jingwu.{format}")
    assert after.status_code == 200
    said, now_said = (feedparser.parse(each.data) for each in (before, after))
    if format != "json":
        assert [each.id for each in now_said.entries] == [each.id for each in said.entries]
    else:
        assert after.json is not None
        assert before.json is not None
        assert after.json["_feedsvc"]["id"] == before.json["_feedsvc"]["id"]
        assert [each["id"] for each in after.json["items"]] == [
            each["id"] for each in before.json["items"]
        ]


def test_pages_lead_on_too_and_chains_are_one_step(stage: Stage) -> None:
    client = stage.client()
    sections(stage).rename("gongan", to="anquan")
    sections(stage).rename("anquan", to="jingwu", title="警务")
    for old in ("gongan", "anquan"):
        assert way(client.get(f"/c/{old}")) == (301, "https://news.example/c/jingwu")
        assert way(client.get(f"/feeds/{old}")) == (301, NEW)
        browser = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}
        assert client.get(f"/feeds/{old}.rss", headers=browser).status_code == 301
        for format in FORMATS:
            assert way(client.get(f"/feeds/{old}.{format}")) == (301, f"{NEW}.{format}")
    page = client.get("/c/jingwu").text
    assert "警务" in page
    assert "gongan" not in client.get("/feeds.opml").text + client.get("/feeds/").text
    assert client.get("/feeds/nirgends.rss").status_code == 404
    assert client.get("/feeds/%3Cb%3E.rss").status_code == 404


def test_a_name_taken_back_is_served_again(stage: Stage) -> None:
    client = stage.client()
    first = client.get("/feeds/gongan.rss").headers["Last-Modified"]
    sections(stage).rename("gongan", to="jingwu")
    assert client.get("/feeds/gongan.rss").status_code == 301
    sections(stage).rename("jingwu", to="gongan")
    again = client.get("/feeds/gongan.rss")
    assert again.status_code == 200
    assert again.headers.get("Last-Modified", first) >= first
    assert way(client.get("/feeds/jingwu.rss")) == (301, "https://news.example/feeds/gongan.rss")


def test_another_machine_forgets_the_old_document_with_its_next_look(
    stage: Stage, tmp_path: Path
) -> None:
    other = replace(stage, shelf=Shelf(tmp_path / "other"))
    other.publisher.sync_shelf()
    client = other.client()
    assert client.get("/feeds/gongan.rss").status_code == 200
    sections(stage).rename("gongan", to="jingwu")
    # Its own memory is exact to its shelf, and its shelf follows the database.
    other.publisher.sync_shelf()
    assert client.get("/feeds/gongan.rss").status_code == 301
    assert client.get("/feeds/jingwu.rss").status_code == 200
    assert other.publisher.sync_shelf() == 0


def test_a_document_shelved_too_late_does_not_come_back(stage: Stage) -> None:
    late = [each for each in stage.shelf.load_all().values() if each.slug == "gongan"]
    client = stage.client()
    sections(stage).rename("gongan", to="jingwu")
    assert stage.shelf.put(late) == 0
    assert client.get("/feeds/gongan.json").status_code == 301


def test_a_death_between_the_renaming_and_the_shelf_is_made_good(stage: Stage) -> None:
    client = stage.client()
    assert client.get("/feeds/gongan.rss").status_code == 200
    with stage.db.write() as session:
        categories.rename(session, "gongan", "jingwu", NOW)
    stage.publisher.refresh(NOW)
    assert client.get("/feeds/gongan.rss").status_code == 301
    assert client.get("/feeds/jingwu.rss").status_code == 200


def test_a_retired_feed_says_so_once_and_then_is_gone(stage: Stage) -> None:
    client = stage.client()
    sections(stage).retire("gongan", reason="栏目并入<交通>", successor="jiaotong")
    documents = {each: client.get(f"/feeds/gongan.{each}") for each in FORMATS}
    data = json.loads(documents["json"].data)
    assert data["expired"] is True
    last, *others = data["items"]
    assert len(others) == 2
    assert last["title"] == "【停更】公安要闻"
    assert "栏目并入&lt;交通&gt;" in last["content_html"]
    assert last["url"] == "https://news.example/feeds/jiaotong"
    for each in ("rss", "atom"):
        parsed = feedparser.parse(documents[each].data)
        assert not parsed.bozo
        assert parsed.entries[0].id == last["id"]
        assert etree.fromstring(documents[each].data) is not None
    for listing in ("/feeds/", "/feeds.opml", "/"):
        assert "/feeds/gongan" not in client.get(listing).text, listing
    cursor = data["_feedsvc"]["cursor"]
    assert [
        each["id"] for each in json.loads(client.get("/feeds/gongan.json?since=2").data)["items"]
    ] == [last["id"]]
    assert json.loads(client.get(f"/feeds/gongan.json?since={cursor}").data)["items"] == []
    assert "停止更新" in client.get("/feeds/gongan").text
    assert "停止更新" in client.get("/c/gongan").text

    early = sections(stage).end_due(NOW + FAREWELL_TIME - timedelta(seconds=1))
    assert not early
    assert client.get("/feeds/gongan.rss").status_code == 200
    sections(stage).end_due(NOW + FAREWELL_TIME)
    for format in FORMATS:
        for query in ("", "?since=1", "?before=1", "?x=%3Cscript%3E"):
            answer = client.get(f"/feeds/gongan.{format}{query}")
            assert answer.status_code == 410, query
            assert answer.mimetype == "text/plain"
            # A browser is shown a page at the same address.
            assert "Sec-Fetch-Dest" in answer.vary
            assert "script" not in answer.text
            assert "gongan" not in answer.text
        assert client.get(f"/feeds/gongan/2019-08.{format}").status_code == 200
    browser = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}
    page = client.get("/feeds/gongan", headers=browser)
    assert page.status_code == 410
    assert "/feeds/jiaotong" in page.text
    assert client.get("/a/1").status_code == 200
    assert client.get("/c/gongan").status_code == 200
    stage.publish()
    stage.publisher.refresh(NOW + FAREWELL_TIME)
    assert client.get("/feeds/gongan.rss").status_code == 410


def test_the_end_of_a_feed_is_the_same_bytes_in_every_process(stage: Stage) -> None:
    sections(stage).retire("gongan", reason="改版", successor="jiaotong")
    first = {path: each.etag for path, each in stage.shelf.load_all().items()}
    stage.publish()
    assert {path: each.etag for path, each in stage.shelf.load_all().items()} == first


def test_a_death_between_the_end_and_the_shelf_is_made_good(stage: Stage) -> None:
    client = stage.client()
    sections(stage).retire("gongan", reason="改版", successor="jiaotong")
    with stage.db.write() as session:
        farewells.end(session, "gongan", NOW)
    stage.publisher.sync_shelf()
    assert client.get("/feeds/gongan.atom").status_code == 410


def test_without_a_database_a_former_name_is_not_denied(stage: Stage, tmp_path: Path) -> None:
    sections(stage).rename("gongan", to="jingwu")
    client: Client = stage.client()
    assert SITE.base_url in NEW
    stage.db.dispose()
    (tmp_path / "stage.db").rename(tmp_path / "away.db")
    (tmp_path / "stage.db").mkdir()
    answer = client.get("/feeds/gongan.rss")
    assert answer.status_code == 503
    assert client.get("/feeds/jingwu.rss").status_code == 200
    (tmp_path / "stage.db").rmdir()
    (tmp_path / "away.db").rename(tmp_path / "stage.db")
