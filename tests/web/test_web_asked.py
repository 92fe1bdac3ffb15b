"""Feeds of a source, tag or author: made when asked for, and in all else like every other feed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import feedparser
import pytest
from werkzeug.test import Client

from feedsvc.curate.desk import Correction
from feedsvc.publish import past
from feedsvc.publish.asked import Asked
from tests.render.conformance import assert_valid_atom, assert_valid_rss
from tests.web.stage import NOW, SECRET, SITE, Stage, content, draft, open_stage

TAG = f"/feeds/tag/{quote('反诈')}"
AUTHOR = f"/feeds/author/{quote('方一鸣')}"
ADDRESSES = ("/feeds/source/wuqiao", TAG, AUTHOR)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = replace(open_stage(tmp_path), clock=lambda: NOW + timedelta(hours=1))
    tagged = content(tags=("反诈", "a&b?c#d%41", "防汛 抗旱"))
    opened.take(*(draft(number, replace(tagged, title=f"第{number}条")) for number in (1, 2, 3)))
    opened.take(draft(4, content("别的", authors=("谢清河",))))
    opened.publish()
    yield opened
    opened.db.dispose()


def titles(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return [item["title"] for item in json.loads(answer.data)["items"]]


@pytest.mark.parametrize("address", ADDRESSES)
def test_all_formats_say_where_they_are_and_are_valid(stage: Stage, address: str) -> None:
    client = stage.client()
    standing = client.get("/feeds/gongan.rss").headers
    for format, valid in (("rss", assert_valid_rss), ("atom", assert_valid_atom)):
        answer = client.get(f"{address}.{format}")
        valid(answer.data)
        parsed = feedparser.parse(answer.data)
        assert f"{SITE.base_url}{address}.{format}" in {
            link.href for link in parsed.feed.links if link.rel == "self"
        }
        assert len(parsed.entries) >= 3
    answer = client.get(f"{address}.rss")
    assert set(answer.headers.keys()) == {*standing.keys(), "Referrer-Policy"}
    assert f'<{SITE.base_url}{address}.rss>; rel="self"' in answer.headers["Link"]
    document = json.loads(client.get(f"{address}.json").data)
    assert document["feed_url"] == f"{SITE.base_url}{address}.json"
    assert document["home_page_url"] == f"{SITE.base_url}{address}"


def test_each_has_what_bears_its_name(stage: Stage) -> None:
    client = stage.client()
    assert titles(client, f"{TAG}.json") == ["第1条", "第2条", "第3条"]
    assert titles(client, f"{AUTHOR}.json") == ["第1条", "第2条", "第3条"]
    assert titles(client, "/feeds/source/wuqiao.json")[-1] == "别的"
    assert titles(client, f"/feeds/tag/{quote('a&b?c#d%41')}.json")[0] == "第1条"


def test_conditions_methods_and_deltas_are_those_of_every_feed(stage: Stage) -> None:
    client = stage.client()
    first = client.get(f"{TAG}.json")
    etag = first.headers["ETag"]
    known = {"If-None-Match": etag}
    assert client.get(f"{TAG}.json", headers=known).status_code == 304
    dated = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(f"{TAG}.json", headers=dated).status_code == 304
    head = client.head(f"{TAG}.json")
    assert (head.data, head.headers["Content-Length"]) == (b"", first.headers["Content-Length"])
    options = client.options(f"{TAG}.json")
    assert options.status_code == 204
    assert options.headers["Access-Control-Allow-Origin"] == "*"
    assert client.post(f"{TAG}.json").status_code == 405
    stage.take(draft(5, content("新来的", tags=("反诈",))))
    stage.publish()
    delta = client.get(f"{TAG}.json", headers={**known, "A-IM": "feed"})
    assert delta.status_code == 226
    assert [item["title"] for item in json.loads(delta.data)["items"]] == ["新来的"]
    assert titles(client, f"{TAG}.json?since=4") == ["新来的"]
    assert titles(client, f"{TAG}.json?before=1") == ["第2条", "第3条", "新来的"]


def test_the_past_leads_back_to_the_first_article(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PART", 2)
    client = stage.client()
    document = json.loads(client.get(f"{TAG}.json").data)
    address, seen = document["_feedsvc"]["links"]["prev-archive"], set()
    while address:
        parts = urlsplit(address)
        document = json.loads(client.get(f"{parts.path}?{parts.query}").data)
        seen |= {item["title"] for item in document["items"]}
        address = document["_feedsvc"]["links"].get("prev-archive")
    assert seen == {"第1条", "第2条", "第3条"}


def test_people_get_a_page_and_readers_a_feed(stage: Stage) -> None:
    client = stage.client()
    for address in (f"{TAG}.rss", TAG):
        answer = client.get(address, headers={"Sec-Fetch-Dest": "document"})
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "标签：反诈" in answer.text
        assert f"{SITE.base_url}{TAG}.rss" in answer.text
        assert "Sec-Fetch-Dest" in answer.headers["Vary"]
    raw = client.get(f"{TAG}.rss?raw=1", headers={"Sec-Fetch-Dest": "document"})
    assert raw.headers["Content-Type"].startswith("application/rss+xml")
    negotiated = client.get(TAG, headers={"Accept": "application/atom+xml"})
    assert negotiated.headers["Content-Type"].startswith("application/atom+xml")


@pytest.mark.parametrize(
    ("address", "to"),
    [
        (f"/feeds/tag/{quote(' 反诈 ')}.rss", f"{TAG}.rss"),
        (f"/feeds/tag/{quote('防汛　 抗旱')}", f"/feeds/tag/{quote('防汛 抗旱')}"),
        (f"/feeds/tag/{quote(' 反诈')}/2019-08.atom", f"{TAG}/2019-08.atom"),
        (f"/feeds/tag/{quote(' 反诈')}/2019-08.atom?part=2", f"{TAG}/2019-08.atom?part=2"),
        (f"/feeds/tag/{quote(' 反诈')}.rss?since=3&x=evil", f"{TAG}.rss?since=3"),
    ],
)
def test_another_spelling_leads_to_the_one(stage: Stage, address: str, to: str) -> None:
    answer = stage.client().get(address)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{SITE.base_url}{to}"


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/tag/evil<b>.rss",
        f"/feeds/tag/{quote(' evil ')}.rss",
        "/feeds/author/evil.json?since=0",
        "/feeds/source/evil.atom",
        "/feeds/source/EVIL.atom",
        "/feeds/tag/evil/2019-08.rss",
        f"{TAG}/evil.rss",
        f"/feeds/tag/{quote(' 反诈')}/evil.rss",
        f"/feeds/tag/{'evil' * 20}.rss",
        "/feeds/tag/evil%00.rss",
        "/feeds/tag/evil%ff.rss",
        "/feeds/dossier/evil.rss",
    ],
)
def test_what_is_unknown_is_404_and_not_repeated(stage: Stage, address: str) -> None:
    answer = stage.client().get(address)
    assert answer.status_code == 404
    assert "evil" not in answer.text.lower()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_tag_that_looks_like_a_month_is_a_tag(stage: Stage) -> None:
    stage.take(draft(6, content("本月", tags=("2019-08",))))
    assert titles(stage.client(), "/feeds/tag/2019-08.json") == ["本月"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_withdrawn_text_is_gone_with_the_next_request(stage: Stage, address: str) -> None:
    client = stage.client()
    targets = [f"{address}.{format}" for format in ("rss", "atom", "json")]
    targets += [f"{address}.json?since=0", address, f"{address}/2019-08.atom"]
    asked = {"Sec-Fetch-Dest": "document"}
    assert all(SECRET in client.get(each).text for each in targets[:3])
    for number in range(1, 5):
        stage.desk.withdraw(number, reason="失实", actor="editor:li")
    for each in targets:
        for headers in ({}, asked):
            assert SECRET not in client.get(each, headers=headers).text
    assert "【撤稿】第1条" in titles(client, f"{address}.json")


def test_a_correction_moves_the_tag(stage: Stage) -> None:
    client = stage.client()
    before = client.get(f"{TAG}.json").headers["ETag"]
    stage.desk.correct(1, Correction(title="改过"), reason="误", actor="editor:li")
    answer = client.get(f"{TAG}.json", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert "改过" in answer.text


def test_a_crowd_costs_one_rendering_and_so_does_a_quiet_hour(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = Asked.named

    def counting(self: Asked, *wanted: object) -> object:
        made.append(wanted)
        return real(self, *wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(Asked, "named", counting)
    client = stage.client()
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(client.get(f"{TAG}.rss").status_code)

    crowd = [threading.Thread(target=ask) for _ in range(100)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert statuses == [200] * 100
    assert len(made) == 1
    # What concerns others makes nothing anew.
    stage.take(draft(7, content("无关", authors=(), tags=())))
    stage.publish()
    assert client.get(f"{TAG}.rss").status_code == 200
    assert len(made) == 1
    stage.take(draft(8, content("有关", tags=("反诈",))))
    stage.publish()
    assert "有关" in client.get(f"{TAG}.rss").text
    assert len(made) == 2


def test_without_a_database_readers_are_told_to_come_again(stage: Stage, tmp_path: Path) -> None:
    from tests.web.test_web_problems import without_database

    answer = without_database(stage, tmp_path).client().get(f"{TAG}.rss")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
