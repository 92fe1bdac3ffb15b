"""Atom 1.0 (RFC 4287), each entry with the complete source that it came from.

There is no tombstone (RFC 6721) beside a withdrawal notice: the public validator warns of a namespace
that it does not know. Those who catch up get one (see `render.tombstone`).
"""

from __future__ import annotations

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedsvc.domain.feed import Entry, Feed, Site
from feedsvc.render.clean import cleaned, plain, uri
from feedsvc.render.feedgen_extension import extended_generator
from feedsvc.render.parts import (
    GENERATOR,
    GENERATOR_VERSION,
    address_of,
    beijing,
    categories_of,
    email_of,
    feed_title,
    named,
    picture_of,
    plain_type,
    rights_of,
    site_title,
    summary_of,
    title_of,
)
from feedsvc.render.safe import safe_atom


def render_atom(feed: Feed, site: Site) -> bytes:
    """Return the feed as Atom 1.0 in UTF-8; equal feeds give equal bytes in every process."""
    feed, site = cleaned(feed), cleaned(site)
    generator = extended_generator()
    _describe_feed(generator, feed, site)
    for entry in feed.entries:
        _describe_entry(generator.add_entry(order="append"), entry, site)
    return safe_atom(generator.atom_str())


def _describe_feed(generator: FeedGenerator, feed: Feed, site: Site) -> None:
    generator.id(feed.guid)
    generator.title(feed_title(feed))
    generator.updated(beijing(feed.updated_at))
    generator.language(site.language)
    author = {"name": site_title(site), "uri": uri(f"{site.base_url}/")}
    if email := email_of(site):
        author["email"] = email
    generator.author(author)
    generator.link(href=uri(address_of(feed, "atom")), rel="self", type=plain_type("atom"))
    generator.link(href=uri(feed.page_url), rel="alternate", type="text/html")
    generator.generator(GENERATOR, version=GENERATOR_VERSION, uri=uri(f"{site.base_url}/feeds/"))
    generator.icon(picture_of(site, "icon"))
    generator.logo(picture_of(site, "logo"))
    if description := plain(feed.description):
        generator.subtitle(description)
    if rights := plain(site.rights):
        generator.rights(rights)
    generator.feedsvc.describe(feed, site)


def _describe_entry(element: FeedEntry, entry: Entry, site: Site) -> None:
    element.id(entry.guid)
    element.title(title_of(entry))
    element.updated(beijing(entry.updated_at))
    element.published(beijing(entry.published_at))
    # feedgen asks for an alternate link; the extension writes all links anew, with rel and type.
    element.link(href=uri(entry.url), rel="alternate")
    element.summary(summary_of(entry), type="text")
    if entry.content_html:
        element.content(entry.content_html, type="html")
    for name in named(entry.authors):
        element.author({"name": name})
    for name in named(entry.editors):
        element.contributor({"name": name})
    for category in categories_of(entry, site):
        element.category(category)
    if rights := rights_of(entry):
        element.rights(rights)
    element.feedsvc.describe(entry, site)
