"""RSS 2.0 with the Advisory Board's profile, content:encoded, Dublin Core and Atom elements.

Who is who in an item: `source` is the partner's feed that we got it from, `dc:publisher` the
publisher credited on the page (来源), `dc:creator` an author, `dc:contributor` an editor, and
`atom:link rel=via` the partner's original. `dc:source` is not used: beside `source` the public
validator warns of two elements for one meaning.
"""

from __future__ import annotations

from html import escape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedsvc.domain.feed import Entry, Feed, Site
from feedsvc.render.clean import cleaned, plain, uri
from feedsvc.render.feedgen_extension import extended_generator, usable
from feedsvc.render.parts import (
    DIGITAL_SOURCE,
    GENERATOR,
    GENERATOR_VERSION,
    IMAGE_SIDE,
    address_of,
    beijing,
    categories_of,
    email_of,
    feed_title,
    is_web_address,
    media_type_of,
    picture_of,
    plain_type,
    site_title,
    source_title_of,
    summary_of,
    title_of,
)
from feedsvc.render.safe import safe_rss


def render_rss(feed: Feed, site: Site) -> bytes:
    """Return the feed as RSS 2.0 in UTF-8; equal feeds give equal bytes in every process."""
    feed, site = cleaned(feed), cleaned(site)
    generator = extended_generator()
    _describe_channel(generator, feed, site)
    for entry in feed.entries:
        _describe_item(generator.add_entry(order="append"), entry, site)
    return safe_rss(generator.rss_str())


def _describe_channel(generator: FeedGenerator, feed: Feed, site: Site) -> None:
    generator.title(feed_title(feed))
    generator.description(plain(feed.description) or feed_title(feed))
    generator.link(href=uri(address_of(feed, "rss")), rel="self", type=plain_type("rss"))
    # The last link of any kind becomes the channel's own: the page for people must come last.
    generator.link(href=uri(feed.page_url), rel="alternate", type="text/html")
    generator.language(site.language)
    generator.generator(f"{GENERATOR} {GENERATOR_VERSION}")
    generator.lastBuildDate(beijing(feed.updated_at))
    # Pollers wait for the longest of ttl, max-age and their own interval (read in miniflux), so both
    # are one number.
    generator.ttl(feed.max_age // 60)
    if rights := plain(site.rights):
        generator.copyright(rights)
    generator.image(
        picture_of(site, "image"),
        feed_title(feed),
        uri(feed.page_url),
        width=str(IMAGE_SIDE),
        height=str(IMAGE_SIDE),
    )
    generator.feedsvc.describe(feed, site)
    if email := email_of(site):
        generator.webMaster(f"{email} ({site_title(site)})")


def _describe_item(item: FeedEntry, entry: Entry, site: Site) -> None:
    item.title(title_of(entry))
    item.link(href=uri(entry.url), rel="alternate")
    item.guid(entry.guid, permalink=False)
    item.published(beijing(entry.published_at))
    # Readers take a description for HTML, so the plain summary is escaped once more.
    item.description(escape(summary_of(entry), quote=False))
    if entry.content_html:
        item.content(entry.content_html, type="html")
    for category in categories_of(entry, site):
        if category["scheme"] == DIGITAL_SOURCE:
            # RSS has room for one word: the vocabulary's, which programs know.
            del category["label"]
        item.category(category)
    if is_web_address(entry.source_url):
        item.source(uri(entry.source_url), source_title_of(entry))
    # RSS has one enclosure an item, with a length: 0 says that it is not known.
    for enclosure in usable(entry.enclosures)[:1]:
        kind = media_type_of(enclosure) or "application/octet-stream"
        item.enclosure(uri(enclosure.url), enclosure.length or 0, kind)
    item.feedsvc.describe(entry, site)
