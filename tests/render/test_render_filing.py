"""What documents say beside the words: tags, licences, the AI label, pictures of ours, media, tombstones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import feedparser
import pytest
from lxml import etree

from feedsvc.domain.feed import FORMATS, Format, Site
from feedsvc.domain.item import Enclosure
from feedsvc.render.dispatch import render
from feedsvc.render.tombstone import TOMBSTONES, tombstone
from feedsvc.web.assets import load_assets
from tests.render.conformance import (
    ATOM,
    DC,
    LICENCE,
    MEDIA,
    assert_valid_atom,
    assert_valid_json,
    assert_valid_rss,
    parse_strictly,
)
from tests.render.samples import MIXED, SITE, WITHDRAWN, entry, feed

CC = "https://creativecommons.org/licenses/by/4.0/"
LICENSED = replace(SITE, licence="https://news.example/terms")
FILED = feed(entry(1, tags=("夜间巡查", "河岸", " ", "夜间巡查"), ai_label="assisted"))
FILES = (
    Enclosure(url="https://news.example/media/a.jpg", media_type="image/jpeg", length=5, width=8, height=6),
    Enclosure(url="https://news.example/media/b.png", media_type="image/png", length=7, width=9, height=9),
    Enclosure(url="https://x.example/c.mp3", media_type="audio/mpeg", length=11, duration=75),
    Enclosure(url="https://x.example/d.pdf", media_type="application/pdf"),
)  # fmt: skip


def rss(given: Any, site: Site = SITE) -> etree._Element:
    body = render(given, "rss", site)
    assert_valid_rss(body)
    return parse_strictly(body)[0]


def atom(given: Any, site: Site = SITE) -> etree._Element:
    body = render(given, "atom", site)
    assert_valid_atom(body)
    return parse_strictly(body)


def in_json(given: Any, site: Site = SITE) -> dict[str, Any]:
    body = render(given, "json", site)
    assert_valid_json(body)
    read: dict[str, Any] = json.loads(body)
    return read


def test_section_and_tags_are_told_apart_by_their_scheme() -> None:
    told = [(each.get("domain"), each.text) for each in rss(FILED).iterfind("item/category")]
    assert told == [
        ("https://news.example/feeds/", "公安"),
        ("https://news.example/feeds/tag/", "夜间巡查"),
        ("https://news.example/feeds/tag/", "河岸"),
        (
            "http://cv.iptc.org/newscodes/digitalsourcetype/",
            "compositeWithTrainedAlgorithmicMedia",
        ),
    ]
    filed = [dict(each.attrib) for each in atom(FILED).iterfind(f"{ATOM}entry/{ATOM}category")]
    assert filed[0] == {
        "term": "gongan",
        "label": "公安",
        "scheme": "https://news.example/feeds/",
    }
    assert [each["label"] for each in filed[1:]] == ["夜间巡查", "河岸", "AI辅助生成"]
    (item,) = in_json(FILED)["items"]
    assert item["tags"] == ["公安", "夜间巡查", "河岸"]
    assert item["_feedsvc"]["tags"] == ["夜间巡查", "河岸"]
    assert item["_feedsvc"]["ai_label"] == "assisted"


def test_the_feeds_licence_is_linked_to_and_claims_no_entry() -> None:
    channel, root = rss(MIXED, LICENSED), atom(MIXED, LICENSED)
    for head in (channel, root):
        links = [link for link in head.findall(f"{ATOM}link") if link.get("rel") == "license"]
        assert [link.get("href") for link in links] == [LICENSED.licence]
    assert channel.findtext(f"{LICENCE}license") == LICENSED.licence
    assert channel.find(f"item/{LICENCE}license") is None
    assert root.find(f"{ATOM}entry/{ATOM}link[@rel='license']") is None
    document = in_json(MIXED, LICENSED)
    assert document["_feedsvc"]["licence"] == LICENSED.licence
    assert document["_feedsvc"]["rights"] == SITE.rights
    assert all("licence" not in item["_feedsvc"] for item in document["items"])


def test_an_entrys_rights_are_a_licence_where_they_are_an_address() -> None:
    shown = feed(entry(1, rights=CC), entry(2, rights="转载须注明来源 https://partner.example/"))
    licensed, worded = rss(shown).findall("item")
    assert (licensed.findtext(f"{LICENCE}license"), licensed.findtext(f"{DC}rights")) == (CC, None)
    assert worded.findtext(f"{LICENCE}license") is None
    assert worded.findtext(f"{DC}rights") == "转载须注明来源 https://partner.example/"
    one, other = atom(shown).findall(f"{ATOM}entry")
    assert [link.get("href") for link in one.findall(f"{ATOM}link[@rel='license']")] == [CC]
    assert one.find(f"{ATOM}rights") is None
    assert other.find(f"{ATOM}link[@rel='license']") is None
    first, second = in_json(shown)["items"]
    assert first["_feedsvc"]["licence"] == CC
    assert "rights" not in first["_feedsvc"]
    assert "licence" not in second["_feedsvc"]


def test_the_sites_pictures_are_those_that_it_serves_and_have_their_shapes() -> None:
    image = rss(MIXED).find("image")
    assert image is not None
    channel = image.getparent()
    assert channel is not None
    assert image.findtext("title") == channel.findtext("title")
    assert image.findtext("link") == channel.findtext("link")
    assert (image.findtext("width"), image.findtext("height")) == ("144", "144")
    root, document = atom(MIXED), in_json(MIXED)
    shapes = {
        image.findtext("url"): (144, 144),
        root.findtext(f"{ATOM}icon"): (512, 512),
        root.findtext(f"{ATOM}logo"): (512, 256),
        document["favicon"]: (64, 64),
        document["icon"]: (512, 512),
    }
    served = load_assets()
    for url, measures in shapes.items():
        assert url is not None
        asset = served.served(url.removeprefix("https://news.example/static/"))
        assert asset is not None
        assert asset.media_type == "image/png"
        assert asset.body[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(asset.body[at : at + 4], "big") for at in (16, 20))
        assert (width, height) == measures
        assert len(asset.body) < 4096


def test_the_software_names_itself_with_its_address() -> None:
    generator = atom(MIXED).find(f"{ATOM}generator")
    assert generator is not None
    assert generator.get("uri") == "https://news.example/feeds/"
    assert generator.get("version")


def test_every_file_is_told_in_every_format_with_all_that_is_known_of_it() -> None:
    shown = feed(entry(1, enclosures=FILES))
    item = rss(shown).find("item")
    assert item is not None
    (enclosure,) = item.findall("enclosure")
    assert enclosure.get("url") == FILES[0].url
    assert [dict(each.attrib) for each in item.findall(f"{MEDIA}content")] == [
        {"url": FILES[0].url, "type": "image/jpeg", "medium": "image", "fileSize": "5", "width": "8", "height": "6"},
        {"url": FILES[1].url, "type": "image/png", "medium": "image", "fileSize": "7", "width": "9", "height": "9"},
        {"url": FILES[2].url, "type": "audio/mpeg", "medium": "audio", "fileSize": "11", "duration": "75"},
        {"url": FILES[3].url, "type": "application/pdf"},
    ]  # fmt: skip
    (thumbnail,) = item.findall(f"{MEDIA}thumbnail")
    assert thumbnail.get("url") == FILES[0].url
    linked = atom(shown).findall(f"{ATOM}entry/{ATOM}link[@rel='enclosure']")
    assert [link.get("href") for link in linked] == [each.url for each in FILES]
    (told,) = in_json(shown)["items"]
    assert told["image"] == FILES[0].url
    assert [each["url"] for each in told["attachments"]] == [each.url for each in FILES]
    assert told["attachments"][2]["duration_in_seconds"] == 75


def test_a_lone_file_of_which_nothing_more_is_known_is_told_once() -> None:
    shown = feed(entry(1, enclosures=FILES[3:]))
    assert rss(shown).find(f"item/{MEDIA}content") is None


def test_ttl_is_the_feeds_max_age_in_minutes() -> None:
    assert rss(replace(MIXED, max_age=1260)).findtext("ttl") == "21"


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_a_feed_parser_finds_tags_and_picture(fmt: Format) -> None:
    read = feedparser.parse(render(FILED, fmt, LICENSED))
    assert not read.bozo
    tags = {(each.scheme, each.term) for each in read.entries[0].tags}
    assert ("https://news.example/feeds/tag/", "河岸") in tags
    found = read.feed.get("icon") or read.feed.image.href
    assert found.startswith("https://news.example/static/feed-")
    assert read.feed.link == MIXED.page_url


def test_a_tombstone_is_older_than_its_notice_and_names_who_and_why() -> None:
    stone = etree.fromstring(tombstone(WITHDRAWN, SITE))
    at = f"{{{TOMBSTONES}}}"
    assert stone.tag == f"{at}deleted-entry"
    assert dict(stone.attrib) == {"ref": WITHDRAWN.guid, "when": "2026-10-08T11:57:59+08:00"}
    assert stone.findtext(f"{at}by/{ATOM}name") == "云岭法讯"
    assert stone.findtext(f"{at}comment") == "内容失实"
    notice = atom(feed(WITHDRAWN)).findtext(f"{ATOM}entry/{ATOM}updated") or ""
    assert stone.get("when", "") < notice


def test_only_a_withdrawn_entry_has_a_tombstone() -> None:
    assert [tombstone(each, SITE) != "" for each in MIXED.entries] == [False, True, False, False]
    bare = etree.fromstring(tombstone(replace(WITHDRAWN, reason="\x00 "), SITE))
    assert bare.find(f"{{{TOMBSTONES}}}comment") is None


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_site_without_a_name_is_called_by_its_address(fmt: Format) -> None:
    body = render(MIXED, fmt, replace(SITE, title=" ", rights=" ", licence="none")).decode()
    assert "news.example" in body
    {"rss": assert_valid_rss, "atom": assert_valid_atom, "json": assert_valid_json}[fmt](
        body.encode()
    )
