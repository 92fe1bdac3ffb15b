"""The hot layer: every header of every answer, freshness, and what it does when the disk fails."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from feedsvc.domain.feed import FeedDocument, Format
from feedsvc.front.answers import Dates, Memo
from feedsvc.front.heads import Head, read_head
from feedsvc.store.shelf import Shelf
from feedsvc.web.conditional import choose_coding, entity_tag, http_date
from feedsvc.web.hot import DocumentMemory, HotFeeds
from feedsvc.web.instant import InstantAnswers
from tests.web.documents import AT, BASE_URL, MemoryShelf, make

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/feeds/gongan.rss"


def behind(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("X-Behind", "yes")])
    return [b"behind"]


def client_of(shelf: MemoryShelf) -> Client:
    return Client(HotFeeds(behind, DocumentMemory(shelf, BASE_URL)))


def test_a_plain_get_carries_everything_a_reader_needs() -> None:
    document = make("<rss>一</rss>")
    answer = client_of(MemoryShelf(document)).get(PATH)
    assert answer.status == "200 OK"
    assert answer.data == document.body
    assert dict(answer.headers) == {
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Content-Length": str(len(document.body)),
        "ETag": f'"{document.etag}"',
        "Last-Modified": "Mon, 23 Nov 2026 08:40:12 GMT",
        "Cache-Control": "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400",
        "Vary": "Accept-Encoding, Sec-Fetch-Dest",
        "Link": (
            f'<{BASE_URL}/feeds/gongan.rss>; rel="self", '
            f'<{BASE_URL}/feeds/gongan>; rel="alternate"; type="text/html", '
            f'<{BASE_URL}/feeds/gongan.atom>; rel="alternate"; type="application/atom+xml", '
            f'<{BASE_URL}/feeds/gongan.json>; rel="alternate"; type="application/feed+json"'
        ),
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, IM, Last-Modified, Link",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def test_how_long_it_may_be_kept_and_what_it_leads_to_stand_in_the_headers() -> None:
    past = f"{BASE_URL}/feeds/gongan/2026-10.rss"
    document = replace(
        make("<rss>一</rss>"), max_age=1260, links=(("prev-archive", past), ("current", PATH))
    )
    client = client_of(MemoryShelf(document))
    for answer in (client.get(PATH), client.get(PATH, headers={"If-None-Match": "*"})):
        assert (
            answer.headers["Cache-Control"]
            == "public, max-age=1260, stale-while-revalidate=2520, stale-if-error=86400"
        )
        assert answer.headers["Link"].endswith(f', <{past}>; rel="prev-archive"')


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("rss", "application/rss+xml; charset=utf-8"),
        ("atom", "application/atom+xml; charset=utf-8"),
        ("json", "application/feed+json; charset=utf-8"),
    ],
)
def test_each_format_has_its_type(format: Format, media_type: str) -> None:
    answer = client_of(MemoryShelf(make("x", format=format))).get(f"/feeds/gongan.{format}")
    assert answer.headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("accepted", "coding", "suffix"),
    [("gzip", "gzip", "-gz"), ("gzip, br", "br", "-br"), ("identity", None, "")],
)
def test_prebuilt_variants_are_sent_as_negotiated(
    accepted: str, coding: str | None, suffix: str
) -> None:
    document = make("<rss>一</rss>")
    answer = client_of(MemoryShelf(document)).get(PATH, headers={"Accept-Encoding": accepted})
    bodies = {"gzip": document.gzip, "br": document.brotli, None: document.body}
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["ETag"] == f'"{document.etag}{suffix}"'
    assert answer.data == bodies[coding]
    assert answer.headers["Content-Length"] == str(len(answer.data))
    if coding == "br":
        assert brotli.decompress(answer.data) == document.body


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
@pytest.mark.parametrize("conditional", [False, True])
def test_head_is_get_without_the_body(accepted: str, conditional: bool) -> None:
    document = make("<rss>一</rss>")
    client = client_of(MemoryShelf(document))
    headers = {"Accept-Encoding": accepted}
    if conditional:
        headers["If-None-Match"] = f'"{document.etag}"'
    got, head = client.get(PATH, headers=headers), client.head(PATH, headers=headers)
    assert (head.status, dict(head.headers)) == (got.status, dict(got.headers))
    assert head.data == b""


@pytest.mark.parametrize("suffix", ["", "-gz", "-br"])
@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
def test_a_reader_that_has_any_coding_gets_304(suffix: str, accepted: str) -> None:
    document = make("<rss>一</rss>")
    headers = {"Accept-Encoding": accepted, "If-None-Match": f'W/"{document.etag}{suffix}"'}
    answer = client_of(MemoryShelf(document)).get(PATH, headers=headers)
    assert answer.status == "304 Not Modified"
    assert answer.data == b""
    assert answer.headers["ETag"] == entity_tag(document.etag, choose_coding(accepted))
    assert {"Last-Modified", "Cache-Control", "Vary", "Link"} <= set(answer.headers.keys())
    assert "Access-Control-Allow-Origin" in answer.headers
    assert "Content-Length" not in answer.headers
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"old", "older"'}, 200),
        ({"If-Modified-Since": http_date(AT)}, 304),
        ({"If-Modified-Since": "Tue, 24 Nov 2026 00:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Sunday, 22-Nov-26 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": '"old"', "If-Modified-Since": http_date(AT)}, 200),
        ({"If-None-Match": "", "If-Modified-Since": http_date(AT)}, 200),
        ({"Range": "bytes=0-9"}, 200),
    ],
)
def test_conditions_are_evaluated_in_their_order(headers: dict[str, str], status: int) -> None:
    answer = client_of(MemoryShelf(make("x"))).get(PATH, headers=headers)
    assert answer.status_code == status


def test_preflight_is_answered_for_readers_in_browsers() -> None:
    answer = client_of(MemoryShelf(make("x"))).options(PATH)
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods_are_refused_by_name(method: str) -> None:
    answer = client_of(MemoryShelf(make("x"))).open(PATH, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/", "/feeds/", "/feeds/gongan", "/feeds/none.rss", "/feeds/%ff"])
def test_what_memory_does_not_hold_goes_on_to_the_application(path: str) -> None:
    assert client_of(MemoryShelf(make("x"))).get(path).data == b"behind"


def test_a_name_beyond_ascii_is_found_and_its_link_is_ascii() -> None:
    answer = client_of(MemoryShelf(make("x", slug="公安"))).get("/feeds/公安.rss")
    assert answer.status_code == 200
    assert f"<{BASE_URL}/feeds/%E5%85%AC%E5%AE%89.rss>" in answer.headers["Link"]


def test_a_publication_shows_in_the_next_answer_and_only_what_is_asked_for_is_read() -> None:
    shelf = MemoryShelf(make("old"), make("other", slug="fayuan"))
    client = client_of(shelf)
    new, other = make("new", cursor=2), make("other too", slug="fayuan", cursor=2)
    shelf.put(new, other)
    assert client.get(PATH).data == new.body
    assert client.get(PATH, headers={"If-None-Match": f'"{make("old").etag}"'}).status_code == 200
    assert shelf.reads == [PATH, other.path, PATH]
    assert client.get(other.path).data == other.body
    shelf.put(make("third", slug="third"))
    assert client.get(PATH).data == new.body
    assert shelf.reads == [PATH, other.path, PATH, other.path]


def test_a_new_feed_is_found_and_one_that_is_gone_or_lost_is_as_it_was_published() -> None:
    shelf = MemoryShelf()
    client = client_of(shelf)
    assert client.get(PATH).data == b"behind"
    new = make("new")
    shelf.put(new)
    assert client.get(PATH).data == new.body
    shelf.put(replace(new, cursor=2, gone=True))
    assert client.get(PATH).data == b"behind"
    again = make("again", cursor=3)
    shelf.put(again)
    assert client.get(PATH).data == again.body
    shelf.lose(PATH)
    assert client.get(PATH).data == again.body


def test_an_answer_from_a_failing_disk_is_of_no_state_whatever_others_are_of() -> None:
    shelf = MemoryShelf(make("old"), make("other", slug="fayuan"))
    memory = DocumentMemory(shelf, BASE_URL)
    shelf.put(make("new", cursor=2))
    assert memory.find("/feeds/fayuan.rss") is not None
    assert memory.generation == shelf.generation
    shelf.broken = OSError("disk")
    assert memory.find(PATH) is not None
    assert memory.generation is None


class CountingShelf(Shelf):
    """Notes which documents' files are looked at."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.read: list[str] = []

    def read_changed(
        self, path: str, known: tuple[int, ...] | None
    ) -> tuple[FeedDocument, tuple[int, ...]] | None:
        self.read.append(path)
        return super().read_changed(path, known)


def test_six_hundred_documents_published_at_once_hold_up_nobody(tmp_path: Path) -> None:
    slugs = [f"s{number}" for number in range(600)]
    shelf = CountingShelf(tmp_path)
    shelf.put([make("old" * 100, slug=slug) for slug in slugs])
    memory = DocumentMemory(shelf, BASE_URL)
    new = [make("new" * 100, slug=slug, cursor=2) for slug in slugs]
    shelf.put(new)
    for document in new:
        shelf.read.clear()
        ready = memory.find(document.path)
        assert ready is not None
        assert ready.core == document.etag
        # All at once took 130 ms.
        assert shelf.read == [document.path]


@pytest.mark.parametrize("error", [OSError("disk"), ValueError("bad"), KeyError("x")])
def test_a_failed_reload_keeps_the_last_good_document_until_it_can_be_repeated(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("feedsvc.web.hot.time.monotonic", lambda: clock[0])
    old, new = make("old"), make("new", cursor=2)
    shelf = MemoryShelf(old)
    client = client_of(shelf)
    shelf.broken = error
    shelf.put(new)
    assert client.get(PATH).data == old.body
    shelf.broken = None
    assert client.get(PATH).data == old.body, "a broken disk is not asked again at every request"
    clock[0] += 1.5
    assert client.get(PATH).data == new.body


def test_a_document_dated_ahead_of_the_clock_is_told_without_its_date() -> None:
    clock = [AT.timestamp()]
    shelf = MemoryShelf(make("old"))
    memory = DocumentMemory(shelf, BASE_URL, clock=lambda: clock[0])
    client = Client(HotFeeds(behind, memory))
    since = {"If-Modified-Since": client.get(PATH).headers["Last-Modified"]}
    assert client.get(PATH, headers=since).status_code == 304
    later = replace(make("withdrawn", cursor=2), last_modified=AT + timedelta(seconds=1))
    shelf.put(later)
    answer = client.get(PATH, headers=since)
    assert answer.status_code == 200
    assert "Last-Modified" not in answer.headers
    ahead = {"If-Modified-Since": http_date(later.last_modified)}
    assert client.get(PATH, headers=ahead).status_code == 200


def test_a_document_gets_its_date_when_the_clock_has_come_to_it_although_nothing_is_published() -> (
    None
):
    clock = [AT.timestamp() - 1]
    memory = DocumentMemory(MemoryShelf(make("news")), BASE_URL, clock=lambda: clock[0])
    client, memo = Client(HotFeeds(behind, memory)), Memo(InstantAnswers(memory))
    raw = f"GET {PATH} HTTP/1.1\r\nHost: news.example\r\n\r\n".encode()
    head = read_head(raw)
    assert isinstance(head, Head)

    def told_by_the_front() -> bytes:
        ready = memo.recall(raw) or memo.find(head, raw)
        assert ready is not None
        ready.date(Dates())
        return ready.parts[0]

    assert "Last-Modified" not in client.get(PATH).headers
    assert b"\r\nLast-Modified: " not in told_by_the_front()
    clock[0] += 1
    since = {"If-Modified-Since": client.get(PATH).headers["Last-Modified"]}
    assert client.get(PATH, headers=since).status_code == 304
    assert b"\r\nLast-Modified: " in told_by_the_front()
    assert memo.recall(raw) is not None


def test_nobody_waits_long_for_a_reload_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedsvc.web.hot.PATIENCE", 0.05)
    begun, go_on = threading.Event(), threading.Event()

    class Hanging(MemoryShelf):
        def read_changed(
            self, path: str, known: tuple[int, ...] | None
        ) -> tuple[FeedDocument, tuple[int, ...]] | None:
            if known:
                begun.set()
                assert go_on.wait(30)
            return super().read_changed(path, known)

    old, new = make("old"), make("new", cursor=2)
    shelf = Hanging(old)
    client = client_of(shelf)
    shelf.put(new)
    first: list[bytes] = []
    reader = threading.Thread(target=lambda: first.append(client.get(PATH).data))
    reader.start()
    assert begun.wait(30)
    assert client.get(PATH).data == old.body
    go_on.set()
    reader.join()
    assert first == [new.body]
    assert client.get(PATH).data == new.body


def test_a_shelf_that_is_broken_from_the_start_answers_nothing_and_raises_nothing() -> None:
    shelf = MemoryShelf(make("x"))
    shelf.broken = OSError("disk")
    assert client_of(shelf).get(PATH).data == b"behind"


def test_answers_do_not_share_what_a_server_may_change() -> None:
    client = HotFeeds(behind, DocumentMemory(MemoryShelf(make("x")), BASE_URL))
    given_headers: list[list[tuple[str, str]]] = []

    def spoil(_: str, headers: list[tuple[str, str]], __: object = None) -> object:
        given_headers.append(list(headers))
        headers.clear()
        return None

    for _ in range(2):
        for method in ("GET", "OPTIONS", "POST"):
            list(client({"PATH_INFO": PATH, "REQUEST_METHOD": method}, spoil))  # type: ignore[arg-type]
    assert given_headers[:3] == given_headers[3:]
    assert all(given_headers)


def test_threads_never_see_the_headers_of_one_document_with_the_body_of_another() -> None:
    versions = [make(f"version {number}", cursor=number) for number in range(1, 60)]
    tags = {f'"{one.etag}"': one.body for one in versions}
    shelf = MemoryShelf(versions[0])
    client = client_of(shelf)
    stop, mixed = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            answer = client.get(PATH)
            if tags[answer.headers["ETag"]] != answer.data:
                mixed.append(answer)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    stale = 0
    for version in versions[1:]:
        shelf.put(version)
        stale += client.get(PATH).data != version.body
    stop.set()
    for reader in readers:
        reader.join()
    assert (mixed, stale) == ([], 0)


@given(
    st.dictionaries(
        st.sampled_from(
            ["Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range", "Accept"]
        ),
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40),
    ),
    st.sampled_from(["GET", "HEAD"]),
)
@settings(max_examples=80)
def test_whatever_the_headers_the_answer_is_right(headers: dict[str, str], method: str) -> None:
    document = make("<rss>一</rss>")
    answer = client_of(MemoryShelf(document)).open(PATH, method=method, headers=headers)
    assert answer.status_code in {200, 304}
    assert document.etag in answer.headers["ETag"]
    if answer.status_code == 200 and method == "GET":
        assert len(answer.data) == int(answer.headers["Content-Length"])
