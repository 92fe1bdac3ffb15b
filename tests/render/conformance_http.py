"""What readers rely on around the documents: RFC 9110 and 9111, deltas (RFC 3229), and that formats agree."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

import brotli
from lxml import etree

from tests.render.conformance_atom import entries_of
from tests.render.conformance_core import ATOM, DC, Book, Document, second
from tests.render.conformance_json import items_of as json_items_of
from tests.render.conformance_rss import items_of as rss_items_of

TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "opml": "text/x-opml",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer: header names in lower case; `asked` the headers of the request."""

    fmt: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    method: str = "GET"
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bytes:
        """The body without its content coding."""
        match self.headers.get("content-encoding"):
            case "gzip":
                return gzip.decompress(self.body)
            case "br":
                return bytes(brotli.decompress(self.body))
            case _:
                return self.body


HTTP: Book[Exchange] = Book()
_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


@HTTP.rule("RFC 9110 15")
def the_status_is_one_that_readers_take(answer: Exchange) -> Iterator[str]:
    if answer.status not in {200, 226, 304}:
        yield str(answer.status)


@HTTP.rule("RFC 9110 8.3 [UnexpectedContentType, EncodingMismatch]")
def the_media_type_is_the_formats(answer: Exchange) -> Iterator[str]:
    wanted = f"{TYPES[answer.fmt]}; charset=utf-8"
    if answer.status != 304 and answer.headers.get("content-type") != wanted:
        yield repr(answer.headers.get("content-type"))


@HTTP.rule("RFC 9110 8.8.3; H1 of our own contract")
def the_entity_tag_is_strong(answer: Exchange) -> Iterator[str]:
    if not re.fullmatch(r'"[\x21\x23-\x7e]+"', answer.headers.get("etag", "")):
        yield repr(answer.headers.get("etag"))


@HTTP.rule("RFC 9110 8.8.2.1: not later than the answer itself")
def last_modified_is_a_date_of_the_past(answer: Exchange) -> Iterator[str]:
    said = answer.headers.get("last-modified")
    if said is None:
        return
    if not _DATE.fullmatch(said):
        yield f"{said!r} is no HTTP date"
    elif "date" in answer.headers and second(said) > second(answer.headers["date"]):
        yield f"{said} in an answer of {answer.headers['date']}"


@HTTP.rule("RFC 9111 5.2.2; RFC 3229 10.8: no cache may take a delta for the whole")
def caches_are_told_what_to_do(answer: Exchange) -> Iterator[str]:
    said = answer.headers.get("cache-control", "")
    if not said:
        yield "nothing"
    if answer.status == 226 and "no-store" not in said:
        yield f"a delta with {said!r}"
    if "immutable" in said:
        yield "a withdrawal could not reach it"


@HTTP.rule("RFC 9110 12.5.5")
def vary_names_what_was_chosen_by(answer: Exchange) -> Iterator[str]:
    said = {each.strip().lower() for each in answer.headers.get("vary", "").split(",")}
    needed = {"accept-encoding"} | ({"a-im", "if-none-match"} if answer.status == 226 else set())
    if needed - said:
        yield f"not {sorted(needed - said)}"


@HTTP.rule("validator [Uncompressed]; RFC 9110 12.5.3")
def it_is_compressed_for_those_who_ask(answer: Exchange) -> Iterator[str]:
    wanted = answer.status != 304 and "gzip" in answer.asked.get("Accept-Encoding", "")
    if wanted and answer.headers.get("content-encoding") not in {"gzip", "br"}:
        yield "it is not"


@HTTP.rule("RFC 9110 8.6, 15.4.5")
def its_length_is_true(answer: Exchange) -> Iterator[str]:
    if answer.status == 304 and (answer.body or "content-length" in answer.headers):
        yield "a 304 with a body or a length"
    said = answer.headers.get("content-length")
    if answer.status != 304 and answer.method == "GET" and said != str(len(answer.body)):
        yield f"{said} for {len(answer.body)} bytes"
    if answer.method == "HEAD" and answer.body:
        yield "HEAD with a body"


@HTTP.rule("Fetch standard: nosniff, CORS")
def browsers_may_read_and_not_guess(answer: Exchange) -> Iterator[str]:
    if answer.headers.get("x-content-type-options") != "nosniff":
        yield "no nosniff"
    if answer.fmt != "opml" and answer.headers.get("access-control-allow-origin") != "*":
        yield "no CORS"


@HTTP.rule("RFC 3229 10.5.2, 10.4.1")
def a_delta_says_that_it_is_one(answer: Exchange) -> Iterator[str]:
    if (answer.status == 226) != ("im" in answer.headers):
        yield f"{answer.status} with IM {answer.headers.get('im')!r}"
    if answer.status == 226 and answer.headers.get("im") != "feed":
        yield repr(answer.headers.get("im"))
    if answer.status == 226 and "feed" not in answer.asked.get("A-IM", ""):
        yield "to somebody who has not asked for one"


def ids_of(document: Document, fmt: str) -> list[str]:
    """The ids in the order of the document."""
    if fmt == "json":
        return [item["id"] for item in json_items_of(document)]
    if fmt == "rss":
        return [item.findtext("guid") or "" for item in rss_items_of(document)]
    return [entry.findtext(f"{ATOM}id") or "" for entry in entries_of(document)]


def delta_faults(fmt: str, known: bytes, delta: bytes, whole: bytes) -> Iterator[str]:
    """RFC 3229 with `feed`: what a reader knows, overlaid with the delta, is the whole document."""
    before, changed, now = ({i: _entry(Document(b), fmt, i) for i in ids_of(Document(b), fmt)}
                            for b in (known, delta, whole))  # fmt: skip
    if not changed:
        yield "nothing has changed"
    for guid in changed.keys() - now.keys():
        yield f"{guid} is not in the whole document"
    for guid in now:
        if (before | changed).get(guid) != now[guid]:
            yield f"{guid} is not told as it is now"
    for guid in changed:
        if changed[guid] == before.get(guid):
            yield f"{guid} has not changed"


def disagreements(rss: bytes, atom: bytes, json: bytes) -> Iterator[str]:
    """The formats of one feed say the same: order and ids, titles, times, authors, addresses.

    A lost author and a wrong address break no rule of any format, so no validator sees them.
    """
    told = {
        "rss": [_told_rss(item) for item in rss_items_of(Document(rss))],
        "atom": [_told_atom(entry) for entry in entries_of(Document(atom))],
        "json": [_told_json(item) for item in json_items_of(Document(json))],
    }
    for fmt in ("rss", "atom"):
        if len(told[fmt]) != len(told["json"]):
            yield f"{fmt} has {len(told[fmt])} entries, json {len(told['json'])}"
        for here, there in zip(told[fmt], told["json"], strict=False):
            for name in here:
                if here[name] != there[name]:
                    yield f"{fmt} {here['id']}: {name} {here[name]!r}, json {there[name]!r}"


def _entry(document: Document, fmt: str, guid: str) -> object:
    if fmt == "json":
        return next(item for item in json_items_of(document) if item["id"] == guid)
    found = rss_items_of(document) if fmt == "rss" else entries_of(document)
    name = "guid" if fmt == "rss" else f"{ATOM}id"
    [element] = [each for each in found if each.findtext(name) == guid]
    return etree.tostring(element, method="c14n", exclusive=True).strip()


def _told_rss(item: etree._Element) -> dict[str, object]:
    via = item.find(f"{ATOM}link[@rel='via']")
    return {
        "id": item.findtext("guid"),
        "title": item.findtext("title"),
        "url": item.findtext("link"),
        "via": None if via is None else via.get("href"),
        "published": second(item.findtext("pubDate")),
        "updated": second(item.findtext(f"{ATOM}updated")),
        "authors": [each.text for each in item.findall(f"{DC}creator")],
    }


def _told_atom(entry: etree._Element) -> dict[str, object]:
    links = {each.get("rel"): each.get("href") for each in entry.findall(f"{ATOM}link")}
    title = entry.findtext(f"{ATOM}title") or ""
    kind = next((each.get("type", "text") for each in entry.findall(f"{ATOM}title")), "text")
    return {
        "id": entry.findtext(f"{ATOM}id"),
        "title": title if kind == "text" else unescape(title),
        "url": links.get("alternate"),
        "via": links.get("via"),
        "published": second(entry.findtext(f"{ATOM}published")),
        "updated": second(entry.findtext(f"{ATOM}updated")),
        "authors": [each.text for each in entry.iterfind(f"{ATOM}author/{ATOM}name")],
    }


def _told_json(item: Mapping[str, object]) -> dict[str, object]:
    authors = item.get("authors", [])
    assert isinstance(authors, list)
    return {
        "id": item["id"],
        "title": item["title"],
        "url": item["url"],
        "via": item.get("external_url"),
        "published": second(str(item["date_published"])),
        "updated": second(str(item["date_modified"])),
        "authors": [each["name"] for each in authors],
    }
