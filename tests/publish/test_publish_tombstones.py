"""A withdrawal told twice to those who catch up: as a tombstone for programs, as a notice for people."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest

from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, FeedDocument, Format
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.parse.dispatch import parse
from feedsvc.publish.documents import make_document
from feedsvc.publish.gate import pass_gate
from feedsvc.publish.months import Month
from feedsvc.publish.past import Past, with_tombstones
from feedsvc.render.fragments import Fragments
from feedsvc.store.engine import Database
from feedsvc.web.delta import cut_delta
from tests.needs import require_program
from tests.partner import partner_site
from tests.publish.newsroom import NOW, by_number, open_newsroom, receive, revise
from tests.render.conformance import ATOM, parse_strictly
from tests.render.samples import AT, SITE, WITHDRAWN, entry, feed

STONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
FRAGMENTS = Fragments(SITE)
LIVE = replace(entry(2), cursor=4)
SHOWN = feed(entry(1, cursor=9), replace(WITHDRAWN, cursor=8), entry(3, cursor=2), cursor=9)


def document(fmt: Format = "atom") -> FeedDocument:
    return make_document(pass_gate(SHOWN, fmt, FRAGMENTS), fmt, "e")


def caught_up() -> bytes:
    """The same as `?since=` gives it."""
    passed = with_tombstones(pass_gate(SHOWN, "atom", FRAGMENTS))
    return make_document(passed, "atom", "e").body


def stones(body: bytes) -> list[str | None]:
    return [each.get("ref") for each in parse_strictly(body).iter(STONE)]


def test_the_window_has_none_and_a_delta_has_those_of_what_it_tells() -> None:
    made = document()
    assert stones(made.body) == []
    told = cut_delta(made, 2)
    assert told is not None
    assert stones(told) == [WITHDRAWN.guid]
    ids = [each.findtext(f"{ATOM}id") for each in parse_strictly(told).iter(f"{ATOM}entry")]
    assert ids == [entry(1).guid, WITHDRAWN.guid]
    later = cut_delta(made, 8)
    assert later is not None
    assert stones(later) == []


@pytest.mark.parametrize("fmt", ["rss", "json"])
def test_other_formats_have_none(fmt: Format) -> None:
    told = cut_delta(document(fmt), 2)
    assert told is not None
    assert b"deleted-entry" not in told


def test_since_has_them_and_pages_and_archives_have_none(db: Database) -> None:
    open_newsroom(db)
    receive(db, 1, 2)
    revise(db, 1, status="withdrawn", kind="withdrawn")
    guid = by_number(db, 1).guid
    past = Past(db, SITE)
    assert stones(past.since("gongan", 0, "atom").body) == [guid]
    month = past.month("gongan", Month.of(by_number(db, 1).published_at), None, "atom").body
    assert stones(month) == []
    assert guid.encode() in month
    for fmt in FORMATS[::2]:
        assert b"deleted-entry" not in past.since("gongan", 0, fmt).body


def read_by_us(body: bytes) -> list[Item]:
    job = ParseJob(
        kind="feed",
        body=body,
        url="https://news.example/feeds/gongan.atom",
        seen_at=NOW,
        content_type=MEDIA_TYPES["atom"],
    )
    parsed = parse(job)
    assert isinstance(parsed, ParsedFeed)
    return list(parsed.items)


def test_our_next_hop_takes_the_notice_as_one_withdrawal() -> None:
    first, withdrawn, _ = read_by_us(caught_up())
    assert first.marker is None
    assert (withdrawn.guid, withdrawn.attribution) == (WITHDRAWN.guid, "云岭日报")
    assert withdrawn.marker is not None
    assert (withdrawn.marker.status, withdrawn.marker.reason) == ("withdrawn", "内容失实")


@pytest.mark.parametrize(
    ("when", "kinds"),
    [
        pytest.param("2026-10-08T09:00:00+08:00", ["live"], id="older: it was published again"),
        pytest.param("2026-10-08T12:00:00+08:00", ["withdrawn"], id="as old: it is gone"),
        pytest.param("2026-10-08T13:00:00+08:00", ["withdrawn"], id="newer: it is gone"),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["tombstone first", "entry first"])
def test_of_a_tombstone_and_an_entry_the_newer_counts(
    when: str, kinds: list[str], first: bool
) -> None:
    body = make_document(
        pass_gate(feed(entry(2, updated_at=AT)), "atom", FRAGMENTS), "atom", "e"
    ).body
    stone = (
        f'<d:deleted-entry xmlns:d="http://purl.org/atompub/tombstones/1.0" ref="{LIVE.guid}"'
        f' when="{when}"/>'
    ).encode()
    place = b"<entry" if first else b"</feed>"
    items = read_by_us(body.replace(place, stone + place, 1))
    assert ["withdrawn" if each.marker else "live" for each in items] == kinds


def before_and_after() -> tuple[bytes, bytes]:
    before = feed(LIVE, entry(3, cursor=2), cursor=4)
    return make_document(pass_gate(before, "atom", FRAGMENTS), "atom", "e").body, caught_up()


def test_feedparser_shows_the_notice() -> None:
    read = feedparser.parse(caught_up())
    assert not read.bozo
    assert [each.id for each in read.entries] == [each.guid for each in SHOWN.entries]
    assert read.entries[1].title == WITHDRAWN.title
    assert read.feed.title == SHOWN.title
    assert read.feed.author_detail.name == SITE.title


def test_newsboat_shows_the_notice_in_place_of_the_text(tmp_path: Path) -> None:
    require_program("newsboat")
    with partner_site() as site:
        (tmp_path / "urls").write_text(f"{site.url}/feed\n")
        for body in before_and_after():
            site.publish("/feed", body, ("Content-Type", MEDIA_TYPES["atom"]))
            subprocess.run(
                [
                    "newsboat", "-q", "-u", tmp_path / "urls", "-c", tmp_path / "cache.db",
                    "-C", "/dev/null", "-x", "reload",
                ],
                check=True,
                timeout=60,
                env={**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
                capture_output=True,
            )  # fmt: skip
    with sqlite3.connect(tmp_path / "cache.db") as cache:
        rows = cache.execute("SELECT guid, title, content FROM rss_item").fetchall()
    kept = {guid: (title, content) for guid, title, content in rows}
    assert len(rows) == len(kept) == 3
    assert kept[WITHDRAWN.guid] == (WITHDRAWN.title, WITHDRAWN.content_html)


def test_sfeed_shows_the_notice() -> None:
    require_program("sfeed")
    ran = subprocess.run(["sfeed"], input=caught_up(), capture_output=True, check=True, timeout=60)
    lines = [line.split("\t") for line in ran.stdout.decode().splitlines()]
    assert [line[1] for line in lines] == [each.title for each in SHOWN.entries]
