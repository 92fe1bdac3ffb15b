"""Elements of RSS, RDF and Atom → what an item tells: which element means what, in one table."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from feedsvc.domain.item import Enclosure, Marker
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.item_html import Kind
from feedsvc.parse.feeds.xml_source import name_of
from feedsvc.text.dates import read_date
from feedsvc.text.scrub import one_line

ATOM = "http://www.w3.org/2005/Atom"
ATOM_03 = "http://purl.org/atom/ns#"
RSS_10 = "http://purl.org/rss/1.0/"
RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"

_RSS_NAMES = [
    "title",
    "link",
    "description",
    "guid",
    "pubDate",
    "author",
    "category",
    "enclosure",
    "source",
    "item",
    "channel",
    "language",
    "image",
    "textinput",
]
_ATOM_NAMES = [
    "title",
    "link",
    "summary",
    "content",
    "published",
    "updated",
    "author",
    "contributor",
    "category",
    "rights",
    "source",
    "entry",
    "id",
    "name",
    "email",
    "issued",
    "modified",
    "created",
]
_EXTENSIONS = {
    "http://purl.org/dc/elements/1.1/": (
        "dc",
        "title creator contributor date source rights subject publisher language",
    ),
    "http://purl.org/dc/terms/": (
        "dcterms",
        "alternative created issued modified source rights creator contributor",
    ),
    "http://purl.org/rss/1.0/modules/content/": ("content", "encoded"),
    "http://search.yahoo.com/mrss/": ("media", "content thumbnail group copyright"),
    "http://rssnamespace.org/feedburner/ext/1.0": ("feedburner", "origLink"),
    _TOMBSTONES: ("at", "deleted-entry comment"),
}
# Most items have few of these; whole groups are passed over where none is there.
_AUTHORS = ("author", "dc:creator", "dcterms:creator", "atom:author")
_EDITORS = ("dc:contributor", "dcterms:contributor", "atom:contributor")
_PEOPLE = frozenset((*_AUTHORS, *_EDITORS))
_PROVENANCE = frozenset(
    {"dc:publisher", "dc:source", "dcterms:source", "source", "atom:source", "atom:rights"}
    | {"dc:rights", "dcterms:rights", "media:copyright", "dcterms:alternative", "dc:language"}
)
_FILES = frozenset({"enclosure", "atom:link", "media:content", "media:group", "media:thumbnail"})
Found = dict[str, list[etree._Element]]
Names = dict[object, str]  # an element's tag → our word


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The document while its items are read.

    `based` says whether xml:base stands anywhere in it, `clean` that no forbidden character does.
    """

    job: ParseJob
    names: Names
    based: bool = False
    clean: bool = False

    def body_base(self, element: etree._Element) -> str:
        """What relative links in an element start from: xml:base, else Content-Location; "" for neither."""
        base = element.base if self.based else None
        if base:
            return urljoin(self.job.base_url, base)
        return self.job.base_url if self.job.content_location else ""


@functools.lru_cache(maxsize=64)
def names_for(root_namespace: str) -> Names:
    """The table tag → our word, with the core names also in the namespace that a document uses."""
    table: Names = {}
    for namespace, (prefix, names) in _EXTENSIONS.items():
        table.update({f"{{{namespace}}}{name}": f"{prefix}:{name}" for name in names.split()})
    atom_like = root_namespace == ATOM_03 or "atom" in root_namespace.lower()
    for namespace in (ATOM, ATOM_03, *([root_namespace] if atom_like else [])):
        table.update({f"{{{namespace}}}{name}": f"atom:{name}" for name in _ATOM_NAMES})
    for namespace in ("", RSS_10, RSS_090, *([] if atom_like else [root_namespace])):
        ns = f"{{{namespace}}}" if namespace else ""
        table.update({f"{ns}{name}": name for name in _RSS_NAMES})
    # A feed that names no namespace at all is Atom by its words.
    for name in ("entry", "summary", "content", "published", "updated", "id", "contributor"):
        table[name] = f"atom:{name}"
    return table


def children_of(element: etree._Element, names: Names) -> Found:
    """Sort an element's children by our word for them; those we have no word for are left out."""
    found: Found = {}
    for child in element:
        name = names.get(child.tag)
        if name is None:
            continue
        if name in found:
            found[name].append(child)
        else:
            found[name] = [child]
    return found


def text_of(found: Found, *names: str) -> str:
    """The text of the first named child that has one; "" for none."""
    for name in names:
        if name not in found:
            continue
        for element in found[name]:
            text = inner_text(element)
            if text and not text.isspace():
                return text
    return ""


def inner_text(element: etree._Element) -> str:
    """All text in an element, markup left out."""
    if len(element):
        return "".join(str(part) for part in element.itertext())
    return element.text or ""


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
    if not _PROVENANCE.isdisjoint(found):
        _provenance(told, found, reading.names)
    told.categories = _categories(found)
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
        told.guid_is_link = guid.get("isPermaLink", "true").strip().lower() != "false"
    told.guid = told.guid or text_of(found, "atom:id") or element.get(f"{_RDF}about", "")
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
    for told_of, words in ((told.authors, _AUTHORS), (told.editors, _EDITORS)):
        for word in words:
            if word not in found:
                continue
            read = _person if word.startswith("atom:") else inner_text
            told_of += [read(element) for element in found[word]]


def _person(element: etree._Element) -> str:
    for child in element:
        if name_of(child)[1] == "name":
            return inner_text(child)
    return "" if len(element) else element.text or ""


def _provenance(told: Told, found: Found, names: Names) -> None:
    told.attribution = text_of(found, "dc:publisher")
    for word in ("dc:source", "dcterms:source"):
        said = text_of(found, word).strip()
        if said.startswith(("http://", "https://")):
            told.origin = told.origin or said
        else:
            told.attribution = told.attribution or said
    told.attribution = told.attribution or text_of(found, "source")
    if not told.attribution:
        for source in found.get("atom:source", ()):
            told.attribution = text_of(children_of(source, names), "atom:title")
    told.rights = text_of(found, "atom:rights", "dc:rights", "dcterms:rights", "media:copyright")
    told.original_title = text_of(found, "dcterms:alternative")
    told.language = text_of(found, "dc:language")


def _categories(found: Found) -> list[str]:
    told = [inner_text(each) for each in found["category"]] if "category" in found else []
    if "atom:category" in found:
        told += [each.get("label") or each.get("term") or "" for each in found["atom:category"]]
    if "dc:subject" in found:
        told += [inner_text(each) for each in found["dc:subject"]]
    return told


def _enclosures(found: Found, names: Names) -> list[Enclosure]:
    told = [_file(each, "url", "length") for each in found.get("enclosure", ())]
    links = [each for each in found.get("atom:link", ()) if each.get("rel") == "enclosure"]
    told += [_file(each, "href", "length") for each in links]
    media: list[etree._Element] = [*found.get("media:content", ())]
    for group in found.get("media:group", ()):
        media += children_of(group, names).get("media:content", ())
    for each in media:
        told.append(_file(each, "url", "fileSize"))
        found.setdefault("media:thumbnail", []).extend(
            children_of(each, names).get("media:thumbnail", ())
        )
    told += [_file(each, "url", "") for each in found.get("media:thumbnail", ())]
    return [each for each in told if each.url]


def _file(element: etree._Element, address: str, size: str) -> Enclosure:
    length = (element.get(size) or "").strip() if size else ""
    return Enclosure(
        url=element.get(address) or "",
        media_type=element.get("type") or "",
        length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
    )
