"""Links of a feed, in Atom and in RSS: relations, addresses, and the feed's past (RFC 5005)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from tests.render.conformance_core import ATOM, HISTORY, media_type, repeated, web_address

PAGING = {"first", "last", "next", "previous"}
ARCHIVES = {"prev-archive", "next-archive", "current"}
REGISTERED = {
    "alternate", "current", "describedby", "enclosure", "first", "hub", "last", "license", "next",
    "next-archive", "payment", "prev-archive", "previous", "related", "replies", "search", "self",
    "service", "up", "via",
}  # fmt: skip


def links_of(feed: etree._Element, rel: str) -> list[str]:
    """The addresses under one relation."""
    return [each.get("href", "") for each in feed.findall(f"{ATOM}link") if each.get("rel") == rel]


def link_faults(feed: etree._Element, own_type: str) -> Iterator[str]:
    """One self of the right type, registered relations, whole addresses."""
    links = feed.findall(f"{ATOM}link")
    if [each.get("type") for each in links if each.get("rel") == "self"] != [own_type]:
        yield f"there is not one rel=self of type {own_type}"
    for each in links:
        yield from web_address(each.get("href"))
        if each.get("rel") not in REGISTERED:
            yield f"rel {each.get('rel')!r}"
        if each.get("type") is not None:
            yield from media_type(each.get("type"))
        if (each.text or "").strip():
            yield "a link with text"
    yield from repeated(
        (each.get("rel"), each.get("type"), each.get("hreflang"))
        for each in links
        if each.get("rel") not in {"hub", "license", "related"}
    )


def location_faults(feed: etree._Element, url: str | None) -> Iterator[str]:
    """The feed names itself as it was asked for, or as the answer's Content-Location says."""
    if url is not None and links_of(feed, "self") != [url]:
        yield f"{links_of(feed, 'self')} was got at {url}"


def history_faults(feed: etree._Element) -> Iterator[str]:
    """RFC 5005: an archive leads to the feed as it is now and to another archive; pages are none."""
    relations = {each.get("rel") for each in feed.findall(f"{ATOM}link")}
    own = links_of(feed, "self")
    if feed.find(f"{HISTORY}archive") is not None:
        if "current" not in relations:
            yield "an archive without rel=current"
        if not relations & {"prev-archive", "next-archive"}:
            yield "an archive that leads to no other"
        if relations & PAGING:
            yield "an archive that is a page too"
    if feed.find(f"{HISTORY}complete") is not None and relations & (PAGING | ARCHIVES):
        yield "a complete feed with a past"
    for rel in (PAGING - {"first", "last"}) | (ARCHIVES - {"current"}):
        if own and own[0] in links_of(feed, rel):
            yield f"rel={rel} leads to itself"
