"""RSS 2.0 with the Advisory Board's Best Practices Profile, and the modules that we use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from tests.render.conformance_core import (
    ATOM,
    CONTENT,
    DC,
    DCTERMS,
    HISTORY,
    LICENCE,
    MEDIA,
    Book,
    Document,
    count,
    language_tag,
    media_type,
    moment,
    newest_first,
    plain,
    repeated,
    rfc822,
    rfc3339,
    second,
    web_address,
)  # fmt: skip
from tests.render.conformance_html import HTML
from tests.render.conformance_links import history_faults, link_faults, location_faults
from tests.render.conformance_xml import SHARED

RSS: Book[Document] = Book()
for _look, _source in SHARED.items():
    RSS.rule(_source)(_look)

_CHANNEL = {
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "category",
    "generator", "docs", "ttl", "image", "lastBuildDate", "pubDate", "item",
    f"{ATOM}link", f"{HISTORY}archive", f"{HISTORY}complete", f"{LICENCE}license",
}  # fmt: skip
_ITEM = {
    "title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate",
    "source", f"{CONTENT}encoded", f"{ATOM}link", f"{ATOM}updated", f"{LICENCE}license",
    f"{MEDIA}content", f"{MEDIA}thumbnail", f"{MEDIA}group",
    *(f"{DC}{name}" for name in ("creator", "contributor", "publisher", "rights", "language")),
    *(f"{DCTERMS}{n}" for n in ("alternative", "provenance", "spatial", "temporal", "mediator")),
}  # fmt: skip
_REPEATABLE = {
    "item", "category", f"{ATOM}link", f"{DC}creator", f"{DC}contributor", f"{DC}publisher",
    f"{MEDIA}content", f"{MEDIA}thumbnail", f"{DCTERMS}alternative",
}  # fmt: skip


def channel_of(document: Document) -> etree._Element:
    found = document.root.find("channel")
    return document.root if found is None else found


def items_of(document: Document) -> list[etree._Element]:
    return channel_of(document).findall("item")


@RSS.rule("RSS 2.0, What is RSS?")
def rss_is_version_2_with_one_channel(document: Document) -> Iterator[str]:
    root = document.root
    if (root.tag, root.get("version")) != ("rss", "2.0") or [c.tag for c in root] != ["channel"]:
        yield f"{root.tag!s} {root.get('version')} with {[c.tag for c in root]}"


@RSS.rule("RSS 2.0, Required channel elements")
def channel_has_what_it_needs(document: Document) -> Iterator[str]:
    for name in ("title", "link", "description"):
        if not (channel_of(document).findtext(name) or "").strip():
            yield f"no {name}"


@RSS.rule("RSS 2.0, Optional channel elements [UndefinedElement, DuplicateElement]")
def channel_elements_are_known_and_stand_once(document: Document) -> Iterator[str]:
    yield from _elements(channel_of(document), _CHANNEL)


@RSS.rule("Profile, item [MisplacedItem]")
def items_stand_last(document: Document) -> Iterator[str]:
    tags = [child.tag for child in channel_of(document)]
    if "item" in tags and set(tags[tags.index("item") :]) != {"item"}:
        yield "something stands after an item"


@RSS.rule("RSS 2.0, link; not seen by the public validator")
def channel_link_is_the_page_for_people(document: Document) -> Iterator[str]:
    link = (channel_of(document).findtext("link") or "").strip()
    yield from web_address(link)
    of_feeds = {each.get("href") for each in channel_of(document).findall(f"{ATOM}link")}
    if link in of_feeds or link.partition("?")[0].endswith((".rss", ".atom", ".json", ".xml")):
        yield f"{link} is a document for programs"


@RSS.rule("Profile, title and description [ContainsHTML, CharacterData]")
def channel_texts_are_plain(document: Document) -> Iterator[str]:
    for name in ("title", "description", "copyright"):
        for each in channel_of(document).findall(name):
            yield from plain(_raw(document, each))


@RSS.rule("RSS 2.0, language [InvalidLanguage]")
def channel_language_is_registered(document: Document) -> Iterator[str]:
    yield from language_tag(channel_of(document).findtext("language"))


@RSS.rule("RSS 2.0, lastBuildDate; RFC 822 5 [InvalidRFC2822Date, ImplausibleDate]")
def last_build_date_is_a_time(document: Document) -> Iterator[str]:
    yield from rfc822(channel_of(document).findtext("lastBuildDate"))


@RSS.rule("RSS 2.0, lastBuildDate: the last time the content changed")
def nothing_is_newer_than_the_last_build_date(document: Document) -> Iterator[str]:
    built = moment(channel_of(document).findtext("lastBuildDate"))
    for item in items_of(document):
        for name in ("pubDate", f"{ATOM}updated"):
            if second(item.findtext(name)) > built:
                yield f"{name} {item.findtext(name)} is after {built.isoformat()}"


@RSS.rule("RSS 2.0, ttl [InvalidPositiveInteger]")
def ttl_is_a_number_of_minutes(document: Document) -> Iterator[str]:
    yield from count(channel_of(document).findtext("ttl"), least=1)


@RSS.rule("RSS 2.0, webMaster; Profile, author [EmailFormat, InvalidContact]")
def people_with_an_address_have_an_e_mail_address(document: Document) -> Iterator[str]:
    for name in ("webMaster", "managingEditor"):
        yield from _people(channel_of(document), name)
    for item in items_of(document):
        yield from _people(item, "author")


@RSS.rule("RSS 2.0, image [ImageTitleDoesntMatch, ImageLinkDoesntMatch, ImageUrlFormat]")
def the_image_is_the_channels(document: Document) -> Iterator[str]:
    channel = channel_of(document)
    for image in channel.findall("image"):
        yield from web_address(image.findtext("url"))
        if not (image.findtext("url") or "").lower().endswith((".png", ".gif", ".jpg", ".jpeg")):
            yield "is no GIF, JPEG or PNG"
        for name in ("title", "link"):
            if image.findtext(name) != channel.findtext(name):
                yield f"its {name} is not the channel's"
        for name, most in (("width", 144), ("height", 400)):
            if (text := image.findtext(name)) is not None:
                yield from count(text, least=1)
                if text.isdigit() and int(text) > most:
                    yield f"{name} {text} is above {most}"


@RSS.rule("Profile, atom:link; RFC 4287 4.2.7 [MissingAtomSelfLink, UnregisteredAtomLinkRel]")
def links_are_those_of_an_rss_feed(document: Document) -> Iterator[str]:
    yield from link_faults(channel_of(document), "application/rss+xml")
    for item in items_of(document):
        for link in item.findall(f"{ATOM}link"):
            yield from web_address(link.get("href"))
            if link.get("rel") not in {"via", "related", "license", "enclosure", "replies"}:
                yield f"rel {link.get('rel')!r} in an item"


@RSS.rule("Profile, atom:link rel=self [SelfDoesntMatchLocation]")
def self_is_where_it_was_got(document: Document) -> Iterator[str]:
    yield from location_faults(channel_of(document), document.url)


@RSS.rule("RFC 5005 2 to 4 [ArchiveIncomplete, MissingCurrentInArchive]")
def history_is_told_as_agreed(document: Document) -> Iterator[str]:
    yield from history_faults(channel_of(document))


@RSS.rule("RSS 2.0, Elements of item [UndefinedElement, DuplicateElement, DuplicateEnclosure]")
def item_elements_are_known_and_stand_once(document: Document) -> Iterator[str]:
    for item in items_of(document):
        yield from _elements(item, _ITEM)


@RSS.rule("Profile, item title [ContainsHTML, CharacterData, NotBlank]")
def item_titles_are_plain(document: Document) -> Iterator[str]:
    for item in items_of(document):
        title = item.find("title")
        yield from ["none"] if title is None else plain(_raw(document, title))


@RSS.rule("RSS 2.0, link [InvalidFullLink, InvalidUriChar]")
def item_links_are_addresses(document: Document) -> Iterator[str]:
    for item in items_of(document):
        yield from web_address(item.findtext("link"))


@RSS.rule("RSS 2.0, guid; Profile, guid [MissingGuid, InvalidPermalink, DuplicateValue]")
def every_item_has_a_guid_of_its_own(document: Document) -> Iterator[str]:
    yield from repeated(item.findtext("guid") for item in items_of(document))
    for item in items_of(document):
        guid = item.find("guid")
        if guid is None or not (guid.text or "").strip():
            yield "an item without"
        elif guid.get("isPermaLink") != "false" and not (guid.text or "").startswith("http"):
            yield f"{guid.text} is no link, isPermaLink says it is one"


@RSS.rule("RSS 2.0, pubDate; RFC 822 5 [InvalidRFC2822Date, ImplausibleDate]")
def publication_dates_are_times(document: Document) -> Iterator[str]:
    for item in items_of(document):
        yield from rfc822(item.findtext("pubDate"))


@RSS.rule("RFC 4287 4.2.15 [InvalidRFC3339Date]")
def updates_are_times(document: Document) -> Iterator[str]:
    for item in items_of(document):
        if (updated := item.findtext(f"{ATOM}updated")) is not None:
            yield from rfc3339(updated)


@RSS.rule("RFC 4287 4.2.9 with 4.2.15; not seen by the public validator")
def nothing_is_updated_before_it_is_published(document: Document) -> Iterator[str]:
    for item in items_of(document):
        published, updated = item.findtext("pubDate"), item.findtext(f"{ATOM}updated")
        if updated is not None and moment(updated) < moment(published):
            yield f"published {published}, updated {updated}"


@RSS.rule("Profile, item order; not seen by the public validator")
def items_stand_newest_first(document: Document) -> Iterator[str]:
    if not document.catches_up:
        yield from newest_first(moment(item.findtext("pubDate")) for item in items_of(document))


@RSS.rule("Profile, content:encoded [NeedDescriptionBeforeContent]")
def a_description_stands_before_the_content(document: Document) -> Iterator[str]:
    for item in items_of(document):
        names = [child.tag for child in item]
        if "description" not in names:
            yield "no description"
        elif f"{CONTENT}encoded" in names[: names.index("description")]:
            yield "the content stands first"


@RSS.rule("RSS 2.0, description; Profile, content:encoded")
def html_of_items_is_fit_for_readers(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for name in ("description", f"{CONTENT}encoded"):
            yield from HTML.faults(item.findtext(name) or "")


@RSS.rule("RSS 2.0, enclosure [MissingAttribute, InvalidURLAttribute, UseZeroForUnknown]")
def enclosures_have_address_length_and_type(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for each in item.findall("enclosure"):
            yield from web_address(each.get("url"))
            yield from count(each.get("length"))
            yield from media_type(each.get("type"))


@RSS.rule("RSS 2.0, source [MissingAttribute]")
def sources_have_address_and_name(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for each in item.findall("source"):
            yield from web_address(each.get("url"))
            yield from plain(_raw(document, each))


@RSS.rule("RSS 2.0, category [NotBlank]")
def categories_have_words(document: Document) -> Iterator[str]:
    for each in channel_of(document).iter("category"):
        yield from plain(_raw(document, each))


@RSS.rule("Dublin Core in RSS [DuplicateItemSemantics]")
def no_two_elements_say_one_thing(document: Document) -> Iterator[str]:
    pairs = {"source": "source", "author": "creator", "category": "subject", "pubDate": "date"}
    for item in items_of(document):
        for core, extension in pairs.items():
            if item.find(core) is not None and item.find(f"{DC}{extension}") is not None:
                yield f"{core} and dc:{extension}"


@RSS.rule("Dublin Core [InvalidLanguage, NotBlank]")
def dublin_core_says_something(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for each in item:
            if str(each.tag).startswith((DC, DCTERMS)) and not (each.text or "").strip():
                yield f"{each.tag!s} is empty"
        for each in item.findall(f"{DC}language"):
            yield from language_tag(each.text)
        for each in item.findall(f"{DC}rights"):
            yield from plain(_raw(document, each))


@RSS.rule("Media RSS 1.5.1 [InvalidPositiveInteger, InvalidMediaMedium]")
def media_are_described_in_numbers(document: Document) -> Iterator[str]:
    for each in channel_of(document).iter(f"{MEDIA}content", f"{MEDIA}thumbnail"):
        yield from web_address(each.get("url"))
        for name in ("width", "height", "fileSize", "duration"):
            if (text := each.get(name)) is not None:
                yield from count(text, least=1)
        if each.get("type") is not None:
            yield from media_type(each.get("type"))
        if each.get("medium", "image") not in {"image", "audio", "video", "document", "executable"}:
            yield f"medium {each.get('medium')!r}"


def _raw(document: Document, element: etree._Element) -> str:
    """The text as a reader that decodes once too often would not see it.

    The profile has `&` and `<` in plain texts written as `&#x26;` and `&#x3C;`; then they are safe.
    """
    text = element.text or ""
    return text.replace("&", "＆").replace("<", "＜") if b"&#x" in document.body else text


def _people(parent: etree._Element, name: str) -> Iterator[str]:
    for each in parent.findall(name):
        address, _, rest = (each.text or "").partition(" ")
        if address.count("@") != 1 or not (rest.startswith("(") and rest.endswith(")")):
            yield f"{name} {each.text!r} is no e-mail address with a name"


def _elements(parent: etree._Element, known: set[str]) -> Iterator[str]:
    for name, times in Counter(str(child.tag) for child in parent).items():
        if name not in known:
            yield f"{name} is unknown here"
        elif times > 1 and name not in _REPEATABLE:
            yield f"{name} stands {times} times"
