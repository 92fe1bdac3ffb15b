"""Searches as feeds: one address each, in bounds, and never behind a withdrawal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.query import BadParameter, read_query
from tests.render.conformance import assert_valid_atom, assert_valid_rss
from tests.web.stage import SECRET, SITE, Stage, content, draft, open_stage

WORDS = quote("巡查")
FEED = f"/feeds/search.json?q={WORDS}"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path, search_feeds_per_minute=3)
    opened.take(*(draft(number, content(f"第{number}次巡查")) for number in (1, 2, 3)))
    opened.take(draft(4, content("别的", body_html="<p>别的事。</p>", summary="别的事。")))
    opened.publish()
    yield opened
    opened.db.dispose()


def titles(stage: Stage, address: str) -> list[str]:
    answer = stage.client().get(address)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in json.loads(answer.data)["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"q={WORDS}", ["第1次巡查", "第2次巡查", "第3次巡查"]),
        (f"n=1&q={WORDS}", ["第3次巡查"]),
        (f"category=gongan&q={WORDS}&source=wuqiao", ["第1次巡查", "第2次巡查", "第3次巡查"]),
        (f"q={quote('巡查 第2')}", ["第2次巡查"]),
        (f"q={quote('没有这样的词')}", []),
    ],
)
def test_what_is_found(stage: Stage, query: str, found: list[str]) -> None:
    assert titles(stage, f"/feeds/search.json?{query}") == found


def test_documents_are_valid_and_say_where_they_are(stage: Stage) -> None:
    client = stage.client()
    for format, valid in (("rss", assert_valid_rss), ("atom", assert_valid_atom)):
        answer = client.get(f"/feeds/search.{format}?q={WORDS}&source=wuqiao")
        valid(answer.data)
        address = f"{SITE.base_url}/feeds/search.{format}?q={WORDS}&source=wuqiao"
        links = feedparser.parse(answer.data).feed.links
        assert address in {link.href for link in links if link.rel == "self"}
        assert f'<{address}>; rel="self"' in answer.headers["Link"]
    maximum = answer.headers["Cache-Control"].partition("max-age=")[2].partition(",")[0]
    assert int(maximum) >= 300
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert (
        client.get(f"/feeds/search.atom?q={WORDS}&source=wuqiao", headers=known).status_code == 304
    )


def test_a_summary_is_all_that_full_0_gives(stage: Stage) -> None:
    answer = stage.client().get(f"/feeds/search.json?full=0&q={WORDS}")
    [item, *_] = json.loads(answer.data)["items"]
    assert "content_html" not in item
    assert item["summary"]
    for format, valid in (("rss", assert_valid_rss), ("atom", assert_valid_atom)):
        valid(stage.client().get(f"/feeds/search.{format}?full=0&q={WORDS}").data)


@pytest.mark.parametrize(
    ("query", "to"),
    [
        (f"q={WORDS}&n=50&full=1", f"?q={WORDS}"),
        (f"source=wuqiao&q={WORDS}&category=gongan", f"?category=gongan&q={WORDS}&source=wuqiao"),
        (f"q=++{WORDS}++", f"?q={WORDS}"),
        (f"q={WORDS}&n=007", f"?n=7&q={WORDS}"),
        (f"q={WORDS.lower()}", f"?q={WORDS}"),
        (f"q={WORDS}&q=x&utm_source=y&category=", f"?q={WORDS}"),
    ],
)
def test_another_address_leads_to_the_one(stage: Stage, query: str, to: str) -> None:
    answer = stage.client().get(f"/feeds/search.rss?{query}")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{SITE.base_url}/feeds/search.rss{to}"
    assert stage.client().get(f"/feeds/search.rss{to}").status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=%3C%3E", "q"),
        ("q=evil%00", "q"),
        ("q=evil%ff", "q"),
        ("q=" + "evil" * 26, "q"),
        ("q=x&n=0", "n"),
        ("q=x&n=201", "n"),
        ("q=x&n=evil", "n"),
        ("q=x&n=-1", "n"),
        ("q=x&full=2", "full"),
        ("q=x&category=EVIL", "category"),
        ("q=x&source=evil%2F..", "source"),
    ],
)
def test_a_bad_value_is_named_by_its_parameter_alone(stage: Stage, query: str, name: str) -> None:
    answer = stage.client().get(f"/feeds/search.rss?{query}")
    assert answer.status_code == 400
    assert f" {name} " in answer.text
    assert "evil" not in answer.text.lower()


@pytest.mark.parametrize("query", [f"category=none&q={WORDS}", f"q={WORDS}&source=none"])
def test_an_unknown_category_or_source_is_not_found(stage: Stage, query: str) -> None:
    assert stage.client().get(f"/feeds/search.rss?{query}").status_code == 404


def test_a_withdrawn_article_is_gone_with_the_next_request(stage: Stage) -> None:
    client = stage.client()
    addresses = [f"/feeds/search.{format}?q={WORDS}" for format in ("rss", "atom", "json")]
    before = [client.get(address) for address in addresses]
    assert all(SECRET in answer.text for answer in before)
    assert all("Last-Modified" not in answer.headers for answer in before)
    for number in (1, 2, 3):
        stage.desk.withdraw(number, reason="失实", actor="editor:li")
    client = stage.client()
    for address, old in zip(addresses, before, strict=True):
        answer = client.get(address, headers={"If-None-Match": old.headers["ETag"]})
        assert answer.status_code == 200
        assert SECRET not in answer.text


def test_who_asks_too_often_is_told_when_to_come_again(stage: Stage) -> None:
    client = stage.client()
    answers = [client.get(f"/feeds/search.rss?n={number}&q={WORDS}") for number in range(1, 6)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
    assert answers[-1].headers["Cache-Control"] == "no-store"
    # What is kept costs nothing, so it is given to everyone; others have their own measure.
    assert client.get(f"/feeds/search.rss?n=1&q={WORDS}").status_code == 200
    stage.take(draft(9, content("又一次巡查")))
    stage.publish()
    assert client.get(f"/feeds/search.rss?n=1&q={WORDS}").status_code == 200
    other = {"REMOTE_ADDR": "192.0.2.7"}
    wanted = f"/feeds/search.rss?n=4&q={WORDS}"
    assert client.get(wanted, environ_overrides=other).status_code == 200
    # A withdrawal must be obeyed, and nobody is given what it took away.
    stage.desk.withdraw(1, reason="失实", actor="editor:li")
    assert client.get(f"/feeds/search.rss?n=1&q={WORDS}").status_code == 429


def test_people_get_a_page_with_the_finds_and_the_addresses(stage: Stage) -> None:
    client = stage.client()
    for address in (f"/feeds/search?q={WORDS}", f"/feeds/search.rss?q={WORDS}"):
        answer = client.get(address, headers={"Sec-Fetch-Dest": "document"})
        assert answer.status_code == 200
        assert "第1次巡查" in answer.text
        assert f"{SITE.base_url}/feeds/search.atom?q={WORDS}" in answer.text
    empty = client.get("/feeds/search?lang=en")
    assert empty.status_code == 200
    assert "Words to find" in empty.text
    bad = client.get("/feeds/search?q=%3Cevil%3E&n=evil")
    assert bad.status_code == 400
    assert "evil" not in bad.text


WORDS_GIVEN = st.text(max_size=40)
GIVEN = st.dictionaries(
    st.sampled_from(["q", "n", "full", "category", "source", "raw", "x"]),
    st.one_of(WORDS_GIVEN, st.integers(-5, 300).map(str), st.sampled_from(["gongan", "wu-1", ""])),
)


@given(GIVEN, WORDS_GIVEN)
def test_the_one_address_of_a_search_is_its_own(given: dict[str, str], words: str) -> None:
    query = urlencode({"q": f"巡{words}"} | given, errors="replace")
    try:
        once = read_query(query)
    except BadParameter:
        return
    assert once.text.isascii()
    assert read_query(once.text[1:]) == once
