"""Bytes → text → HTML tree, with the refusals that every HTML reader here shares."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree, html
from lxml.html import HtmlElement

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParseJob
from feedsvc.errors import Blocked, BrokenDocument, TooComplex
from feedsvc.parse.unfolded import unfold_records
from feedsvc.text.challenge import is_challenge
from feedsvc.text.charset import decode

# Deeper than this libxml2 stops reading, and so do we (notes: nested markup is quadratic elsewhere).
DEEPEST = 250
CHALLENGED = (
    "the page is a challenge that only a browser's scripts can answer;"
    " ask the partner for a feed or for access"
)
# More on one element are no markup; libxml2 needs minutes for 200,000 of them.
MOST_ATTRIBUTES = 256

# One attribute at a time, never reconsidered (possessive), so that the search stays linear.
_CROWDED_TAG = re.compile(
    r"<[a-zA-Z][^\s/>]*+(?:[\s/]++[^\s=/>]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+)"
    rf"{{{MOST_ATTRIBUTES + 1}}}+"
)
_ENP_MARK = re.compile(r"<!--\s*(?P<closing>/?)enpcontent\s*-->")
# lxml.html chooses a class for each element in Python, each time that one is looked at: more than
# half of what walking a page costs. All that we ask elements for, HtmlElement has.
_ELEMENTS = etree.ElementDefaultClassLookup(
    element=HtmlElement,
    comment=html.HtmlComment,
    pi=html.HtmlProcessingInstruction,
    entity=html.HtmlEntity,
)
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|table|td|br|span|ul|a|h[1-6]|script|form)\b",
    re.I,
)
_FEED = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*|<!DOCTYPE[^>]*>\s*)*<(?:rss|feed|rdf:RDF)[\s>]",
    re.S,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of a job's document: `base_url` is where its relative links start.

    `utf8` is the document itself where it is plain UTF-8 already, so that nobody need encode it.
    """

    text: str
    charset: str
    base_url: str
    repairs: tuple[Repair, ...] = ()
    utf8: bytes | None = None


def read_text(job: ParseJob) -> Source:
    """Decode the document of a job."""
    decoded = decode(job.body, content_type=job.content_type, override=job.charset)
    is_plain = decoded.charset == "utf-8" and len(decoded.repairs) == 0
    return Source(
        text=decoded.text,
        charset=decoded.charset,
        base_url=job.url,
        repairs=decoded.repairs,
        utf8=job.body if is_plain and not job.body.startswith(codecs.BOM_UTF8) else None,
    )


def is_markup(text: str) -> bool:
    """Whether a text is HTML; saved plain text has no tags."""
    return _MARKUP.search(text) is not None


def is_feed(text: str) -> bool:
    """Whether a document is RSS, Atom or JSON Feed by its first element."""
    start = text[:4096].lstrip("\ufeff \t\r\n")
    return _FEED.match(start) is not None or (
        start.startswith("{") and "jsonfeed.org/version" in text[:4096]
    )


def refuse_challenge(text: str, subject: str) -> None:
    """Raise Blocked for a page that only tests its visitor.

    Such a page is answered by a partner's gatekeeper, not by the partner: reading it as an empty
    page would lose articles.
    """
    if is_challenge(text):
        raise Blocked(subject, CHALLENGED)


def read_tree(text: str, subject: str, utf8: bytes | None = None) -> HtmlElement:
    """Parse HTML, however broken; `utf8` is the same in bytes, where they are at hand.

    Raises BrokenDocument when there is no element at all, TooComplex for a shape that libxml2
    would chew on for minutes.
    """
    if _CROWDED_TAG.search(text):
        raise TooComplex(subject, f"an element with more than {MOST_ATTRIBUTES} attributes")
    unfolded = unfold_records(text)
    # The enp system marks the body with comments only; as elements they survive.
    if "enpcontent" in unfolded:
        unfolded = _ENP_MARK.sub(_enp_element, unfolded)
    if utf8 is None or unfolded is not text:
        utf8 = unfolded.encode("utf-8", "ignore")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        return html.document_fromstring(utf8, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise BrokenDocument(subject, "there is no readable markup in the page") from error


def _enp_element(mark: re.Match[str]) -> str:
    return "</div>" if mark["closing"] else '<div id="enpcontent">'


def base_of(tree: HtmlElement, url: str) -> str:
    """Where relative links start: `<base href>` if the page names one, else its own address.

    A saved page has no address but the one that it calls its own (canonical, og:url).
    """
    for base in tree.iterfind(".//base[@href]"):
        return urljoin(url, base.get("href", "").strip())
    if url:
        return url
    own = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    return next((str(each).strip() for each in own if str(each).strip().startswith("http")), "")
