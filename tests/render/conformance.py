"""The rules of RSS 2.0 and its Advisory Board profile, RFC 4287 and JSON Feed 1.1 that we could break.

Each function raises AssertionError naming the rule. They know nothing of our renderers: they read
the finished bytes, strictly.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
DCTERMS = "{http://purl.org/dc/terms/}"
LICENCE = "{http://backend.userland.com/creativeCommonsRssModule}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
XML = "{http://www.w3.org/XML/1998/namespace}"

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+08:00")
_URL = re.compile(r"https?://[!-;=?-\[\]_a-z~]+")
_URN = re.compile(r"urn:uuid:[0-9a-f-]{36}")
_EMAIL_AND_NAME = re.compile(r"\S+@\S+ \(.+\)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[^\s/;]+/[^\s/;]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_CHANNEL = {
    "title", "link", "description", "language", "copyright", "webMaster", "docs", "generator",
    "lastBuildDate", "ttl", "image", f"{ATOM}link", f"{LICENCE}license",
}  # fmt: skip
_ITEM = {
    "title", "link", "description", "category", "enclosure", "guid", "pubDate", "source",
    f"{CONTENT}encoded", f"{DC}creator", f"{DC}contributor", f"{DC}publisher", f"{DC}rights",
    f"{DC}language", f"{ATOM}link", f"{ATOM}updated", f"{LICENCE}license", f"{MEDIA}content",
    f"{MEDIA}thumbnail",
}  # fmt: skip
_ORIGIN = {
    f"{DCTERMS}{name}" for name in ("alternative", "provenance", "spatial", "temporal", "mediator")
}
_REPEATABLE = {
    "category",
    f"{MEDIA}content",
    f"{DC}creator",
    f"{DC}contributor",
    f"{DC}publisher",
    f"{ATOM}link",
}
_FEED = {
    "id", "title", "updated", "author", "link", "generator", "rights", "subtitle", "icon", "logo",
}  # fmt: skip
_ENTRY = {
    "id", "title", "updated", "published", "author", "contributor", "content", "link", "summary",
    "category", "rights", "source",
}  # fmt: skip
_HISTORY = {"first", "next", "current", "prev-archive", "next-archive"}
_RELATIONS = {"self", "alternate", "via", "enclosure", "license", *_HISTORY}
_JSON_ITEM = {
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
    "date_published", "date_modified", "authors", "tags", "language", "attachments", "_feedsvc",
}  # fmt: skip


def parse_strictly(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def assert_valid_rss(body: bytes) -> None:
    root = parse_strictly(body)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    _assert_known(
        channel, _CHANNEL | {"item", f"{HISTORY}archive"}, repeatable={"item", f"{ATOM}link"}
    )
    for name in ("title", "link", "description"):
        assert (channel.findtext(name) or "").strip(), f"the channel needs a {name}"
    links = channel.findall(f"{ATOM}link")
    for link in links:
        assert link.get("rel") in {"self", "license", *_HISTORY}, (
            "rel must be registered and explicit"
        )
        assert link.get("type") == "application/rss+xml" or link.get("rel") == "license"
        _assert_url(link.get("href"))
    _assert_unique([link.get("rel") for link in links])
    assert [link.get("rel") for link in links].count("self") == 1
    _assert_url(channel.findtext("link"))
    assert (channel.findtext("language") or "").lower() == "zh-cn"
    assert int(channel.findtext("ttl") or "") > 0
    _assert_rfc822(channel.findtext("lastBuildDate"))
    if (master := channel.findtext("webMaster")) is not None:
        assert _EMAIL_AND_NAME.fullmatch(master), "webMaster is an e-mail address with a name"
    items = channel.findall("item")
    tags = [str(child.tag) for child in channel]
    assert set(tags[len(tags) - len(items) :]) <= {"item"}, "items come last"
    _assert_unique([item.findtext("guid") for item in items])
    for item in items:
        _assert_valid_item(item)


def _assert_valid_item(item: etree._Element) -> None:
    _assert_known(item, _ITEM | _ORIGIN, repeatable=_REPEATABLE)
    names = [child.tag for child in item]
    assert (item.findtext("title") or "").strip()
    _assert_url(item.findtext("link"))
    guid = item.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    assert _URN.fullmatch(guid.text or "")
    _assert_rfc822(item.findtext("pubDate"))
    assert "description" in names, "readers that hide content show the description"
    if f"{CONTENT}encoded" in names:
        assert names.index("description") < names.index(f"{CONTENT}encoded")
    assert "author" not in names, "an author must be an e-mail address"
    _assert_language(item.findtext(f"{DC}language"))
    if (source := item.find("source")) is not None:
        _assert_url(source.get("url"))
        assert (source.text or "").strip()
        assert f"{DC}source" not in names, "two elements for one meaning"
    if (enclosure := item.find("enclosure")) is not None:
        _assert_url(enclosure.get("url"))
        assert int(enclosure.get("length", "")) >= 0
        assert _MEDIA_TYPE.fullmatch(enclosure.get("type", ""))
    for category in item.findall("category"):
        assert (category.text or "").strip()
    for link in item.findall(f"{ATOM}link"):
        assert link.get("rel") == "via"
        _assert_url(link.get("href"))
    _assert_rfc3339(item.findtext(f"{ATOM}updated"))


def assert_valid_atom(body: bytes) -> None:
    root = parse_strictly(body)
    assert root.tag == f"{ATOM}feed"
    assert root.get(f"{XML}lang") == "zh-CN"
    _assert_known_atom(root, _FEED | {"entry"}, repeatable={"entry", "link", "author"})
    _assert_named_and_dated(root)
    assert root.findtext(f"{ATOM}author/{ATOM}name"), (
        "a feed without author needs one in every entry"
    )
    _assert_links(root)
    own = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [link.get("type") for link in own] == ["application/atom+xml"]
    entries = root.findall(f"{ATOM}entry")
    _assert_unique([each.findtext(f"{ATOM}id") for each in entries])
    for each in entries:
        _assert_valid_entry(each)


def _assert_valid_entry(entry: etree._Element) -> None:
    _assert_known_atom(entry, _ENTRY, repeatable={"author", "contributor", "link", "category"})
    _assert_named_and_dated(entry)
    _assert_rfc3339(entry.findtext(f"{ATOM}published"))
    _assert_language(entry.get(f"{XML}lang"))
    _assert_links(entry)
    pages = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    assert [page.get("type") for page in pages] == ["text/html"]
    content = entry.find(f"{ATOM}content")
    assert content is None or content.get("type") == "html", "RFC 4287 knows no type CDATA"
    summary = entry.find(f"{ATOM}summary")
    assert summary is not None
    assert summary.get("type") in {"text", "html"}
    assert (summary.text or "").strip()
    for category in entry.findall(f"{ATOM}category"):
        assert category.get("term")
    if (source := entry.find(f"{ATOM}source")) is not None:
        assert (source.findtext(f"{ATOM}id") or "").startswith("http")
        assert (source.findtext(f"{ATOM}title") or "").strip()
        _assert_rfc3339(source.findtext(f"{ATOM}updated"))
        _assert_links(source)
        assert source.find(f"{ATOM}link[@rel='self']") is not None


def _assert_named_and_dated(element: etree._Element) -> None:
    assert _URN.fullmatch(element.findtext(f"{ATOM}id") or "")
    title = element.find(f"{ATOM}title")
    assert title is not None
    assert (title.text or "").strip()
    assert title.get("type", "text") in {"text", "html"}
    _assert_rfc3339(element.findtext(f"{ATOM}updated"))
    for person in (*element.findall(f"{ATOM}author"), *element.findall(f"{ATOM}contributor")):
        assert (person.findtext(f"{ATOM}name") or "").strip()


def _assert_links(element: etree._Element) -> None:
    links = element.findall(f"{ATOM}link")
    for link in links:
        assert link.get("rel") in _RELATIONS, "rel must be registered and explicit"
        _assert_url(link.get("href"))
        assert link.get("type") is None or _MEDIA_TYPE.fullmatch(link.get("type", ""))
        assert link.get("length") is None or int(link.get("length", "")) >= 0
    _assert_unique([link.get("type") for link in links if link.get("rel") == "alternate"])


def assert_valid_json(body: bytes) -> None:
    document = json.loads(body)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["title"].strip()
    _assert_url(document["home_page_url"])
    _assert_url(document["feed_url"])
    assert document["language"] == "zh-CN"
    assert all(author.get("name") for author in document["authors"])
    _assert_unique([item["id"] for item in document["items"]])
    for item in document["items"]:
        _assert_valid_json_item(item)


def _assert_valid_json_item(item: dict[str, Any]) -> None:
    assert set(item) <= _JSON_ITEM, "unknown keys must start with an underscore"
    assert isinstance(item["id"], str)
    assert item.get("content_html") or item.get("content_text")
    assert item["title"].strip()
    _assert_url(item["url"])
    if "external_url" in item:
        _assert_url(item["external_url"])
    _assert_language(item.get("language"))
    _assert_rfc3339(item["date_published"])
    _assert_rfc3339(item["date_modified"])
    assert all(
        set(author) <= {"name", "url", "avatar"} and author for author in item.get("authors", [])
    )
    for attachment in item.get("attachments", []):
        _assert_url(attachment["url"])
        assert _MEDIA_TYPE.fullmatch(attachment["mime_type"])
    assert item["_feedsvc"]["about"].startswith("http")


def _assert_known(element: etree._Element, known: set[str], *, repeatable: set[str]) -> None:
    counted = Counter(str(child.tag) for child in element)
    assert set(counted) <= known, f"unknown here: {set(counted) - known}"
    assert all(times == 1 or name in repeatable for name, times in counted.items()), counted


def _assert_known_atom(element: etree._Element, known: set[str], *, repeatable: set[str]) -> None:
    allowed = {f"{ATOM}{name}" for name in known} | {f"{DC}publisher", f"{MEDIA}content"} | _ORIGIN
    if element.tag == f"{ATOM}feed":
        allowed |= {f"{HISTORY}archive"}
    repeatable_here = {f"{ATOM}{name}" for name in repeatable} | {f"{MEDIA}content"}
    _assert_known(element, allowed, repeatable=repeatable_here)


def _assert_unique(values: list[Any]) -> None:
    assert len(set(values)) == len(values), "twice the same"


def _assert_language(tag: str | None) -> None:
    assert tag is None or _LANGUAGE.fullmatch(tag), f"{tag!r} is not a language tag"


def _assert_url(address: str | None) -> None:
    assert address is not None
    assert _URL.fullmatch(address), f"{address!r} is not an absolute URI"


def _assert_rfc3339(moment: str | None) -> None:
    assert moment is not None
    assert _RFC3339.fullmatch(moment), f"{moment!r} is not RFC 3339"
    datetime.fromisoformat(moment)


def _assert_rfc822(moment: str | None) -> None:
    """RFC 822 with a four-digit year, a right weekday and a numeric zone (CST is read 14 h wrong)."""
    assert moment is not None
    assert moment.endswith(" +0800")
    assert format_datetime(parsedate_to_datetime(moment)) == moment
