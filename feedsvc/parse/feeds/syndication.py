"""RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0: where their items stand, and what their heads say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParseJob, Rejection
from feedsvc.errors import EmptyFeed, NotAFeed
from feedsvc.parse.feeds import elements, wordpress
from feedsvc.parse.feeds.contents import Contents
from feedsvc.parse.feeds.fallback import ask_feedparser
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.newest import MOST_READ
from feedsvc.parse.feeds.tree import Tree
from feedsvc.parse.feeds.words import (
    ATOM_03,
    RSS_090,
    Names,
    Reading,
    children_of,
    names_for,
    text_of,
)
from feedsvc.parse.feeds.xml_source import name_of
from feedsvc.text.charset import decode
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line

_FEED_ROOTS = frozenset({"rss", "feed", "RDF", "channel"})
_OTHER_ROOTS = {"html": "an HTML page", "opml": "an OPML list of feeds"}
_ITEM_WORDS: frozenset[str | None] = frozenset({"item", "atom:entry", "at:deleted-entry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A feed's title, its page for people, its language, who publishes and what makes it, and its links."""

    title: str
    page: str
    language: str
    publisher: str
    generator: str
    links: dict[str, str]


def read(tree: Tree, job: ParseJob) -> Contents:
    """Read the items of a feed; feedparser is asked where we find none or fewer than there are tags.

    Raises EmptyFeed for a feed without items, NotAFeed for what is none.
    """
    names = names_for(*name_of(tree.root))
    found = tree.items(_item_elements(tree.root, names))
    if not found or (tree.saved is None and _more_are_there(tree.root, len(found))):
        second = _second_opinion(tree.root, job, more_than=len(found))
        if second is not None:
            return second
    left_out: tuple[Rejection, ...] = ()
    if found and wordpress.is_export(tree.root):
        found, left_out = wordpress.published(tree.root, found)
    head = _head(tree.root, names)
    own_names = frozenset(filter(None, (one_line(head.title), one_line(head.publisher))))
    reading = Reading(
        job=job,
        names=names,
        based=tree.based,
        clean=tree.clean,
        own_names=own_names,
        own_url=head.links.get("self", ""),
    )
    return Contents(
        format=_format(tree.root),
        items=[(_told(element, reading), mended) for element, mended in found],
        title=head.title,
        home_url=head.page,
        language=head.language,
        links=head.links,
        generator=head.generator,
        rejections=left_out,
    )


def _told(element: etree._Element, reading: Reading) -> Told:
    if reading.names.get(element.tag) == "at:deleted-entry":
        return elements.read_tombstone(element, reading)
    return elements.read_item(element, reading)


def _item_elements(root: etree._Element, names: Names) -> Iterable[etree._Element]:
    """Items in document order, whether they stand in the channel (RSS 2.0) or beside it (1.0)."""
    for child in root:
        word = names.get(child.tag)
        if word in _ITEM_WORDS:
            yield child
        elif word == "channel":
            yield from (inner for inner in child if names.get(inner.tag) in _ITEM_WORDS)


def _more_are_there(root: etree._Element, count: int) -> bool:
    """Whether more items stand in the tree than were found, in wrappers or names that we do not know."""
    return count < MOST_READ and sum(1 for _ in root.iter("{*}item", "{*}entry")) > count


def _second_opinion(root: etree._Element, job: ParseJob, *, more_than: int) -> Contents | None:
    _, name = name_of(root)
    if not more_than and name in _OTHER_ROOTS:
        raise NotAFeed(job.url, f"it is {_OTHER_ROOTS[name]}, not a feed")
    text = decode(job.body, content_type=job.content_type, override=job.charset).text
    version, title, told = ask_feedparser(text, job)
    if more_than and len(told) <= more_than:
        return None
    if not told and name in _FEED_ROOTS:
        raise EmptyFeed(job.url, "a feed without a single item")
    if not told:
        raise NotAFeed(job.url, f"it is an XML document <{name}>, not a feed")
    return Contents(
        format=version or name.lower(),
        reader="feedparser",
        items=[(each, False) for each in told],
        title=plain_text(title),
        repairs=(Repair(kind="read_by_feedparser"),),
    )


def _format(root: etree._Element) -> str:
    namespace, name = name_of(root)
    if name == "rss":
        return f"rss-{one_line(root.get('version', ''), 10) or '2.0'}"
    if name == "RDF":
        return "rss-0.90" if root.find(f"{{{RSS_090}}}item") is not None else "rss-1.0"
    if name == "feed":
        return "atom-0.3" if namespace == ATOM_03 else "atom-1.0"
    return "rss"


def _head(root: etree._Element, names: Names) -> _Head:
    channel = next((child for child in root if names.get(child.tag) == "channel"), root)
    found = children_of(channel, names)
    page = text_of(found, "link")
    links: dict[str, str] = {}
    for link in found.get("atom:link", ()):
        rel, address = link.get("rel", "alternate"), link.get("href") or ""
        links.setdefault(rel, address)
        if not page and rel == "alternate":
            page = address
    language = text_of(found, "language", "dc:language") or root.get(
        "{http://www.w3.org/XML/1998/namespace}lang", ""
    )
    return _Head(
        title=plain_text(text_of(found, "title", "atom:title")),
        page=page,
        language=language,
        publisher=text_of(found, "dc:publisher"),
        generator=" ".join(text_of(found, "generator", "atom:generator").split()[:1]),
        links=links,
    )
