"""A feed document → its items: RSS, RDF, Atom or JSON Feed, whole or broken.

bytes → text (`text.charset`) → tree (`xml_source`, `salvage` where it is broken) → what each item
tells (`elements`) → items (`item`). feedparser is asked where we find none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Rejection
from feedsvc.errors import BrokenDocument, EmptyFeed, NotAFeed
from feedsvc.parse.document import refuse_challenge
from feedsvc.parse.feeds import elements, wordpress
from feedsvc.parse.feeds.elements import Names, Reading, children_of, names_for, text_of
from feedsvc.parse.feeds.fallback import ask_feedparser
from feedsvc.parse.feeds.item import Told, make_item
from feedsvc.parse.feeds.json_feed import parse_json_feed
from feedsvc.parse.feeds.newest import keep_newest
from feedsvc.parse.feeds.repeats import note_repeats
from feedsvc.parse.feeds.salvage import salvage
from feedsvc.parse.feeds.xml_source import mark_forbidden, parse_strictly, without_prolog
from feedsvc.text.charset import Decoded, decode
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

_PAGE = re.compile(
    r"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body|script|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_FEED_ROOTS = frozenset({"rss", "feed", "RDF", "channel"})
_OTHER_ROOTS = {
    "html": "an HTML page",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap index",
    "opml": "an OPML list of feeds",
}
_ITEM_WORDS: frozenset[str | None] = frozenset({"item", "atom:entry", "at:deleted-entry"})
_BROKEN = Repair(kind="broken_xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """A feed's tree, its item elements with whether each had to be mended, and what was lost."""

    head: etree._Element
    elements: Sequence[tuple[etree._Element, bool]]
    rejections: tuple[Rejection, ...] = ()
    repairs: tuple[Repair, ...] = ()


def parse_feed(job: ParseJob) -> ParsedFeed:
    """Read a feed document; items in document order, at most 2,000, the newest.

    Raises NotAFeed for anything else (its sentence says what it is), Blocked for a challenge page, EmptyFeed for a feed without
    items, BrokenDocument where not one item could be read, TooComplex for a dangerous shape.
    """
    decoded = decode(job.body, content_type=job.content_type, override=job.charset)
    text = decoded.text.lstrip()
    if not text:
        raise NotAFeed(job.url, "the document is empty")
    if text[0] in "{[":
        return parse_json_feed(text, decoded, job)
    if _PAGE.match(text):
        refuse_challenge(text, job.url)
        raise NotAFeed(job.url, "it is an HTML page, not a feed")
    document = _read(without_prolog(text, job.url), job)
    if document.elements and wordpress.is_export(document.head):
        kept, left_out = wordpress.published(document.head, document.elements)
        rejections = (*document.rejections, *left_out)
        if not kept:
            return ParsedFeed(format="rss-2.0", charset=decoded.charset, rejections=rejections)
        document = replace(document, elements=kept, rejections=rejections)
    return _items(document, text, decoded, job)


def _read(text: str, job: ParseJob) -> _Document:
    tree = parse_strictly(text, job.url)
    repairs: tuple[Repair, ...] = ()
    if isinstance(tree, str):
        text, forbidden = mark_forbidden(text)
        if forbidden:
            repairs = (Repair(kind="control_characters", detail=str(forbidden)),)
            tree = parse_strictly(text, job.url)
    if not isinstance(tree, str):
        names = names_for(etree.QName(tree).namespace or "")
        elements = [(element, False) for element in _item_elements(tree, names)]
        return _Document(head=tree, elements=elements, repairs=repairs)
    broken = Repair(kind="broken_xml", detail=tree)
    return _salvaged(text, job, (*repairs, broken))


def _salvaged(text: str, job: ParseJob, repairs: tuple[Repair, ...]) -> _Document:
    saved = salvage(text, job.url)
    if saved is None:
        raise _not_a_feed(text, job, repairs[-1].detail)
    elements = [item for item in saved.items if not isinstance(item, Rejection)]
    rejections = tuple(item for item in saved.items if isinstance(item, Rejection))
    if not elements:
        raise BrokenDocument(job.url, f"no whole item could be read: {repairs[-1].detail}")
    return _Document(head=saved.head, elements=elements, rejections=rejections, repairs=repairs)


def _not_a_feed(text: str, job: ParseJob, reason: str) -> NotAFeed | BrokenDocument:
    if not text.startswith("<"):
        return NotAFeed(job.url, f"it is plain text, not a feed: “{one_line(text, 40)}”")
    if re.search(r"<(?:html|head|body|div|table)\b", text[:4000], re.IGNORECASE):
        return NotAFeed(job.url, "it is an HTML page, not a feed")
    return BrokenDocument(job.url, f"XML that cannot be read: {reason}")


def _item_elements(root: etree._Element, names: Names) -> Iterable[etree._Element]:
    """Items in document order, whether they stand in the channel (RSS 2.0) or beside it (1.0)."""
    for child in root:
        word = names.get(child.tag)
        if word in _ITEM_WORDS:
            yield child
        elif word == "channel":
            yield from (inner for inner in child if names.get(inner.tag) in _ITEM_WORDS)


def _items(document: _Document, text: str, decoded: Decoded, job: ParseJob) -> ParsedFeed:
    root = document.head
    names = names_for(etree.QName(root).namespace or "")
    reading = Reading(job=job, names=names, based="xml:base" in text)
    if not document.elements:
        return _second_opinion(root, text, decoded, job)
    version = _format(root)
    told: list[tuple[Told, bool]] = []
    for element, mended in document.elements:
        deleted = names.get(element.tag) == "at:deleted-entry"
        read = elements.read_tombstone if deleted else elements.read_item
        told.append((read(element, reading), mended))
    kept, capped = keep_newest(told, job)
    title, home_url, language = _head(root, names, job)
    items = [
        make_item(each, job, f"feed:{version}", (_BROKEN,) if mended else ())
        for each, mended in kept
    ]
    return ParsedFeed(
        format=version,
        charset=decoded.charset,
        title=title,
        home_url=home_url,
        items=note_repeats(items, language),
        rejections=document.rejections,
        repairs=(*decoded.repairs, *document.repairs, *capped),
    )


def _second_opinion(root: etree._Element, text: str, decoded: Decoded, job: ParseJob) -> ParsedFeed:
    name = etree.QName(root).localname
    if name in _OTHER_ROOTS:
        raise NotAFeed(job.url, f"it is {_OTHER_ROOTS[name]}, not a feed")
    version, title, told = ask_feedparser(text, job)
    if not told and name in _FEED_ROOTS:
        raise EmptyFeed(job.url, "a feed without a single item")
    if not told:
        raise NotAFeed(job.url, f"it is an XML document <{name}>, not a feed")
    items = [make_item(each, job, "feed:feedparser") for each in told]
    return ParsedFeed(
        format=version or name.lower(),
        charset=decoded.charset,
        title=one_line(plain_text(title)),
        items=note_repeats(items, ""),
        repairs=(*decoded.repairs, Repair(kind="read_by_feedparser")),
    )


def _format(root: etree._Element) -> str:
    name = etree.QName(root).localname
    namespace = etree.QName(root).namespace
    if name == "rss":
        return f"rss-{one_line(root.get('version', ''), 10) or '2.0'}"
    if name == "RDF":
        return "rss-0.90" if root.find(f"{{{elements.RSS_090}}}item") is not None else "rss-1.0"
    if name == "feed":
        return "atom-0.3" if namespace == elements.ATOM_03 else "atom-1.0"
    return "rss"


def _head(root: etree._Element, names: Names, job: ParseJob) -> tuple[str, str | None, str]:
    """The feed's title, its page for people, and its language."""
    channel = next((child for child in root if names.get(child.tag) == "channel"), root)
    found = children_of(channel, names)
    title = text_of(found, "title", "atom:title")
    page = text_of(found, "link")
    for link in found.get("atom:link", ()):
        if not page and link.get("rel", "alternate") == "alternate":
            page = link.get("href") or ""
    language = text_of(found, "language", "dc:language") or root.get(
        "{http://www.w3.org/XML/1998/namespace}lang", ""
    )
    return (
        one_line(plain_text(title)),
        absolute(job.url, page) if page else None,
        one_line(language, 20),
    )
