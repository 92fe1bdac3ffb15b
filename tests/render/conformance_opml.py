"""OPML 2.0, a directory of feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from lxml import etree

from tests.render.conformance_core import (
    Book,
    Document,
    language_tag,
    repeated,
    rfc822,
    web_address,
)
from tests.render.conformance_html import HTML
from tests.render.conformance_xml import SHARED

OPML: Book[Document] = Book()
for _look, _source in SHARED.items():
    OPML.rule(_source)(_look)

_HEAD = {
    "title", "dateCreated", "dateModified", "ownerName", "ownerEmail", "ownerId", "docs",
    "expansionState",
}  # fmt: skip
_OUTLINE = {
    "text", "type", "title", "xmlUrl", "htmlUrl", "description", "language", "version", "category",
    "created", "url", "isComment", "isBreakpoint",
}  # fmt: skip


def outlines_of(document: Document) -> list[etree._Element]:
    return list(document.root.iter("outline"))


def feeds_of(document: Document) -> list[etree._Element]:
    return [each for each in outlines_of(document) if each.get("type") == "rss"]


@OPML.rule("OPML 2.0, What is an OPML document? [InvalidOPMLVersion, MissingElement]")
def it_is_opml_2_with_head_and_body(document: Document) -> Iterator[str]:
    root = document.root
    if (root.tag, root.get("version")) != ("opml", "2.0") or [c.tag for c in root] != [
        "head",
        "body",
    ]:
        yield f"{root.tag!s} {root.get('version')} with {[c.tag for c in root]}"


@OPML.rule("OPML 2.0, What is a head? [UndefinedElement, DuplicateElement]")
def the_head_is_known(document: Document) -> Iterator[str]:
    head = document.root.find("head")
    tags = [] if head is None else [str(child.tag) for child in head]
    yield from (f"{tag} is unknown" for tag in tags if tag not in _HEAD)
    yield from repeated(tags)


@OPML.rule("OPML 2.0, What is a head?: dates as in RFC 822 [InvalidRFC2822Date]")
def its_dates_are_times(document: Document) -> Iterator[str]:
    for each in document.root.iter("dateModified", "dateCreated"):
        yield from rfc822(each.text)


@OPML.rule("OPML 2.0, What is a body? [MissingElement outline]")
def the_body_has_an_outline(document: Document) -> Iterator[str]:
    if not outlines_of(document):
        yield "none"


@OPML.rule("OPML 2.0, What is an outline? [UnexpectedAttribute, UnexpectedText]")
def outlines_have_known_attributes_only(document: Document) -> Iterator[str]:
    for each in outlines_of(document):
        yield from (f"{name} is unknown" for name in map(str, each.attrib) if name not in _OUTLINE)
        if (each.text or "").strip():
            yield "an outline with text inside"


@OPML.rule("OPML 2.0, text is required; it may hold HTML [MissingAttribute, NotHtml]")
def outlines_have_a_text(document: Document) -> Iterator[str]:
    for each in outlines_of(document):
        text = each.get("text") or ""
        if not text.strip():
            yield "none"
        yield from HTML.faults(text)
        if re.search(r"</?[A-Za-z]", text):
            yield f"{text!r} has a tag, and we mean none"
        if unescape(text) != each.get("title", unescape(text)):
            yield f"{text!r} reads as another text than the title {each.get('title')!r}"


@OPML.rule("OPML 2.0, Subscription lists: type rss, xmlUrl [MissingOutlineType, MissingXmlURL]")
def subscriptions_have_address_and_title(document: Document) -> Iterator[str]:
    for each in outlines_of(document):
        if each.get("type") != "rss" and (each.get("xmlUrl") or not len(each)):
            yield "a feed that is not of type rss"
    for each in feeds_of(document):
        yield from web_address(each.get("xmlUrl"))
        if each.get("htmlUrl") is not None:
            yield from web_address(each.get("htmlUrl"))
        if not (each.get("title") or "").strip():
            yield "no title"


@OPML.rule("OPML 2.0, Subscription lists: version [InvalidOutlineVersion]")
def versions_are_known(document: Document) -> Iterator[str]:
    for each in outlines_of(document):
        if each.get("version", "RSS") not in {"RSS", "RSS1", "RSS2", "scriptingNews"}:
            yield repr(each.get("version"))


@OPML.rule("OPML 2.0, Subscription lists: language [InvalidLanguage]")
def languages_are_registered(document: Document) -> Iterator[str]:
    for each in outlines_of(document):
        if each.get("language") is not None:
            yield from language_tag(each.get("language"))


@OPML.rule("OPML 2.0, Subscription lists: one subscription a feed")
def no_feed_stands_twice(document: Document) -> Iterator[str]:
    yield from repeated(each.get("xmlUrl") for each in feeds_of(document))
