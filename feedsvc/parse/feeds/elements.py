"""Elements of RSS, RDF and Atom → what an item tells: which of its elements says it."""

from __future__ import annotations

from lxml import etree

from feedsvc.domain.item import Enclosure, Marker
from feedsvc.parse.feeds.categories import read_categories
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.item_html import Kind
from feedsvc.parse.feeds.provenance import PROVENANCE, read_provenance
from feedsvc.parse.feeds.words import RDF, Found, Names, Reading, children_of, inner_text, text_of
from feedsvc.parse.feeds.xml_source import name_of
from feedsvc.text.dates import read_date
from feedsvc.text.scrub import one_line

# Most items have few of these; whole groups are passed over where none is there.
_AUTHORS = ("author", "dc:creator", "dcterms:creator", "atom:author")
_EDITORS = ("dc:contributor", "dcterms:contributor", "atom:contributor")
_PEOPLE = frozenset((*_AUTHORS, *_EDITORS))
# What says nothing of origin or files, and is all that most items have.
_PLAIN = frozenset(
    {"title", "link", "description", "content:encoded", "guid", "pubDate", "category", *_PEOPLE}
)
_FILES = frozenset({"enclosure", "atom:link", "media:content", "media:group", "media:thumbnail"})


def read_item(element: etree._Element, reading: Reading) -> Told:
    """Collect what an `<item>` or `<entry>` says."""
    found = children_of(element, reading.names)
    base = reading.body_base(element)
    told = Told(base_url=base or reading.job.url, body_base_url=base, clean=reading.clean)
    _identity(told, element, found)
    told.title, told.title_kind = _title(found)
    _bodies(told, found, reading)
    told.published = text_of(
        found, "pubDate", "atom:published", "dc:date", "atom:issued", "dcterms:issued",
        "dcterms:created", "atom:created",
    )  # fmt: skip
    told.updated = text_of(found, "atom:updated", "dcterms:modified", "atom:modified")
    if not _PEOPLE.isdisjoint(found):
        _people(told, found)
    read_categories(told, found, reading)
    if found.keys() <= _PLAIN:
        return told
    if not PROVENANCE.isdisjoint(found):
        read_provenance(told, found, reading)
    if not _FILES.isdisjoint(found):
        told.enclosures = _enclosures(found, reading.names)
    return told


def read_tombstone(element: etree._Element, reading: Reading) -> Told:
    """Read an `at:deleted-entry` (RFC 6721): `ref` is the guid, `when` the time of the withdrawal."""
    found = children_of(element, reading.names)
    when = element.get("when", "")
    read = read_date(when, zone=reading.job.timezone, seen_at=reading.job.seen_at) if when else None
    marker = Marker(
        status="withdrawn",
        reason=one_line(text_of(found, "at:comment"), 200),
        at=read.at if read else None,
    )
    return Told(
        base_url=reading.job.base_url,
        guid=element.get("ref", ""),
        updated=when,
        marker=marker,
    )


def _identity(told: Told, element: etree._Element, found: Found) -> None:
    for guid in found.get("guid", ()):
        told.guid = guid.text or ""
        stated = guid.get("isPermaLink")
        told.guid_is_link = stated is None or stated.strip().lower() != "false"
    told.guid = told.guid or text_of(found, "atom:id") or element.get(f"{RDF}about", "")
    told.link = text_of(found, "feedburner:origLink", "link")
    if "atom:link" not in found:
        return
    for link in found["atom:link"]:
        rel = link.get("rel", "alternate")
        href = link.get("href") or ""
        if rel == "alternate" and not told.link:
            told.link = href
        elif rel == "via" and not told.origin:
            told.origin = href


def _title(found: Found) -> tuple[str, Kind]:
    for title in found.get("title", ()):
        return inner_text(title), "text" if len(title) else "guess"
    for title in found.get("atom:title", ()):
        escaped = title.get("type", "") in {"html", "text/html"}
        return inner_text(title), "html" if escaped and not len(title) else "text"
    return text_of(found, "dc:title"), "text"


def _bodies(told: Told, found: Found, reading: Reading) -> None:
    told.summary = text_of(found, "description")
    told.content = text_of(found, "content:encoded")
    if not told.summary:
        for element in found.get("atom:summary", ()):
            told.summary, told.summary_kind = _construct(element)
    if not told.content:
        for element in found.get("atom:content", ()):
            told.content, told.content_kind = _construct(element)
            told.body_base_url = reading.body_base(element)
            if not told.link and (elsewhere := element.get("src")):
                told.link = elsewhere


def _construct(element: etree._Element) -> tuple[str, Kind]:
    """An Atom text construct or content: its markup or text, and which of both it is."""
    kind = element.get("type", "text").strip().lower()
    if len(element):
        return _inner_markup(element), "html"
    if kind in {"html", "text/html", "xhtml"} or element.get("mode") == "escaped":
        return element.text or "", "html"
    if kind in {"text", "text/plain"}:
        return element.text or "", "text"
    return "", "text"  # base64 or another format: no words for a reader


def _inner_markup(element: etree._Element) -> str:
    """Inline XHTML as HTML; prefixes go, because HTML knows no `<x:div>`."""
    for inner in element.iterdescendants("*"):
        inner.tag = name_of(inner)[1]
    markup = [element.text or ""]
    markup += [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(markup)


def _people(told: Told, found: Found) -> None:
    told.authors = _names(found, _AUTHORS)
    told.editors = _names(found, _EDITORS)


def _names(found: Found, words: tuple[str, ...]) -> list[str]:
    names: list[str] = []
    for word in words:
        if word in found:
            read = _person if word.startswith("atom:") else inner_text
            names += [read(element) for element in found[word]]
    return names


def _person(element: etree._Element) -> str:
    for child in element:
        if name_of(child)[1] == "name":
            return inner_text(child)
    return "" if len(element) else element.text or ""


def _enclosures(found: Found, names: Names) -> list[Enclosure]:
    told = [_file(each, "url", "length") for each in found.get("enclosure", ())]
    links = [each for each in found.get("atom:link", ()) if each.get("rel") == "enclosure"]
    told += [_file(each, "href", "length") for each in links]
    media: list[etree._Element] = [*found.get("media:content", ())]
    for group in found.get("media:group", ()):
        grouped = children_of(group, names)
        media += grouped.get("media:content", ())
        found.setdefault("media:thumbnail", []).extend(grouped.get("media:thumbnail", ()))
    for each in media:
        told.append(_file(each, "url", "fileSize"))
        found.setdefault("media:thumbnail", []).extend(
            children_of(each, names).get("media:thumbnail", ())
        )
    told += [_file(each, "url", "") for each in found.get("media:thumbnail", ())]
    return [each for each in told if each.url]


def _file(element: etree._Element, address: str, size: str) -> Enclosure:
    return Enclosure(
        url=element.get(address) or "",
        media_type=element.get("type") or "",
        length=_number(element.get(size) if size else None),
        duration=_number(element.get("duration")),
    )


def _number(stated: str | None) -> int | None:
    digits = (stated or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None
