"""Every document keeps the rules of its format, and those that no public validator checks."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from lxml import etree

from feedsvc.domain.feed import FORMATS, Feed, Format, Site
from feedsvc.domain.item import Enclosure
from feedsvc.render.dispatch import render
from tests.render.conformance import (
    ATOM,
    CONTENT,
    DC,
    assert_valid_atom,
    assert_valid_json,
    assert_valid_rss,
    parse_strictly,
)
from tests.render.samples import BARE, MIXED, SITE, WITHDRAWN, entry, feed

VALIDATORS: dict[Format, Callable[[bytes], None]] = {
    "rss": assert_valid_rss,
    "atom": assert_valid_atom,
    "json": assert_valid_json,
}
HOSTILE = feed(
    entry(1, title="  ", summary="", url="https://news.example/a/1?x=1&y=<2>"),
    entry(2, title="a\x00b\x0b\ud800c\ufffe", content_html="<p>]]&gt; ]]> \x01</p>"),
    entry(
        3, origin_url="https://partner.example/新闻/第 1 条.html", source_url="javascript:alert(1)"
    ),
    entry(4, origin_url="javascript:alert(1)", enclosures=(Enclosure(url="ftp://x.example/a"),)),
    entry(5, enclosures=(Enclosure(url="https://x.example/a", media_type="not a type"),) * 2),
    entry(6, language="chinese!", category="", attribution="<b>&amp;</b>"),
    entry(7, title="𠮷野家𝄞", content_html="x" * 200_000, source_title=""),
)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    "shown",
    [MIXED, HOSTILE, feed(), feed(BARE, title="", description=""), feed(WITHDRAWN)],
    ids=["mixed", "hostile", "empty", "bare", "withdrawn"],
)
def test_a_document_keeps_the_rules_of_its_format(shown: Feed, fmt: Format) -> None:
    VALIDATORS[fmt](render(shown, fmt, SITE))


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_site_without_rights_and_contact_is_valid_too(fmt: Format) -> None:
    site = Site(base_url="http://127.0.0.1:8000", title="云岭法讯", contact="电话 12345")
    VALIDATORS[fmt](render(MIXED, fmt, site))


@pytest.mark.parametrize("fmt", FORMATS)
def test_entries_stand_in_the_feed_s_order(fmt: Format) -> None:
    assert _ids(render(MIXED, fmt, SITE), fmt) == [each.guid for each in MIXED.entries]


def test_the_channel_s_link_is_the_page_for_people() -> None:
    channel = parse_strictly(render(MIXED, "rss", SITE))[0]
    assert channel.findtext("link") == "https://news.example/feeds/gongan"
    own = channel.find(f"{ATOM}link[@rel='self']")
    assert own is not None
    assert own.get("href") == "https://news.example/feeds/gongan.rss"


def test_no_author_and_no_editor_gets_lost() -> None:
    item = parse_strictly(render(MIXED, "rss", SITE)).find("channel/item")
    atom = parse_strictly(render(MIXED, "atom", SITE)).find(f"{ATOM}entry")
    assert item is not None
    assert atom is not None
    assert [each.text for each in item.findall(f"{DC}creator")] == ["方一鸣", "何小满"]
    assert [each.text for each in item.findall(f"{DC}contributor")] == ["罗闻"]
    assert [each.text for each in atom.iterfind(f"{ATOM}author/{ATOM}name")] == ["方一鸣", "何小满"]
    assert [each.text for each in atom.iterfind(f"{ATOM}contributor/{ATOM}name")] == ["罗闻"]


@pytest.mark.parametrize("fmt", FORMATS)
def test_only_web_addresses_are_linked_to(fmt: Format) -> None:
    body = render(HOSTILE, fmt, SITE).decode()
    assert "javascript:" not in body
    assert "ftp:" not in body


@pytest.mark.parametrize("fmt", FORMATS)
def test_times_are_never_named_by_a_zone(fmt: Format) -> None:
    body = render(MIXED, fmt, SITE).decode()
    assert "CST" not in body
    assert "GMT" not in body
    assert ".123456" not in body


def test_an_unsigned_entry_inherits_its_author_from_the_source_not_from_us() -> None:
    # RFC 4287 4.2.1: without an author in entry and source, the feed's author would be claimed.
    root = parse_strictly(render(feed(entry(1, authors=())), "atom", SITE))
    source = root.find(f"{ATOM}entry/{ATOM}source")
    assert source is not None
    assert source.findtext(f"{ATOM}author/{ATOM}name") == "云岭日报"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "云岭法讯"


def test_the_source_of_an_atom_entry_is_complete() -> None:
    source = parse_strictly(render(MIXED, "atom", SITE)).find(f"{ATOM}entry/{ATOM}source")
    assert source is not None
    assert source.findtext(f"{ATOM}id") == "https://partner.example/rss.xml"
    assert source.findtext(f"{ATOM}title") == "云岭警务网"
    assert source.findtext(f"{ATOM}updated") == "2026-10-08T11:59:00+08:00"


def test_a_summary_is_text_in_atom_and_escaped_html_in_rss() -> None:
    shown = feed(entry(1, summary="甲 < 乙 & 丙", content_html="<p>正文 &amp; 其余</p>"))
    item = parse_strictly(render(shown, "rss", SITE)).find("channel/item")
    atom = parse_strictly(render(shown, "atom", SITE)).find(f"{ATOM}entry")
    assert item is not None
    assert atom is not None
    assert item.findtext("description") == "甲 &lt; 乙 &amp; 丙"
    assert atom.findtext(f"{ATOM}summary") == "甲 < 乙 & 丙"
    assert item.findtext(f"{CONTENT}encoded") == "<p>正文 &amp; 其余</p>"
    assert atom.findtext(f"{ATOM}content") == "<p>正文 &amp; 其余</p>"


def test_a_foreign_language_is_marked_on_its_entry_alone() -> None:
    shown = feed(entry(1, language="en"), entry(2, language="zh-cn"))
    atom = parse_strictly(render(shown, "atom", SITE)).findall(f"{ATOM}entry")
    items = json.loads(render(shown, "json", SITE))["items"]
    rss = parse_strictly(render(shown, "rss", SITE)).findall("channel/item")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [each.get(lang) for each in atom] == ["en", None]
    assert [each.get("language") for each in items] == ["en", None]
    assert [each.findtext(f"{DC}language") for each in rss] == ["en", None]


def test_rss_has_one_enclosure_and_atom_has_all() -> None:
    two = (
        Enclosure(url="https://x.example/a.mp3", media_type="audio/mpeg", length=5),
        Enclosure(url="https://x.example/b", media_type="", length=None),
    )
    shown = feed(entry(1, enclosures=two))
    (only,) = parse_strictly(render(shown, "rss", SITE)).iterfind("channel/item/enclosure")
    assert dict(only.attrib) == {"url": two[0].url, "length": "5", "type": "audio/mpeg"}
    links = parse_strictly(render(shown, "atom", SITE)).findall(f"{ATOM}entry/{ATOM}link")
    kept = [dict(link.attrib) for link in links if link.get("rel") == "enclosure"]
    assert kept[0] == {"rel": "enclosure", "href": two[0].url, "type": "audio/mpeg", "length": "5"}
    assert kept[1] == {"rel": "enclosure", "href": two[1].url}
    item = json.loads(render(shown, "json", SITE))["items"][0]
    assert item["attachments"][0]["size_in_bytes"] == 5


def test_json_says_what_became_of_an_article() -> None:
    live, withdrawn, corrected, bare = json.loads(render(MIXED, "json", SITE))["items"]
    assert live["_feedsvc"] == {
        "about": "https://news.example/feeds/#json",
        "status": "live",
        "revision": 1,
        "attribution": "云岭日报",
        "editors": ["罗闻"],
        "credit_line": "（责任编辑：罗闻",
        "dateline": {"place": "云岭", "date": "10月8日", "agency": "云岭警务网"},
        "source": {"title": "云岭警务网", "url": "https://partner.example/rss.xml"},
        "rights": "云岭警务网供稿",
        "category": "公安",
    }
    assert live["external_url"] == "https://partner.example/news/1.html"
    assert withdrawn["_feedsvc"]["status"] == "withdrawn"
    assert withdrawn["_feedsvc"]["reason"] == "内容失实"
    assert withdrawn["_feedsvc"]["at"] == "2026-10-08T11:58:00+08:00"
    assert corrected["_feedsvc"]["status"] == "corrected"
    assert set(bare["_feedsvc"]) == {"about", "status", "revision", "category"}
    assert bare["content_text"] == bare["title"]


def test_a_tombstone_never_stands_beside_a_notice() -> None:
    body = render(feed(WITHDRAWN), "atom", SITE)
    assert b"deleted-entry" not in body
    assert _ids(body, "atom") == [WITHDRAWN.guid]


def _ids(body: bytes, fmt: Format) -> list[str]:
    if fmt == "json":
        return [item["id"] for item in json.loads(body)["items"]]
    root: etree._Element = parse_strictly(body)
    path = "channel/item/guid" if fmt == "rss" else f"{ATOM}entry/{ATOM}id"
    return [each.text or "" for each in root.iterfind(path)]
