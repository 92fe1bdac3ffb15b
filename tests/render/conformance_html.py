"""HTML inside feeds: what no reader may be sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from html5lib import HTMLParser
from html5lib.html5parser import ParseError
from lxml import html as lxml_html

from tests.render.conformance_core import Book

HTML: Book[str] = Book()

# What the public validator holds to be harmless; anything else is "SecurityRisk" or "NotHtml".
_ELEMENT_NAMES = (
    "a abbr acronym address article aside audio b bdi bdo big blockquote br caption center cite code "
    "col colgroup data dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 "
    "header hr i img ins kbd li main map mark nav ol p picture pre q rp rt ruby s samp section small "
    "source span strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var "
    "video wbr"
)
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTE_NAMES = (
    "abbr align alt border cite class colspan controls datetime dir headers height href hreflang id lang "
    "loading name open poster preload rel reversed rowspan scope span src srcset start summary title "
    "type valign value width"
)
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_ADDRESSES = ("href", "src", "poster", "cite")


@lru_cache(maxsize=512)
def _elements(markup: str) -> tuple[lxml_html.HtmlElement, ...]:
    if not markup.strip():
        return ()
    return tuple(lxml_html.fragment_fromstring(markup, create_parent="div").iterdescendants("*"))


@HTML.rule("HTML 13.2 [NotHtml]")
def html_is_well_formed(markup: str) -> Iterator[str]:
    try:
        HTMLParser(strict=True).parseFragment(markup)
    except ParseError as error:
        yield f"{error} in {markup[:80]!r}"


@HTML.rule("RFC 4287 8.1 [SecurityRisk]")
def html_has_only_harmless_elements(markup: str) -> Iterator[str]:
    for each in _elements(markup):
        if each.tag not in _ELEMENTS:
            yield f"<{each.tag!s}>"


@HTML.rule("RFC 4287 8.1 [SecurityRiskAttr, DangerousStyleAttr]")
def html_has_only_harmless_attributes(markup: str) -> Iterator[str]:
    for each in _elements(markup):
        for name in map(str, each.attrib):
            if name not in _ATTRIBUTES:
                yield f"<{each.tag!s} {name}=…>"


@HTML.rule("RFC 4287 8.1; not seen by the public validator")
def html_runs_nothing_by_a_link(markup: str) -> Iterator[str]:
    for each, address in _links(markup):
        scheme = re.match(r"[a-z][a-z0-9+.-]*(?=:)", re.sub(r"[\s\x00-\x20]", "", address.lower()))
        if scheme and scheme.group() not in {"http", "https", "mailto"}:
            yield f"<{each.tag!s}> leads to {address[:40]!r}"


@HTML.rule(
    "RSS 2.0 Best Practices, Relative URLs [ContainsRelRef]; in Atom not seen by the validator"
)
def html_addresses_are_absolute(markup: str) -> Iterator[str]:
    for each, address in _links(markup):
        parts = urlsplit(address.strip())
        if not parts.scheme or (parts.scheme in {"http", "https"} and not parts.netloc):
            yield f"<{each.tag!s}> leads to {address[:60]!r}"


def _links(markup: str) -> Iterator[tuple[lxml_html.HtmlElement, str]]:
    for each in _elements(markup):
        for name in _ADDRESSES:
            if (address := each.get(name)) is not None:
                yield each, address
        for candidate in (each.get("srcset") or "").split(","):
            if candidate.strip():
                yield each, candidate.split()[0]
