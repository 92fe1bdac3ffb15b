"""Corrections and withdrawals for people and for readers, the last one first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.curate.desk import Correction
from tests.render.conformance import assert_valid_atom, assert_valid_rss
from tests.web.stage import NOW, SECRET, SITE, Stage, content, draft, open_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    opened.take(*(draft(number, content(f"第{number}条")) for number in (1, 2, 3)))
    opened.publish()
    yield opened
    opened.db.dispose()


def later(stage: Stage, minutes: int) -> Stage:
    return replace(stage, clock=lambda: NOW + timedelta(minutes=minutes))


def test_the_feed_is_published_with_each_correction(stage: Stage) -> None:
    client = stage.client()
    empty = client.get("/feeds/corrections.json")
    assert json.loads(empty.data)["items"] == []
    later(stage, 1).desk.correct(3, Correction(title="三改"), reason="错字", actor="editor:li")
    later(stage, 2).desk.withdraw(1, reason="失实", actor="editor:li")
    later(stage, 3).desk.correct(2, Correction(title="二改"), reason="漏字", actor="editor:li")
    known = {"If-None-Match": empty.headers["ETag"]}
    answer = client.get("/feeds/corrections.json", headers=known)
    items = json.loads(answer.data)["items"]
    assert [item["title"] for item in items] == ["二改", "【撤稿】第1条", "三改"]
    assert [item["_feedsvc"]["reason"] for item in items] == ["漏字", "失实", "错字"]
    valid = {"rss": assert_valid_rss, "atom": assert_valid_atom}
    for format, check in valid.items():
        check(client.get(f"/feeds/corrections.{format}").data)
        check(client.get(f"/feeds/corrections/2026-11.{format}").data)
    since = json.loads(client.get("/feeds/corrections.json?since=4").data)["items"]
    assert [item["title"] for item in since] == ["二改", "【撤稿】第1条"]
    before = json.loads(client.get("/feeds/corrections.json?before=2").data)["items"]
    assert [item["title"] for item in before] == ["【撤稿】第1条", "三改"]
    first = client.get("/feeds/corrections.json").headers["ETag"]
    later(stage, 4).desk.correct(3, Correction(title="再改"), reason="又错", actor="editor:li")
    delta = client.get("/feeds/corrections.json", headers={"If-None-Match": first, "A-IM": "feed"})
    assert delta.status_code == 226
    assert [item["title"] for item in json.loads(delta.data)["items"]] == ["再改"]


def test_the_page_says_what_was_corrected_and_why(stage: Stage) -> None:
    client = stage.client()
    assert "还没有更正或撤稿" in client.get("/corrections").text
    later(stage, 1).desk.correct(3, Correction(title="三改"), reason="错字", actor="editor:li")
    later(stage, 2).desk.withdraw(1, reason="失实 <b>", actor="editor:li")
    answer = client.get("/corrections")
    assert answer.status_code == 200
    text = answer.text
    assert text.index("【撤稿】第1条") < text.index("三改")
    assert "失实 &lt;b&gt;" in text
    assert SECRET not in text
    assert f'title="更正与撤稿 (RSS)" href="{SITE.base_url}/feeds/corrections.rss"' in text
    english = client.get("/corrections?lang=en").text
    assert "Withdrawn" in english
    assert 'href="/corrections' in client.get("/").text
