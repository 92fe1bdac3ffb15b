"""Broken XML → the items in it that are whole.

A recovering parser would close what is open at the end of the text and hand out half items as whole
ones. Here the text is cut into complete item spans, each parsed strictly and alone: one that stays
broken is a rejection, the others live.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

from lxml import etree

from feedsvc.domain.parsed import Rejection
from feedsvc.parse.feeds.xml_source import parse_strictly, xml_parser
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line

_ROOT = re.compile(
    r"<(?:[\w.-]+:)?(?P<name>rss|feed|RDF|channel|urlset|sitemapindex|document)(?=[\s>])[^<>]*>"
)
_ITEMS = {"urlset": "url", "sitemapindex": "sitemap"}
_NAMESPACE = re.compile(r"""\sxmlns(:[\w.-]+)?\s*=\s*("[^"<]*"|'[^'<]*')""")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]")
_OWN_PREFIX = re.compile(r"<([\w.-]+):")
_CDATA = "<![CDATA["
_TITLE = re.compile(r"<title[^>]*>(.{1,300}?)(?:</|$)", re.DOTALL)
_AMPERSAND = re.compile(
    r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,30};)?"
)
_BARE_LESS = re.compile(r"<(?![A-Za-z_/!?])")
_KNOWN_PREFIXES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "at": "http://purl.org/atompub/tombstones/1.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What could be saved: the feed's head as a tree without items, and each item or why it is lost.

    An item is its element and whether it had to be mended.
    """

    head: etree._Element
    items: tuple[tuple[etree._Element, bool] | Rejection, ...]


def salvage(text: str, subject: str) -> Salvaged | None:
    """Cut broken XML into its complete items; None where there is no root of a feed to be seen."""
    root = _ROOT.search(text)
    if root is None:
        return None
    spans = list(_spans(text, root.end(), _ITEMS.get(root["name"], "item|entry")))
    first = next((start for start, _ in spans), len(text))
    head = _head(text[root.start() : first])
    if head is None:
        return None
    around = _surroundings(text[root.start() : first], set(_PREFIX.findall(text)), root["name"])
    items: list[tuple[etree._Element, bool] | Rejection] = []
    for number, (start, end) in enumerate(spans, 1):
        if end is None:
            items.append(_rejected(text[start : start + 2000], number, "it is never closed"))
            continue
        items.append(_parsed(text[start:end], around, number, subject))
    return Salvaged(head=head, items=tuple(items))


def _spans(text: str, start: int, names: str) -> Iterator[tuple[int, int | None]]:
    """Where items begin and end; the end is None for one that the next item or the document cuts."""
    item = re.compile(rf"<(?P<close>/?)(?:[\w.-]+:)?(?P<name>{names})(?=[\s>/])[^<>]*>|<!\[CDATA\[")
    opened: int | None = None
    past = start
    for token in item.finditer(text, start):
        if token.start() < past:
            continue
        if token["name"] is None:
            past = _end_of_cdata(text, token.end())
        elif token["close"]:
            if opened is not None:
                yield opened, token.end()
            opened = None
        elif token.group().endswith("/>"):
            continue
        else:
            if opened is not None:
                yield opened, None
            opened = token.start()
    if opened is not None:
        yield opened, None


def _end_of_cdata(text: str, start: int) -> int:
    """Where a CDATA section ends; its start if it was left open, so that it cannot swallow items."""
    following = text.find(_CDATA, start)
    end = text.find("]]>", start, following if following >= 0 else len(text))
    return end + 3 if end >= 0 else start


def _head(text: str) -> etree._Element | None:
    try:
        return etree.fromstring(_mended(text).encode("utf-8", "replace"), xml_parser(recover=True))
    except etree.XMLSyntaxError:
        return None


def _surroundings(head: str, used: set[str], root: str) -> tuple[str, str]:
    """A root element that declares each prefix in use, as the document does or as everybody does."""
    own_prefix = _OWN_PREFIX.match(head)
    declared: dict[str, str] = dict(_NAMESPACE.findall(head))
    for prefix in sorted(used - {"xml", "xmlns"}):
        uri = _KNOWN_PREFIXES.get(prefix, f"urn:undeclared:{prefix}")
        if root == "feed" and own_prefix and own_prefix[1] == prefix:
            uri = _KNOWN_PREFIXES["atom"]
        declared.setdefault(f":{prefix}", f'"{uri}"')
    attributes = "".join(f" xmlns{name}={uri}" for name, uri in declared.items())
    return f"<salvaged{attributes}>", "</salvaged>"


def _parsed(
    span: str, around: tuple[str, str], number: int, subject: str
) -> tuple[etree._Element, bool] | Rejection:
    opening, closing = around
    reason = ""
    for mended, candidate in ((False, span), (True, _mended(span))):
        tree = parse_strictly(f"{opening}{candidate}{closing}", subject)
        if isinstance(tree, str):
            reason = reason or tree
        elif len(tree) == 1:
            return tree[0], mended
    return _rejected(span, number, reason)


def _mended(span: str) -> str:
    """Escape bare ampersands and less-than signs, and write HTML's entities as characters."""
    parts: list[str] = []
    at = 0
    while (section := span.find(_CDATA, at)) >= 0:
        end = _end_of_cdata(span, section + len(_CDATA))
        parts += (_escaped(span[at:section]), span[section:end])
        at = end
    return "".join((*parts, _escaped(span[at:])))


def _escaped(markup: str) -> str:
    return _BARE_LESS.sub("&lt;", _AMPERSAND.sub(_character, markup))


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    character = html5.get(name)
    return character.replace("<", "&lt;") if character else f"&amp;{name}"


def _rejected(span: str, number: int, reason: str) -> Rejection:
    found = _TITLE.search(span)
    title = plain_text(found[1].replace("<![CDATA[", "").replace("]]>", "")) if found else ""
    return Rejection(
        subject=one_line(title, 100) or f"item {number}",
        kind="broken_item",
        message=one_line(reason.partition("\n")[0], 200),
    )
