"""The partner's documents: the good ones are good, the broken ones broken as announced."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from lxml import etree

from feedsvc.demo import feeds, pictures
from feedsvc.demo.answers import answer, conditional
from feedsvc.demo.story import SourceState, Story
from feedsvc.demo.texts import SourceName, load_outlets

START = datetime(2026, 3, 9, 1, 2, 3, tzinfo=UTC)
BASE = "http://127.0.0.1:9999"
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"


def state(source: SourceName, seconds: float) -> SourceState:
    return Story(START, load_outlets()).source_at(source, START + timedelta(seconds=seconds))


def read(document: bytes) -> Any:
    return feedparser.parse(document)


@pytest.mark.parametrize("seconds", [0, 50, 90, 250, 100_000])
def test_the_rss_feed_reads_back_as_it_was_meant(seconds: int) -> None:
    source = state("rss", seconds)
    document = feeds.rss(source, BASE)
    etree.fromstring(document)
    found = read(document)
    assert not found.bozo
    assert found.version == "rss20"
    assert [entry.title for entry in found.entries] == [r.full_title for r in source.reports]
    for entry, report in zip(found.entries, source.reports, strict=True):
        assert not entry.guidislink
        assert entry.link.startswith(f"{BASE}/news/yl")
        assert parsedate_to_datetime(entry.published) == report.published_at
        assert report.paragraphs[-1] in entry.content[0].value
        assert report.credit in entry.content[0].value


def test_a_correction_keeps_guid_and_date_and_says_so() -> None:
    was = read(feeds.rss(state("rss", 39), BASE)).entries[1]
    now = read(feeds.rss(state("rss", 40), BASE)).entries[1]
    assert now.id == was.id
    assert now.published == was.published
    assert now.title != was.title
    assert now.content[0].value != was.content[0].value
    assert now.updated != was.updated
    assert now.summary == was.summary.replace("三十二所", "二十三所")


@pytest.mark.parametrize("seconds", [0, 50, 90, 250, 100_000])
def test_the_atom_feed_reads_back_as_it_was_meant(seconds: int) -> None:
    source = state("atom", seconds)
    document = feeds.atom(source, BASE)
    tree = etree.fromstring(document)
    found = read(document)
    live = [report for report in source.reports if report.status == "live"]
    assert not found.bozo
    assert found.version == "atom10"
    assert [entry.title for entry in found.entries] == [report.full_title for report in live]
    ids = [each.text for each in tree.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids) == len(live) + 1
    updated = [datetime.fromisoformat(each.text or "") for each in tree.iter(f"{ATOM}updated")]
    assert updated[0] == source.changed_at
    assert updated[0] >= max(updated)


def test_a_withdrawn_entry_leaves_a_tombstone_and_no_text() -> None:
    before, after = (etree.fromstring(feeds.atom(state("atom", at), BASE)) for at in (79, 80))
    assert before.find(f"{TOMBSTONES}deleted-entry") is None
    stones = after.findall(f"{TOMBSTONES}deleted-entry")
    assert len(stones) == 1
    ref = stones[0].get("ref")
    entry = next(each for each in before.iter(f"{ATOM}entry") if each.findtext(f"{ATOM}id") == ref)
    assert ref not in {each.text for each in after.iter(f"{ATOM}id")}
    assert stones[0].get("when") == "2026-03-09T01:03:23Z"
    assert stones[0].findtext(f"{TOMBSTONES}comment")
    text = entry.findtext(f"{ATOM}summary")
    assert text
    assert text not in "".join(after.itertext())


def test_the_broken_feed_is_not_well_formed_at_any_time() -> None:
    for seconds in (0, 250, 100_000):
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(feeds.broken(state("broken", seconds), BASE))


def test_the_broken_feed_has_each_fault_and_good_items_beside_them() -> None:
    document = feeds.broken(state("broken", 80), BASE).decode()
    items = document.split("<item>")[1:]
    whole = [item for item in items if is_well_formed(f"<item>{item}".strip())]
    assert len(items) == 6
    assert len(whole) == 2
    assert "直通车”& 您" in document
    assert re.search(r"<link>[^<]*\?from=feed&column=2</link>", document)
    assert "&nbsp;" in document
    assert "&mdash;" in document
    assert re.search(r"<category>[^<]*\n</item>", document)
    assert not document.rstrip().endswith(">")


def test_a_recovering_reader_finds_every_item_of_the_broken_feed() -> None:
    source = state("broken", 250)
    found = read(feeds.broken(source, BASE))
    assert found.bozo
    assert [entry.title for entry in found.entries] == [r.full_title for r in source.reports]


def test_the_faults_stay_with_their_articles() -> None:
    one, other = (feeds.broken(state("broken", at), BASE).decode() for at in (0, 250))
    for item in re.findall(r"<item>.*?</item>", one, re.S):
        assert item in other
    assert one[one.rindex("<item>") :] == other[other.rindex("<item>") :]


def test_once_the_cut_article_has_left_the_window_the_document_has_an_end() -> None:
    document = feeds.broken(state("broken", 10 * 24 * 3600), BASE)
    assert document.rstrip().endswith(b"</rss>")


@pytest.mark.parametrize(
    "path", ["/", "/rss.xml", "/atom.xml", "/broken.xml", "/n3559/index.html", "/news/yl1003.html"]
)
def test_the_same_start_and_time_give_the_same_bytes(path: str) -> None:
    now = START + timedelta(seconds=95)
    one, other = (answer(Story(START, load_outlets()), path, now, BASE) for _ in range(2))
    assert one.status == 200
    assert one == other
    assert one.changed_at is not None
    assert one.changed_at <= now


def test_bytes_change_only_when_something_happens() -> None:
    told = Story(START, load_outlets())

    def etag(seconds: int) -> str:
        return answer(told, "/rss.xml", START + timedelta(seconds=seconds), BASE).etag

    assert etag(21) == etag(39)
    assert len({etag(0), etag(20), etag(40), etag(100)}) == 4


@pytest.mark.parametrize(
    ("none_match", "modified_since", "status"),
    [
        (None, None, 200),
        ("same", None, 304),
        ("W/same", None, 304),
        ('"other", same', None, 304),
        ("*", None, 304),
        ('"other"', None, 200),
        (None, "Mon, 09 Mar 2026 01:02:43 GMT", 304),
        (None, "Mon, 09 Mar 2026 01:02:42 GMT", 200),
        (None, "Mon, 09 Mar 2026 01:02:43 -0000", 200),
        (None, "yesterday", 200),
        ('"other"', "Mon, 09 Mar 2026 01:02:43 GMT", 200),
    ],
)
def test_conditions(none_match: str | None, modified_since: str | None, status: int) -> None:
    now = START + timedelta(seconds=50)
    given = answer(Story(START, load_outlets()), "/rss.xml", now, BASE)
    tag = none_match.replace("same", given.etag) if none_match else None
    assert conditional(given, tag, modified_since).status == status


def test_conditions_do_not_touch_other_answers() -> None:
    missing = answer(Story(START, load_outlets()), "/nowhere", START, BASE)
    assert conditional(missing, "*", None).status == 404


def test_a_picture_is_a_png_of_its_size() -> None:
    png = pictures.draw("menpai")
    assert png is not None
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (pictures.WIDTH, pictures.HEIGHT)
    position, pixels = 8, b""
    while position < len(png):
        (size,) = struct.unpack(">I", png[position : position + 4])
        body = png[position + 4 : position + 8 + size]
        (checksum,) = struct.unpack(">I", png[position + 8 + size : position + 12 + size])
        assert zlib.crc32(body) == checksum
        pixels += body[4:] if body.startswith(b"IDAT") else b""
        position += 12 + size
    assert len(zlib.decompress(pixels)) == pictures.HEIGHT * (1 + 3 * pictures.WIDTH)
    assert pictures.draw("menpai") != pictures.draw("jiesan")
    assert pictures.draw("../secret") is None


def is_well_formed(xml: str) -> bool:
    try:
        etree.fromstring(xml.removesuffix("</channel>\n</rss>"))
    except etree.XMLSyntaxError:
        return False
    return True
