"""互联网新闻开放协议: the XML in which Chinese portal systems offer their news to search engines.

`<document>` with webSite, webMaster and updatePeri (minutes), then one `<item>` an article with its
whole text, its source and its author. Often in GBK; names are written in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from feedsvc.domain.item import Enclosure
from feedsvc.domain.parsed import ParseJob
from feedsvc.errors import EmptyFeed, NotAFeed
from feedsvc.parse.feeds.contents import Contents
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.tree import Tree
from feedsvc.parse.feeds.words import inner_text
from feedsvc.parse.feeds.xml_source import name_of

_HEAD = frozenset({"website", "webmaster", "updateperi"})
_KEYWORDS = re.compile(r"[\s,，、;；|]+")
Words = dict[str, list[str]]


def read(tree: Tree, job: ParseJob) -> Contents:
    """Read the items; raises NotAFeed for another `<document>`, EmptyFeed for one without items."""
    found = tree.items(_items(tree.root))
    head = _words(tree.root)
    if not found:
        if _HEAD.isdisjoint(head):
            raise NotAFeed(job.url, "it is an XML document <document>, not a feed")
        raise EmptyFeed(job.url, "a feed without a single item")
    site = _first(head, "website")
    return Contents(
        format="open-news",
        items=[(_told(_words(element), job, tree), mended) for element, mended in found],
        title=site,
        home_url=site if "://" in site or "." not in site else f"http://{site}",
    )


def _items(root: etree._Element) -> Iterable[etree._Element]:
    """Items in the document, or in a wrapper (`<items>`, `<channel>`) that some systems put round them."""
    for child in root:
        name = name_of(child)[1].lower()
        if name == "item":
            yield child
        elif name in {"items", "itemlist", "channel"}:
            yield from (inner for inner in child if name_of(inner)[1].lower() == "item")


def _words(element: etree._Element) -> Words:
    found: Words = {}
    for child in element:
        name = name_of(child)[1].lower()
        if name in {"item", "items", "channel"}:
            continue
        text = inner_text(child)
        if text and not text.isspace():
            found.setdefault(name, []).append(text)
    return found


def _first(words: Words, *names: str) -> str:
    return next((words[name][0].strip() for name in names if name in words), "")


def _told(words: Words, job: ParseJob, tree: Tree) -> Told:
    pictures = [url for name in ("image", "headlineimg") for url in words.get(name, ())]
    return Told(
        base_url=job.base_url,
        body_base_url=job.base_url if job.content_location else "",
        link=_first(words, "link", "url"),
        title=_first(words, "title"),
        summary=_first(words, "description", "abstract"),
        content=_first(words, "text", "content"),
        content_kind="guess",
        published=_first(words, "pubdate", "time"),
        authors=[_first(words, "author")],
        editors=[_first(words, "editor")],
        categories=[
            *words.get("category", ()),
            *(each for line in words.get("keywords", ()) for each in _KEYWORDS.split(line)),
        ],
        enclosures=[Enclosure(url=url) for line in pictures for url in line.split()],
        attribution=_first(words, "source"),
        clean=tree.clean,
        unasked=frozenset({"missing_guid"}),
    )
