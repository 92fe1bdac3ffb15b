"""JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.render.conformance_core import (
    Book,
    Document,
    damaged,
    language_tag,
    media_type,
    moment,
    newest_first,
    repeated,
    rfc3339,
    web_address,
)  # fmt: skip
from tests.render.conformance_html import HTML

JSON_BOOK: Book[Document] = Book()

_FEED = {
    "version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon",
    "favicon", "authors", "language", "expired", "hubs", "items",
}  # fmt: skip
_ITEM = {
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
    "banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments",
}  # fmt: skip


def items_of(document: Document) -> list[dict[str, Any]]:
    try:
        listed = document.data["items"]
    except (ValueError, KeyError, TypeError):
        return []
    return listed if isinstance(listed, list) else []


def _top(document: Document) -> dict[str, Any]:
    try:
        return document.data if isinstance(document.data, dict) else {}
    except ValueError:
        return {}


@JSON_BOOK.rule("RFC 8259 2, 8.1; 4: names in an object are unique")
def json_is_well_formed(document: Document) -> Iterator[str]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError(f"a name stands twice among {[name for name, _ in pairs]}")
        return dict(pairs)

    def never(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        json.loads(document.body.decode(), object_pairs_hook=once, parse_constant=never)
    except ValueError as error:
        yield str(error)


@JSON_BOOK.rule("JSON Feed 1.1, Top-level: version, title, items")
def the_feed_has_what_it_needs(document: Document) -> Iterator[str]:
    top = _top(document)
    if top.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {top.get('version')!r}"
    if not isinstance(top.get("title"), str) or not top["title"].strip():
        yield "no title"
    if not isinstance(top.get("items"), list):
        yield "no items"


@JSON_BOOK.rule("JSON Feed 1.1, Top-level: addresses")
def the_feeds_addresses_are_whole(document: Document) -> Iterator[str]:
    top = _top(document)
    for name in ("home_page_url", "feed_url"):
        yield from web_address(top.get(name))
    for name in ("next_url", "icon", "favicon"):
        if name in top:
            yield from web_address(top[name])
    for hub in top.get("hubs", []):
        yield from web_address(hub.get("url"))
        if not hub.get("type"):
            yield "a hub without a type"


@JSON_BOOK.rule("JSON Feed 1.1, feed_url")
def feed_url_is_where_it_was_got(document: Document) -> Iterator[str]:
    if document.url is not None and _top(document).get("feed_url") != document.url:
        yield f"{_top(document).get('feed_url')} was got at {document.url}"


@JSON_BOOK.rule("JSON Feed 1.1, next_url: must not be the same as feed_url")
def next_url_leads_on(document: Document) -> Iterator[str]:
    top = _top(document)
    if "next_url" in top and top["next_url"] == top.get("feed_url"):
        yield "leads to itself"


@JSON_BOOK.rule("JSON Feed 1.1, expired")
def expired_is_a_truth_value(document: Document) -> Iterator[str]:
    if not isinstance(_top(document).get("expired", False), bool):
        yield repr(_top(document)["expired"])


@JSON_BOOK.rule("JSON Feed 1.1, Extensions: names begin with an underscore and no dot")
def keys_are_known_or_an_extensions(document: Document) -> Iterator[str]:
    for name in _top(document).keys() - _FEED:
        if not name.startswith("_") or "." in name:
            yield f"{name} in the feed"
    for item in items_of(document):
        for name in item.keys() - _ITEM:
            if not name.startswith("_") or "." in name:
                yield f"{name} in an item"


@JSON_BOOK.rule("JSON Feed 1.1, Extensions: an object, about its description")
def extensions_say_what_they_are(document: Document) -> Iterator[str]:
    for each in (_top(document), *items_of(document)):
        for name in each:
            if name.startswith("_"):
                if not isinstance(each[name], dict):
                    yield f"{name} is no object"
                else:
                    yield from web_address(each[name].get("about"))


@JSON_BOOK.rule("JSON Feed 1.1, id: a string, never repeated")
def ids_are_strings_and_unique(document: Document) -> Iterator[str]:
    for item in items_of(document):
        if not isinstance(item.get("id"), str) or not item["id"].strip():
            yield repr(item.get("id"))
    yield from repeated(str(item.get("id")) for item in items_of(document))


@JSON_BOOK.rule("JSON Feed 1.1, content_html and content_text: one of them must be present")
def every_item_has_a_content(document: Document) -> Iterator[str]:
    for item in items_of(document):
        if not (item.get("content_html") or item.get("content_text")):
            yield str(item.get("id"))


@JSON_BOOK.rule("JSON Feed 1.1, content_html")
def html_of_items_is_fit_for_readers(document: Document) -> Iterator[str]:
    for item in items_of(document):
        yield from HTML.faults(str(item.get("content_html", "")))


@JSON_BOOK.rule("JSON Feed 1.1, Items: addresses")
def the_items_addresses_are_whole(document: Document) -> Iterator[str]:
    for item in items_of(document):
        yield from web_address(item.get("url"))
        for name in ("external_url", "image", "banner_image"):
            if name in item:
                yield from web_address(item[name])


@JSON_BOOK.rule("JSON Feed 1.1, title and summary: plain text")
def titles_and_summaries_have_words(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for name in ("title", "summary"):
            if not isinstance(item.get(name), str) or not item[name].strip():
                yield f"no {name}"


@JSON_BOOK.rule("JSON Feed 1.1, date_published and date_modified: RFC 3339")
def dates_are_times(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for name in ("date_published", "date_modified"):
            yield from rfc3339(item.get(name))


@JSON_BOOK.rule("JSON Feed 1.1, date_modified")
def nothing_is_modified_before_it_is_published(document: Document) -> Iterator[str]:
    for item in items_of(document):
        if moment(item.get("date_modified")) < moment(item.get("date_published")):
            yield f"published {item.get('date_published')}, modified {item.get('date_modified')}"


@JSON_BOOK.rule("JSON Feed 1.1, items: the order of the document is shown")
def items_stand_newest_first(document: Document) -> Iterator[str]:
    if not document.catches_up:
        yield from newest_first(moment(item.get("date_published")) for item in items_of(document))


@JSON_BOOK.rule("JSON Feed 1.1, authors: objects with at least one of name, url, avatar")
def authors_are_somebody(document: Document) -> Iterator[str]:
    for each in (_top(document), *items_of(document)):
        for author in each.get("authors", []):
            if (
                not isinstance(author, dict)
                or not author
                or author.keys() - {"name", "url", "avatar"}
            ):
                yield repr(author)
            elif not any(str(value).strip() for value in author.values()):
                yield "nobody"


@JSON_BOOK.rule("JSON Feed 1.1, tags")
def tags_are_words(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for tag in item.get("tags", []):
            if not isinstance(tag, str) or not tag.strip():
                yield repr(tag)


@JSON_BOOK.rule("JSON Feed 1.1, language: RFC 5646")
def languages_are_registered(document: Document) -> Iterator[str]:
    yield from language_tag(_top(document).get("language"))
    for item in items_of(document):
        if "language" in item:
            yield from language_tag(item["language"])


@JSON_BOOK.rule("JSON Feed 1.1, attachments")
def attachments_have_address_and_type(document: Document) -> Iterator[str]:
    for item in items_of(document):
        for each in item.get("attachments", []):
            yield from web_address(each.get("url"))
            yield from media_type(each.get("mime_type"))
            for name in ("size_in_bytes", "duration_in_seconds"):
                if name in each and (type(each[name]) is not int or each[name] < 0):
                    yield f"{name} {each[name]!r}"


@JSON_BOOK.rule("RFC 8259 8.2; validator's BadCharacters for the other formats")
def its_words_are_undamaged(document: Document) -> Iterator[str]:
    stack: list[Any] = [_top(document)]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            stack += value
        elif isinstance(value, str):
            yield from damaged(value)
            if any(
                "\ud800" <= char <= "\udfff" or (char < " " and char not in "\n\t")
                for char in value
            ):
                yield f"{value[:40]!r} has a control character or half a pair"


@JSON_BOOK.rule("JSON Feed 1.1: a key without a value is left out")
def nothing_is_null(document: Document) -> Iterator[str]:
    for each in (_top(document), *items_of(document)):
        for name, value in each.items():
            if value is None:
                yield f"{name} is null"
