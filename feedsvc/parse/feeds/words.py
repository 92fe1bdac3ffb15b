"""The words of RSS, RDF, Atom and the modules that matter: an element's name → our word for it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from feedsvc.domain.parsed import ParseJob

ATOM = "http://www.w3.org/2005/Atom"
ATOM_03 = "http://purl.org/atom/ns#"
RSS_10 = "http://purl.org/rss/1.0/"
RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"

_RSS_NAMES = (
    "title link description guid pubDate author category enclosure source item channel language image"
    " textinput generator"
)
_ATOM_NAMES = (
    "title link summary content published updated author contributor category rights source entry id"
    " name email issued modified created generator"
)
_MEDIA = ("media", "content thumbnail group copyright")
_EXTENSIONS = {
    "http://purl.org/dc/elements/1.1/": (
        "dc",
        "title creator contributor date source rights subject publisher language",
    ),
    "http://purl.org/dc/terms/": (
        "dcterms",
        "alternative created issued modified source rights creator contributor publisher"
        " provenance spatial temporal mediator",
    ),
    "http://purl.org/rss/1.0/modules/content/": ("content", "encoded"),
    "http://search.yahoo.com/mrss/": _MEDIA,
    "http://search.yahoo.com/mrss": _MEDIA,
    "http://rssnamespace.org/feedburner/ext/1.0": ("feedburner", "origLink"),
    "http://backend.userland.com/creativeCommonsRssModule": ("cc", "license"),
    "http://creativecommons.org/ns#": ("cc", "license"),
    "http://web.resource.org/cc/": ("cc", "license"),
    _TOMBSTONES: ("at", "deleted-entry comment"),
}
Found = dict[str, list[etree._Element]]
Names = dict[object, str]  # an element's tag → our word


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The document while its items are read.

    `based` says whether xml:base stands anywhere in it, `clean` that no forbidden character does.
    `own_names` are what the feed calls itself: no origin of what it passes on. `own_url` is its
    address as it gives it.
    """

    job: ParseJob
    names: Names
    based: bool = False
    clean: bool = False
    own_names: frozenset[str] = frozenset()
    own_url: str = ""

    def is_house(self, scheme: str) -> bool:
        """Whether categories of this scheme are the feed's own house's: the folder that it stands in."""
        return scheme.endswith("/feeds/") and (
            self.own_url.startswith(scheme) or self.job.url.startswith(scheme)
        )

    def body_base(self, element: etree._Element) -> str:
        """What relative links in an element start from: xml:base, else Content-Location; "" for neither."""
        base = element.base if self.based else None
        if base:
            return urljoin(self.job.base_url, base)
        return self.job.base_url if self.job.content_location else ""


@functools.lru_cache(maxsize=64)
def names_for(root_namespace: str, root_name: str = "") -> Names:
    """The table tag → our word, with the core names also in the namespace that a document uses."""
    table: Names = {}
    for namespace, (prefix, names) in _EXTENSIONS.items():
        table.update({f"{{{namespace}}}{name}": f"{prefix}:{name}" for name in names.split()})
    atom_like = root_namespace == ATOM_03 or "atom" in root_namespace.lower()
    for namespace in (ATOM, ATOM_03, *([root_namespace] if atom_like else [])):
        table.update({f"{{{namespace}}}{name}": f"atom:{name}" for name in _ATOM_NAMES.split()})
    for namespace in ("", RSS_10, RSS_090, *([] if atom_like else [root_namespace])):
        ns = f"{{{namespace}}}" if namespace else ""
        table.update({f"{ns}{name}": name for name in _RSS_NAMES.split()})
    table["pubdate"] = "pubDate"
    if root_name == "feed" and not root_namespace:
        # A feed that names no namespace is Atom by its words.
        table.update({name: f"atom:{name}" for name in _ATOM_NAMES.split()})
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
