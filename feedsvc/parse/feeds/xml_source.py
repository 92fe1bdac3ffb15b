"""Decoded XML → a tree, strictly; what would be dangerous is refused by its shape first."""

from __future__ import annotations

import functools
import re

from lxml import etree

from feedsvc.errors import TooComplex
from feedsvc.parse.feeds.item_html import FORBIDDEN_MARK

MOST_DEPTH = 64
MOST_ATTRIBUTES = 256
MOST_TAGS = 1_000_000  # a sitemap of 50,000 addresses, as big as one may be, has half of that

# Our text is decoded already: a declaration would only contradict the bytes that we hand on.
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,400}\?>")
# White space, comments and processing instructions: a DOCTYPE further down is somebody's words.
_BEFORE_ROOT = re.compile(r"(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[<>]*(?:\[[^\]]*\]\s*)?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|(\d{1,8}));")
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_\x80-\xff]")
_BASED = etree.XPath("boolean(//@xml:base)")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MOST_DEPTH + 1)})")
_TOO_WIDE = etree.XPath(f"boolean(//@*[{MOST_ATTRIBUTES + 1}])")


@functools.cache
def xml_parser(*, recover: bool = False) -> etree.XMLParser:
    """The one way in which strangers' XML is parsed: no entities, no DTD, no network, no huge trees."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=recover,
        encoding="utf-8",
    )


def without_prolog(text: str, subject: str) -> str:
    """Take declaration and DOCTYPE off; raise TooComplex where the document declares entities.

    A bare external DOCTYPE (RSS 0.91 has one) is dropped unread.
    """
    start = text.find("<")
    if text.startswith("<?xml", start):
        text = _DECLARATION.sub("", text[start:], count=1)
    before = _BEFORE_ROOT.match(text)
    at = before.end() if before else 0
    if text.startswith("<!DOCTYPE", at):
        if "<!ENTITY" in text:
            raise TooComplex(subject, "the document declares XML entities, which no feed needs")
        found = _DOCTYPE.match(text, at)
        text = text[:at] + text[found.end() :] if found else text
    return text.strip()


def check_size(body: bytes, subject: str) -> None:
    """Raise TooComplex where a tree of the document would fill the worker's memory.

    A tree takes some 150 bytes an element (measured), which makes much of `<a/><a/>…`. Markup in
    CDATA builds none.
    """
    if len(body) < 3 * MOST_TAGS or body.count(b"<") <= MOST_TAGS:
        return
    if _CDATA.sub(b"", body).count(b"<") > MOST_TAGS:
        raise TooComplex(subject, f"more than {MOST_TAGS} tags in one document")


def parse_strictly(text: str, subject: str) -> etree._Element | str:
    """Parse well-formed XML without a declaration; the reason as a string where it is not.

    Raises TooComplex above 64 levels or 256 attributes of one element.
    """
    return _parsed(text.encode("utf-8", "replace"), subject)


def parse_at_once(body: bytes, subject: str) -> etree._Element | None:
    """Parse well-formed UTF-8 bytes as they came, which saves reading and writing them as text.

    libxml2 takes valid UTF-8 only (tried with 1.2 million sequences; a test repeats some). None
    where the long way has to look: at a DOCTYPE (or comment) before the root element, at what is
    not well-formed. Raises as `parse_strictly`.
    """
    root = _ROOT.search(body)
    if root is None or b"<!" in body[: root.start()]:
        return None
    tree = _parsed(body, subject)
    return None if isinstance(tree, str) else tree


def _parsed(body: bytes, subject: str) -> etree._Element | str:
    try:
        root = etree.fromstring(body, xml_parser())
    except etree.XMLSyntaxError as error:
        if "depth" in error.msg:
            raise TooComplex(subject, f"XML nested deeper than {MOST_DEPTH} elements") from error
        return error.msg
    if _TOO_DEEP(root):
        raise TooComplex(subject, f"XML nested deeper than {MOST_DEPTH} elements")
    if _TOO_WIDE(root):
        raise TooComplex(subject, f"an element with more than {MOST_ATTRIBUTES} attributes")
    return root


def mark_forbidden(text: str) -> tuple[str, int]:
    """Put a mark in place of each character or reference that XML forbids; the count of them too."""
    text, characters = _FORBIDDEN.subn(FORBIDDEN_MARK, text)
    references = 0

    def marked(found: re.Match[str]) -> str:
        nonlocal references
        code = int(found[1], 16) if found[1] else int(found[2])
        if code > 0x10FFFF or _FORBIDDEN.match(chr(code)):
            references += 1
            return FORBIDDEN_MARK
        return found.group()

    if "&#" in text:
        text = _REFERENCE.sub(marked, text)
    return text, characters + references


def has_base(root: etree._Element) -> bool:
    """Whether xml:base stands anywhere in a tree; asking each element for its base would cost more."""
    return bool(_BASED(root))


def name_of(element: etree._Element) -> tuple[str, str]:
    """An element's namespace and local name; a prefix that a broken document never declares is dropped."""
    namespace, _, name = str(element.tag).rpartition("}")
    return namespace[1:], name.rpartition(":")[2]
