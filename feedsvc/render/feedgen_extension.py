"""What feedgen 1.0.0 cannot write itself, as one extension of its own kind.

feedgen drops rel and type of Atom entry links, leaves `atom:source` without id and updated, has no
names without an e-mail address in RSS, and knows no `atom:updated` there. Its own `syndication`
extension writes an element that no specification knows; it is not loaded. The Atom tree that
feedgen builds has no real namespace (xmlns is a plain attribute), hence the bare element names in
`extend_atom`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from zlib import crc32

import feedgen.entry
import feedgen.feed
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement, _Element

from feedsvc.domain.feed import Entry, Feed, Format, Site
from feedsvc.domain.item import Dateline, Enclosure
from feedsvc.render.clean import uri
from feedsvc.render.parts import (
    beijing,
    is_web_address,
    language_of,
    licence_of,
    linked_address,
    media_type_of,
    medium_of,
    named,
    plain_type,
    publisher_of,
    rights_of,
    site_licence,
    source_title_of,
)

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "http://search.yahoo.com/mrss/"
LICENCE = "http://backend.userland.com/creativeCommonsRssModule"
HISTORY = "http://purl.org/syndication/history/1.0"
XML = "http://www.w3.org/XML/1998/namespace"

# feedgen's own version switches the locale of the whole process for every date, which is not
# thread-safe (measured: with four threads the locale was left changed). The bytes are the same.
feedgen.feed.formatRFC2822 = format_datetime
feedgen.entry.formatRFC2822 = format_datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of a feed or entry, as Atom writes it."""

    rel: str
    href: str
    type: str | None = None
    length: int | None = None


class FeedAdditions:
    """The feed's part: it declares the namespace that the entries use.

    No links to the other formats stand here: newsboat takes the last alternate for the feed's page,
    fastfeedparser the first (measured), so there must be one. The page for people and the HTTP
    header tell of the other formats.
    """

    def __init__(self) -> None:
        self._feed: Feed | None = None
        self._licence: str | None = None

    def describe(self, feed: Feed, site: Site) -> None:
        """Take the feed whose other documents are to be named (RFC 5005), and whose licence (RFC 4946)."""
        self._feed = feed
        self._licence = site_licence(site)

    def extend_ns(self) -> dict[str, str]:
        """Name the namespaces to declare at the root (feedgen's hook)."""
        history = {"fh": HISTORY} if self._feed is not None and self._feed.archive else {}
        return {
            "dc": DC,
            "dcterms": DCTERMS,
            "media": MEDIA,
            "creativeCommons": LICENCE,
            **history,
        }

    def extend_rss(self, root: _Element) -> None:
        """Name the feed's other documents (feedgen's hook)."""
        self._extend(root[0], "rss", namespace=f"{{{ATOM}}}")
        _write_texts(root[0], f"{{{LICENCE}}}license", (self._licence or "",))

    def extend_atom(self, root: _Element) -> None:
        """Name the feed's other documents (feedgen's hook)."""
        self._extend(root, "atom")
        if self._feed is not None:
            _set_text(root, "updated", end_of_second(self._feed.updated_at))

    def _extend(self, parent: _Element, fmt: Format, *, namespace: str = "") -> None:
        if self._feed is None:
            return
        links = [
            Link(rel=each.rel, href=linked_address(each, fmt), type=plain_type(fmt))
            for each in self._feed.links
        ]
        if self._licence:
            links.append(Link(rel="license", href=self._licence))
        _write_links(parent, links, namespace=namespace)
        if self._feed.archive:
            SubElement(parent, f"{{{HISTORY}}}archive")


class EntryAdditions:
    """One entry's part; `describe` gives it the entry before feedgen builds the tree."""

    def __init__(self) -> None:
        self._entry: Entry | None = None
        self._language: str | None = None

    def describe(self, entry: Entry, site: Site) -> None:
        """Take the entry whose names, links and provenance are to be written."""
        self._entry = entry
        self._language = language_of(entry, site)

    def extend_rss(self, item: _Element) -> None:
        """Write names, provenance and the time of the last change (feedgen's hook)."""
        entry = _given(self._entry)
        _write_texts(item, f"{{{DC}}}creator", named(entry.authors))
        _write_texts(item, f"{{{DC}}}contributor", named(entry.editors))
        _write_texts(item, f"{{{DC}}}publisher", (entry.attribution,))
        _write_texts(item, f"{{{DC}}}rights", (rights_of(entry),))
        _write_texts(item, f"{{{LICENCE}}}license", (licence_of(entry) or "",))
        _write_texts(item, f"{{{DC}}}language", (self._language or "",))
        _write_origin(item, entry)
        _write_links(item, _via(entry), namespace=f"{{{ATOM}}}")
        SubElement(item, f"{{{ATOM}}}updated").text = _moment(entry.updated_at)
        _write_media(item, usable(entry.enclosures))

    def extend_atom(self, element: _Element) -> None:
        """Write the links anew and the source in full (feedgen's hook)."""
        entry = _given(self._entry)
        for crippled in element.findall("link"):
            element.remove(crippled)
        _set_text(element, "updated", told_apart(entry))
        if self._language:
            element.set(f"{{{XML}}}lang", self._language)
        page = Link(rel="alternate", href=entry.url, type="text/html")
        enclosures = [_enclosure_link(each) for each in usable(entry.enclosures)]
        _write_links(element, [page, *_via(entry), *_licence(entry), *enclosures])
        _write_texts(element, f"{{{DC}}}publisher", (entry.attribution,))
        _write_origin(element, entry)
        # Atom's links have no word for a duration.
        for each in usable(entry.enclosures):
            if each.duration:
                _write_medium(element, each)
        if is_web_address(entry.source_url):
            _write_source(element, entry)


def extended_generator() -> FeedGenerator:
    """Return an empty feedgen generator that carries the extension as `.feedsvc`, on entries too."""
    generator = FeedGenerator()
    generator.register_extension("feedsvc", FeedAdditions, EntryAdditions)
    return generator


def usable(enclosures: Iterable[Enclosure]) -> list[Enclosure]:
    """Return the enclosures that a document may link to."""
    return [each for each in enclosures if is_web_address(each.url)]


def pictures_among(enclosures: Iterable[Enclosure]) -> list[Enclosure]:
    """Return the enclosed pictures that are served by us: those whose measures we know."""
    return [each for each in usable(enclosures) if each.width and each.height]


def _given(entry: Entry | None) -> Entry:
    if entry is None:
        raise ValueError("the entry was not described before the document was built")
    return entry


def _via(entry: Entry) -> tuple[Link, ...]:
    """The partner's original: with it a repost still names where the article came from."""
    if entry.origin_url is None or not is_web_address(entry.origin_url):
        return ()
    return (Link(rel="via", href=entry.origin_url),)


def _licence(entry: Entry) -> tuple[Link, ...]:
    """RFC 4946: the terms of this one entry; the feed's own say nothing of its entries."""
    licence = licence_of(entry)
    return (Link(rel="license", href=licence),) if licence else ()


def _enclosure_link(enclosure: Enclosure) -> Link:
    return Link(
        rel="enclosure",
        href=enclosure.url,
        type=media_type_of(enclosure),
        length=enclosure.length,
    )


def _write_source(element: _Element, entry: Entry) -> None:
    """RFC 4287 4.2.11: id, title and updated of the feed it came from; its address is all that we know.

    The author stands inside, because section 4.2.1 lets an entry without authors inherit them from
    its source: otherwise we would claim an unsigned partner article as our own.
    """
    source = SubElement(element, "source")
    address = uri(entry.source_url)
    SubElement(source, "id").text = address
    SubElement(source, "title").text = source_title_of(entry)
    SubElement(source, "updated").text = _moment(entry.updated_at)
    _write_links(source, [Link(rel="self", href=address)])
    if publisher := publisher_of(entry):
        SubElement(SubElement(source, "author"), "name").text = publisher


def _write_media(item: _Element, enclosures: list[Enclosure]) -> None:
    """Media RSS 1.5.1: RSS has one enclosure an item, and no word for measures and durations.

    The first enclosure stands here again only where there is more to say of it.
    """
    for number, each in enumerate(enclosures):
        if number or each.width or each.duration:
            _write_medium(item, each)
    for first in pictures_among(enclosures)[:1]:
        SubElement(
            item,
            f"{{{MEDIA}}}thumbnail",
            {"url": uri(first.url), "width": str(first.width), "height": str(first.height)},
        )


def _write_medium(parent: _Element, enclosure: Enclosure) -> None:
    stated = {
        "url": uri(enclosure.url),
        "type": media_type_of(enclosure),
        "medium": medium_of(enclosure),
        "fileSize": enclosure.length or None,
        "width": enclosure.width,
        "height": enclosure.height,
        "duration": enclosure.duration,
    }
    known = {name: str(value) for name, value in stated.items() if value is not None}
    SubElement(parent, f"{{{MEDIA}}}content", known)


def _write_origin(parent: _Element, entry: Entry) -> None:
    """What the origin printed round its article, in established words, so that every reader may know them.

    The next hop reads them back (`parse/feeds/elements.py`); docs/feeds.md lists them.
    """
    line = entry.dateline or Dateline()
    for name, text in (
        ("alternative", entry.original_title),
        ("provenance", entry.credit_line),
        ("spatial", line.place),
        ("temporal", line.date),
        ("mediator", line.agency),
    ):
        _write_texts(parent, f"{{{DCTERMS}}}{name}", (text,))


def _write_texts(parent: _Element, name: str, texts: Iterable[str]) -> None:
    for text in texts:
        if text.strip():
            SubElement(parent, name).text = text


def _write_links(parent: _Element, links: Iterable[Link], *, namespace: str = "") -> None:
    for link in links:
        attributes = {"rel": link.rel, "href": uri(link.href)}
        if link.type is not None:
            attributes["type"] = link.type
        if link.length is not None:
            attributes["length"] = str(link.length)
        SubElement(parent, f"{namespace}link", attributes)


def told_apart(entry: Entry) -> str:
    """Return the time of the last change in Atom, to the microsecond and of this entry alone.

    Pages give minutes or days, so entries share their times, and the public validator warns of two
    entries of one feed updated at once. The fraction comes from the original's address: it is the
    same at every hop. The other formats have whole seconds.
    """
    fraction = crc32((entry.origin_url or entry.guid).encode()) % 999_999
    return beijing(entry.updated_at).replace(microsecond=fraction).isoformat()


def end_of_second(at: datetime) -> str:
    """Return a feed's time in Atom: none of its entries of the same second is newer."""
    return beijing(at).replace(microsecond=999_999).isoformat()


def _set_text(parent: _Element, name: str, text: str) -> None:
    found = parent.find(name)
    if found is not None:
        found.text = text


def _moment(at: datetime) -> str:
    return beijing(at).isoformat()
