"""Rules of every XML document that we publish."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from tests.render.conformance_core import Document, damaged

# Those that the public validator knows; any other is "UnknownNamespace".
_NAMESPACES = {
    "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/",
    "http://purl.org/rss/1.0/modules/content/", "http://search.yahoo.com/mrss/",
    "http://backend.userland.com/creativeCommonsRssModule",
    "http://purl.org/syndication/history/1.0", "http://www.w3.org/XML/1998/namespace",
}  # fmt: skip
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def xml_is_well_formed(document: Document) -> Iterator[str]:
    try:
        etree.fromstring(document.body, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError as error:
        yield str(error)


def it_is_declared_as_utf_8(document: Document) -> Iterator[str]:
    """XML 1.0 4.3.3 [ObscureEncoding]; and nothing of a document type, which readers refuse."""
    if (
        not document.body[:60]
        .lower()
        .replace(b'"', b"'")
        .startswith(b"<?xml version='1.0' encoding='utf-8'")
    ):
        yield f"begins with {document.body[:40]!r}"
    if b"<!DOCTYPE" in document.body[:500] or b"<!ENTITY" in document.body[:500]:
        yield "has a document type"


def it_is_small_enough_to_be_read(document: Document) -> Iterator[str]:
    """The public validator reads 5,000,000 bytes [ValidatorLimit]."""
    if len(document.body) >= 5_000_000:
        yield f"has {len(document.body)} bytes"


def its_namespaces_are_known(document: Document) -> Iterator[str]:
    """[UnknownNamespace]; a tombstone's is known to those who ask for what has changed."""
    known = _NAMESPACES | ({TOMBSTONES} if document.catches_up else set())
    used = {uri for each in document.root.iter("*") for uri in each.nsmap.values()}
    for uri in sorted(used - known):
        yield str(uri)


def its_words_are_undamaged(document: Document) -> Iterator[str]:
    for each in document.root.iter("*"):
        yield from damaged(each.text)
        for value in each.attrib.values():
            yield from damaged(value)


SHARED = {
    xml_is_well_formed: "XML 1.0 2.1",
    it_is_declared_as_utf_8: "XML 1.0 4.3.3",
    it_is_small_enough_to_be_read: "validator's limit",
    its_namespaces_are_known: "Namespaces in XML 1.0; validator",
    its_words_are_undamaged: "validator, BadCharacters",
}
