"""Bytes → text → HTML tree, with the refusals that every HTML reader here shares."""

from __future__ import annotations

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

# One attribute at a time, never reconsidered (atomic), so that the search stays linear.
_CROWDED_TAG = re.compile(
    r"<[a-zA-Z][^\s/>]*(?>[\s/]+[^\s=/>]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?)"
    rf"{{{MOST_ATTRIBUTES + 1}}}"
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
    """The text of a job's document: `base_url` is where its relative links start."""

    text: str
    charset: str
    base_url: str
    repairs: tuple[Repair, ...] = ()


def read_text(job: ParseJob) -> Source:
    """Decode the document of a job."""
    decoded = decode(job.body, content_type=job.content_type, override=job.charset)
    return Source(
        text=decoded.text, charset=decoded.charset, base_url=job.url, repairs=decoded.repairs
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


def read_tree(text: str, subject: str) -> HtmlElement:
    """Parse HTML, however broken.

    Raises BrokenDocument when there is no element at all, TooComplex for a shape that libxml2
    would chew on for minutes.
    """
    if _CROWDED_TAG.search(text):
        raise TooComplex(subject, f"an element with more than {MOST_ATTRIBUTES} attributes")
    text = unfold_records(text)
    # The enp system marks the body with comments only; as elements they survive.
    if "enpcontent" in text:
        text = re.sub(r"<!--\s*enpcontent\s*-->", '<div id="enpcontent">', text)
        text = re.sub(r"<!--\s*/enpcontent\s*-->", "</div>", text)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise BrokenDocument(subject, "there is no readable markup in the page") from error


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
