"""Deltas: what has changed since an ETag, never less, and the whole document in every doubt."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from werkzeug.test import Client, TestResponse

from feedsvc.domain.feed import FORMATS, FeedDocument, Format
from feedsvc.publish.documents import make_document
from feedsvc.publish.gate import pass_gate
from feedsvc.render.fragments import Fragments
from feedsvc.web.delta import cut_delta, known_cursor, wants_delta
from feedsvc.web.hot import DocumentMemory, HotFeeds
from feedsvc.web.variants import make_ready
from tests.render.samples import SITE, entry, feed
from tests.web.documents import BASE_URL, MemoryShelf
from tests.web.test_web_hot import behind


def document(
    fmt: Format = "rss", *, cursors: tuple[int, ...] = (9, 5, 3), floor: int = 2
) -> FeedDocument:
    """A feed of one entry for each cursor, which lost an entry at change `floor`."""
    entries = [entry(number, cursor=cursor) for number, cursor in enumerate(cursors, start=1)]
    shown = feed(*entries, cursor=max(cursors, default=floor), complete_since=floor)
    return make_document(pass_gate(shown, fmt, Fragments(SITE)), fmt, "e")


def ask(made: FeedDocument, since: str, **headers: str) -> TestResponse:
    client = Client(HotFeeds(behind, DocumentMemory(MemoryShelf(made), BASE_URL)))
    sent = {"A-IM": "feed", "If-None-Match": since} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return client.get(made.path, headers=sent)


def titles(body: bytes) -> list[str]:
    if body.startswith(b"{"):
        return [item["title"] for item in json.loads(body)["items"]]
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    return [one.title for one in parsed.entries]


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_delta_is_a_whole_feed_of_what_has_changed(fmt: Format) -> None:
    made = document(fmt)
    answer = ask(made, '"4-0123456789ab"')
    assert (answer.status, answer.headers["IM"]) == ("226 IM Used", "feed")
    assert titles(answer.data) == [entry(1).title, entry(2).title]
    assert answer.headers["ETag"] == f'"{made.etag}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "A-IM, If-None-Match, Accept-Encoding"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers.getlist("Content-Length") == [str(len(answer.data))]


def test_a_delta_comes_in_the_coding_asked_for() -> None:
    made = document()
    answer = ask(made, '"5-0123456789ab-gz"', Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["ETag"] == f'"{made.etag}-gz"'
    assert titles(gzip.decompress(answer.data)) == [entry(1).title]


@pytest.mark.parametrize(
    "since",
    [
        pytest.param('"1-0123456789ab"', id="the window lost a change since then"),
        pytest.param('"9-0123456789ab"', id="only the feed itself has changed"),
        pytest.param('"10-0123456789ab"', id="of another time"),
        pytest.param('"abc"', id="not ours"),
        pytest.param("", id="none"),
        pytest.param('"4-0123456789ab', id="broken"),
    ],
)
def test_in_every_doubt_the_reader_gets_the_whole(since: str) -> None:
    made = document()
    answer = ask(made, since)
    assert (answer.status_code, answer.data) == (200, made.body)
    assert "IM" not in answer.headers


def test_who_knows_the_newest_state_gets_304() -> None:
    made = document()
    assert ask(made, f'"{made.etag}"').status_code == 304


def test_of_several_tags_the_newest_counts() -> None:
    answer = ask(document(), 'W/"3-0123456789ab", "5-ba9876543210-br", "x"')
    assert titles(answer.data) == [entry(1).title]


def test_who_does_not_ask_for_a_delta_gets_none() -> None:
    made = document()
    client = Client(HotFeeds(behind, DocumentMemory(MemoryShelf(made), BASE_URL)))
    assert client.get(made.path, headers={"If-None-Match": '"4-0123456789ab"'}).status_code == 200
    assert ask(made, '"4-0123456789ab"', A_IM="vcdiff, gzip").status_code == 200


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("feed", True), ("vcdiff, feed;q=0.5", True), ("FEED", True), ("feed , gzip", True),
        ("feed;q=0", False), ("feeds", False), ("", False), ("notfeed", False), ("feed;q=0.0", False),
    ],
)  # fmt: skip
def test_a_im_is_read_as_the_list_that_it_is(value: str, wanted: bool) -> None:
    assert wants_delta(value) is wanted


@given(st.text(max_size=80))
def test_no_header_makes_it_stumble(value: str) -> None:
    wants_delta(value)
    known_cursor(value)


def test_states_made_up_cost_no_more_than_there_are_entries() -> None:
    made = replace(document(cursors=(9000, 5000, 3000), floor=2), cursor=9000)
    ready = make_ready(made, BASE_URL)
    found = {id(ready.delta(since, "gzip")) for since in range(2, 9001)}
    assert len(found) == 4
    assert len(ready.deltas) == 4
    assert ready.delta(1, "gzip") is None


@given(
    cursors=st.lists(st.integers(3, 40), min_size=1, max_size=6, unique=True),
    floor=st.integers(0, 40),
    since=st.integers(0, 45),
    fmt=st.sampled_from(FORMATS),
)
def test_a_delta_never_skips_a_change(
    cursors: list[int], floor: int, since: int, fmt: Format
) -> None:
    made = document(fmt, cursors=tuple(cursors), floor=floor)
    made = replace(made, cursor=max(*cursors, floor))
    delta = cut_delta(made, since)
    changed = [cursor for cursor in cursors if cursor > since]
    if delta is None:
        assert floor > since or not changed or since >= made.cursor
        return
    assert floor <= since
    assert len(titles(delta)) == len(changed)
    if fmt != "json":
        etree.fromstring(delta)
