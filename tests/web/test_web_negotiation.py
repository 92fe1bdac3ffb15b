"""A feed's address without a format: readers get the document that they ask for, people the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, Format
from feedsvc.web.negotiation import choose_representation
from tests.web.stage import draft, open_stage

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MINIFLUX = (
    "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml, "
    "application/feed+json, text/html, */*;q=0.9"
)
FRESHRSS = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.7, unknown/unknown;q=0.1, "
    "application/unknown;q=0.1, */*;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "rss"),
        ("*/*", "rss"),
        ("", "rss"),
        (CHROMIUM, None),
        (FIREFOX, None),
        ("text/html", None),
        ("text/*", "rss"),
        (MINIFLUX, "rss"),
        (FRESHRSS, "rss"),
        ("application/atom+xml", "atom"),
        ("application/feed+json", "json"),
        ("application/json, text/html;q=0.9", "json"),
        ("text/html, application/atom+xml", "atom"),
        ("text/html, application/atom+xml;q=0.999", None),
        ("application/rss+xml;q=0.2, application/atom+xml;q=0.3", "atom"),
        ("application/rss+xml;q=0, */*", "atom"),
        ("application/rss+xml;q=0, application/atom+xml;q=0, application/*;q=0.5", "json"),
        ("image/png", "rss"),
        ("text/html;q=2, nonsense, ;;, application/feed+json;q=0.5", None),
        ("TEXT/HTML;level=1;Q=0.4, Application/Atom+XML;q=0.5", "atom"),
    ],
)
def test_who_asks_gets_what_it_asks_for(accept: str | None, expected: Format | None) -> None:
    assert choose_representation(accept, None) == expected


def test_a_browser_that_opens_a_page_gets_the_page_whatever_it_accepts() -> None:
    assert choose_representation("application/rss+xml", "document") is None
    assert choose_representation(CHROMIUM, "empty") is None
    assert choose_representation("*/*", "empty") == "rss"


@given(st.text(max_size=200))
def test_no_header_is_an_error(accept: str) -> None:
    assert choose_representation(accept, None) in {None, *FORMATS}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    opened = open_stage(tmp_path_factory.mktemp("negotiated"))
    opened.take(draft(1))
    opened.publish()
    yield opened.client()
    opened.db.dispose()


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_document_is_the_one_at_its_own_address(client: Client, fmt: Format) -> None:
    asked = {"Accept": MEDIA_TYPES[fmt].partition(";")[0], "Accept-Encoding": "gzip"}
    own = client.get(f"/feeds/gongan.{fmt}", headers=asked)
    answer = client.get("/feeds/gongan", headers=asked)
    assert (answer.status_code, answer.data) == (200, own.data)
    assert answer.headers["ETag"] == own.headers["ETag"]
    assert answer.headers["Content-Type"] == MEDIA_TYPES[fmt]
    assert answer.headers["Content-Location"] == f"https://news.example/feeds/gongan.{fmt}"
    assert {"Accept", "Sec-Fetch-Dest", "Accept-Encoding"} <= set(answer.vary)


def test_it_is_polled_with_conditions_like_any_document(client: Client) -> None:
    first = client.get("/feeds/gongan", headers={"Accept": MEDIA_TYPES["atom"]})
    again = client.get(
        "/feeds/gongan",
        headers={"Accept": MEDIA_TYPES["atom"], "If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")
    assert {"Accept", "Sec-Fetch-Dest"} <= set(again.vary)


def test_people_get_the_page_and_are_told_that_it_varies(client: Client) -> None:
    page = client.get("/feeds/gongan", headers={"Accept": CHROMIUM})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert {"Accept", "Sec-Fetch-Dest"} <= set(page.vary)


def test_what_does_not_exist_is_404_for_everybody(client: Client) -> None:
    for accept in (CHROMIUM, MINIFLUX, "*/*"):
        assert client.get("/feeds/nowhere", headers={"Accept": accept}).status_code == 404
