"""Atom 1.0 (RFC 4287), with licences (RFC 4946), tombstones (RFC 6721) and our Dublin Core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from tests.render.conformance_core import (
    ATOM,
    DC,
    DCTERMS,
    HISTORY,
    TOMBSTONE,
    XML,
    Book,
    Document,
    canonical_id,
    count,
    damaged,
    language_tag,
    media_type,
    moment,
    newest_first,
    plain,
    repeated,
    rfc3339,
    second,
    web_address,
)  # fmt: skip
from tests.render.conformance_html import HTML
from tests.render.conformance_links import history_faults, link_faults, links_of, location_faults
from tests.render.conformance_xml import SHARED

ATOM_BOOK: Book[Document] = Book()
for _look, _source in SHARED.items():
    ATOM_BOOK.rule(_source)(_look)

_FEED = {
    *(f"{ATOM}{name}" for name in (
        "author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights",
        "subtitle", "title", "updated", "entry",
    )),
    f"{HISTORY}archive", f"{HISTORY}complete", f"{TOMBSTONE}deleted-entry",
}  # fmt: skip
_ENTRY = {
    *(f"{ATOM}{name}" for name in (
        "author", "category", "content", "contributor", "id", "link", "published", "rights",
        "source", "summary", "title", "updated",
    )),
    f"{DC}publisher",
    *(f"{DCTERMS}{n}" for n in ("alternative", "provenance", "spatial", "temporal", "mediator")),
}  # fmt: skip
_REPEATABLE = {
    *(f"{ATOM}{name}" for name in ("author", "category", "contributor", "link", "entry")),
    f"{TOMBSTONE}deleted-entry", f"{DC}publisher", f"{DCTERMS}alternative",
}  # fmt: skip


def entries_of(document: Document) -> list[etree._Element]:
    return document.root.findall(f"{ATOM}entry")


def _constructs(document: Document) -> Iterator[etree._Element]:
    """The feed, its entries, and their sources: what has id, title, updated, people and links."""
    yield document.root
    for entry in entries_of(document):
        yield entry
        yield from entry.findall(f"{ATOM}source")


@ATOM_BOOK.rule("RFC 4287 4.1.1")
def it_is_an_atom_feed(document: Document) -> Iterator[str]:
    if document.root.tag != f"{ATOM}feed":
        yield str(document.root.tag)


@ATOM_BOOK.rule("RFC 4287 4.1.1, 4.1.2, 4.2.11 [MissingElement, MissingSourceElement]")
def id_title_and_updated_stand_everywhere(document: Document) -> Iterator[str]:
    for each in _constructs(document):
        for name in ("id", "title", "updated"):
            if not (each.findtext(f"{ATOM}{name}") or "").strip():
                yield f"a {etree.QName(each).localname} without {name}"


@ATOM_BOOK.rule("RFC 4287 4.1.1, 4.1.2 [UndefinedElement, DuplicateElement]")
def elements_are_known_and_stand_once(document: Document) -> Iterator[str]:
    yield from _elements(document.root, _FEED)
    for entry in entries_of(document):
        yield from _elements(entry, _ENTRY)


@ATOM_BOOK.rule("validator [MisplacedMetadata]")
def the_feed_is_described_before_its_entries(document: Document) -> Iterator[str]:
    tags = [child.tag for child in document.root]
    first = tags.index(f"{ATOM}entry") if f"{ATOM}entry" in tags else len(tags)
    if set(tags[first:]) - {f"{ATOM}entry"}:
        yield f"{set(tags[first:])} after the first entry"


@ATOM_BOOK.rule("RFC 4287 4.2.6 [NonCanonicalURI, InvalidUUID, DuplicateEntries]")
def ids_are_unique_and_in_normal_form(document: Document) -> Iterator[str]:
    for each in _constructs(document):
        yield from canonical_id(each.findtext(f"{ATOM}id"))
    yield from repeated(each.findtext(f"{ATOM}id") for each in entries_of(document))


@ATOM_BOOK.rule("RFC 4287 3.3 [InvalidRFC3339Date, ImplausibleDate]")
def dates_are_times(document: Document) -> Iterator[str]:
    for each in document.root.iter(f"{ATOM}updated", f"{ATOM}published"):
        yield from rfc3339(each.text)


@ATOM_BOOK.rule("RFC 4287 4.2.15: when a significant change was made")
def no_entry_is_newer_than_the_feed(document: Document) -> Iterator[str]:
    whole = moment(document.root.findtext(f"{ATOM}updated"))
    for entry in entries_of(document):
        if moment(entry.findtext(f"{ATOM}updated")) > whole:
            yield f"{entry.findtext(f'{ATOM}updated')} in a feed of {whole.isoformat()}"


@ATOM_BOOK.rule("validator [DuplicateUpdated]")
def no_two_entries_are_updated_at_once(document: Document) -> Iterator[str]:
    yield from repeated(entry.findtext(f"{ATOM}updated") for entry in entries_of(document))


@ATOM_BOOK.rule("RFC 4287 4.2.9 with 4.2.15; not seen by the public validator")
def nothing_is_updated_before_it_is_published(document: Document) -> Iterator[str]:
    for entry in entries_of(document):
        published, updated = (entry.findtext(f"{ATOM}{n}") for n in ("published", "updated"))
        if published is not None and second(updated) < second(published):
            yield f"published {published}, updated {updated}"


@ATOM_BOOK.rule("RFC 4287 4.1.1, order is not significant, but shown; not seen by the validator")
def entries_stand_newest_first(document: Document) -> Iterator[str]:
    if not document.catches_up:
        yield from newest_first(
            moment(e.findtext(f"{ATOM}published")) for e in entries_of(document)
        )


@ATOM_BOOK.rule("RFC 4287 4.2.1 [MissingElement author]")
def every_entry_has_an_author(document: Document) -> Iterator[str]:
    of_all = document.root.find(f"{ATOM}author") is not None
    for entry in entries_of(document):
        own = entry.find(f"{ATOM}author") is not None
        if not (of_all or own or entry.find(f"{ATOM}source/{ATOM}author") is not None):
            yield str(entry.findtext(f"{ATOM}id"))
    if not entries_of(document) and not of_all:
        yield "an empty feed without"


@ATOM_BOOK.rule("RFC 4287 4.2.1: an entry's own authors, else its source's, else the feed's")
def no_repost_is_claimed_as_ours(document: Document) -> Iterator[str]:
    for entry in entries_of(document):
        source = entry.find(f"{ATOM}source")
        unsigned = entry.find(f"{ATOM}author") is None
        if source is not None and unsigned and source.find(f"{ATOM}author") is None:
            yield str(entry.findtext(f"{ATOM}id"))


@ATOM_BOOK.rule("RFC 4287 3.2 [ContainsHTML, ContainsEmail, InvalidAddrSpec]")
def people_have_plain_names(document: Document) -> Iterator[str]:
    for each in document.root.iter(f"{ATOM}author", f"{ATOM}contributor"):
        name = each.findtext(f"{ATOM}name")
        yield from plain(name)
        if "<" in (name or "") and "@" in (name or ""):
            yield f"{name!r} holds an e-mail address"
        for uri in each.findall(f"{ATOM}uri"):
            yield from web_address(uri.text)
        for email in each.findall(f"{ATOM}email"):
            if (email.text or "").count("@") != 1 or " " in (email.text or ""):
                yield f"{email.text!r} is no e-mail address"


@ATOM_BOOK.rule("RFC 4287 4.2.7 [MissingSelf, UnregisteredAtomLinkRel, InvalidMIMEType]")
def feed_links_are_whole(document: Document) -> Iterator[str]:
    yield from link_faults(document.root, "application/atom+xml")
    if not links_of(document.root, "alternate"):
        yield "no page for people"


@ATOM_BOOK.rule("RFC 4287 4.1.2, 4.2.7 [DuplicateAtomLink, FeedHistoryRelInEntry]")
def entry_links_are_whole(document: Document) -> Iterator[str]:
    for entry in entries_of(document):
        links = entry.findall(f"{ATOM}link")
        for link in links:
            yield from web_address(link.get("href"))
            if link.get("rel") not in {
                "alternate",
                "via",
                "related",
                "license",
                "enclosure",
                "replies",
            }:
                yield f"rel {link.get('rel')!r}"
            if link.get("type") is not None:
                yield from media_type(link.get("type"))
            if link.get("length") is not None:
                yield from count(link.get("length"))
        pages = [link.get("type") for link in links if link.get("rel") == "alternate"]
        if pages != ["text/html"]:
            yield f"alternates of type {pages}"


@ATOM_BOOK.rule("RFC 4287 4.2.7.2 [SelfDoesntMatchLocation]")
def self_is_where_it_was_got(document: Document) -> Iterator[str]:
    yield from location_faults(document.root, document.url)


@ATOM_BOOK.rule("RFC 5005 2 to 4 [ArchiveIncomplete, MissingCurrentInArchive]")
def history_is_told_as_agreed(document: Document) -> Iterator[str]:
    yield from history_faults(document.root)


@ATOM_BOOK.rule("RFC 4287 3.1.1 [InvalidTextType, ContainsUndeclaredHTML, NotBlank]")
def texts_are_of_a_known_type(document: Document) -> Iterator[str]:
    for each in document.root.iter(
        *(f"{ATOM}{name}" for name in ("title", "subtitle", "summary", "rights"))
    ):
        if (kind := each.get("type", "text")) not in {"text", "html"}:
            yield f"type {kind!r}"
        if kind == "text":
            shown = (each.text or "").replace("&", "＆") if b"&#x" in document.body else each.text
            yield from plain(shown)
        else:
            yield from HTML.faults(each.text or "")


@ATOM_BOOK.rule("RFC 4287 4.1.3 [InvalidMIMEType, NotBlank]")
def content_is_html_fit_for_readers(document: Document) -> Iterator[str]:
    for entry in entries_of(document):
        for content in entry.findall(f"{ATOM}content"):
            if content.get("type") != "html" or not (content.text or "").strip():
                yield f"content of type {content.get('type')!r}, {len(content.text or '')} characters"
            yield from HTML.faults(content.text or "")


@ATOM_BOOK.rule("RFC 4287 4.2.13 [MissingTextualContent]")
def every_entry_has_a_summary(document: Document) -> Iterator[str]:
    for entry in entries_of(document):
        if not (entry.findtext(f"{ATOM}summary") or "").strip():
            yield str(entry.findtext(f"{ATOM}id"))


@ATOM_BOOK.rule("RFC 4287 4.2.11: the feed that the entry came from")
def sources_name_their_feed(document: Document) -> Iterator[str]:
    for source in document.root.iter(f"{ATOM}source"):
        yield from web_address(next(iter(links_of(source, "self")), None))
        for child in source:
            if child.tag in {f"{ATOM}entry", f"{ATOM}content", f"{ATOM}summary"}:
                yield f"{child.tag!s} in a source"


@ATOM_BOOK.rule("RFC 4287 4.2.2 [MissingAttribute]")
def categories_have_terms(document: Document) -> Iterator[str]:
    for each in document.root.iter(f"{ATOM}category"):
        if not (each.get("term") or "").strip():
            yield "a category without a term"
        if each.get("scheme") is not None:
            yield from web_address(each.get("scheme"))


@ATOM_BOOK.rule("RFC 4287 4.2.4, 4.2.5, 4.2.8 [NotBlank, InvalidLink]")
def pictures_and_generator_have_addresses(document: Document) -> Iterator[str]:
    for name in ("icon", "logo"):
        for each in document.root.findall(f"{ATOM}{name}"):
            yield from web_address(each.text)
    for each in document.root.findall(f"{ATOM}generator"):
        if not (each.text or "").strip():
            yield "a generator without a name"
        if each.get("uri") is not None:
            yield from web_address(each.get("uri"))


@ATOM_BOOK.rule("RFC 4287 2, xml:lang [InvalidLanguage, MissingDCLanguage]")
def languages_are_registered(document: Document) -> Iterator[str]:
    yield from language_tag(document.root.get(f"{XML}lang"))
    for each in document.root.iter("*"):
        if each.get(f"{XML}lang") is not None:
            yield from language_tag(each.get(f"{XML}lang"))


@ATOM_BOOK.rule("RFC 4287 2: a base would change every link [SameDocumentReference]")
def no_base_is_set(document: Document) -> Iterator[str]:
    for each in document.root.iter("*"):
        if each.get(f"{XML}base") is not None:
            yield f"xml:base on {each.tag!s}"


@ATOM_BOOK.rule("RFC 6721 3: of an entry and a tombstone with one id the newer counts")
def a_tombstone_is_older_than_the_notice_beside_it(document: Document) -> Iterator[str]:
    updated = {e.findtext(f"{ATOM}id"): e.findtext(f"{ATOM}updated") for e in entries_of(document)}
    for grave in document.root.findall(f"{TOMBSTONE}deleted-entry"):
        yield from rfc3339(grave.get("when"))
        yield from damaged(grave.get("ref"))
        if not grave.get("ref"):
            yield "a tombstone of nothing"
        elif (notice := updated.get(grave.get("ref"))) and moment(notice) <= moment(
            grave.get("when")
        ):
            yield f"{grave.get('ref')} would be dropped with its notice"


def _elements(parent: etree._Element, known: set[str]) -> Iterator[str]:
    for name, times in Counter(str(child.tag) for child in parent).items():
        if name not in known:
            yield f"{name} is unknown here"
        elif times > 1 and name not in _REPEATABLE:
            yield f"{name} stands {times} times"
