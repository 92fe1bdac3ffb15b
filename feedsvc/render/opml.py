"""The directory of all feeds as OPML 2.0, for readers that subscribe to many at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape

from lxml import etree

from feedsvc.domain.feed import FeedState, Site
from feedsvc.render.clean import cleaned, printable, uri
from feedsvc.render.parts import beijing, email_of, site_title

# What a parser of HTML takes for the beginning of a tag or a reference.
_MARKUP = re.compile(r"<|&[A-Za-z0-9#]")


def render_opml(states: Sequence[FeedState], site: Site) -> bytes:
    """Return one outline for each feed, in the order given; the same feeds give the same bytes."""
    site = cleaned(site)
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site_title(site)
    if states:
        changed = max(state.updated_at for state in states)
        etree.SubElement(head, "dateModified").text = format_datetime(beijing(changed))
    etree.SubElement(head, "ownerName").text = site_title(site)
    if email := email_of(site):
        etree.SubElement(head, "ownerEmail").text = email
    body = etree.SubElement(root, "body")
    for state in states:
        page = uri(f"{site.base_url}/feeds/{printable(state.slug)}")
        title = printable(state.title).strip() or printable(state.slug).strip() or page
        outline = {
            "type": "rss",
            "text": as_html(title),
            "title": title,
            "xmlUrl": f"{page}.rss",
            "htmlUrl": page,
            "language": site.language,
            "version": "RSS2",
        }
        if state.description:
            outline["description"] = printable(state.description)
        etree.SubElement(body, "outline", outline)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document


def as_html(text: str) -> str:
    """Return a plain text as OPML's `text`, which is HTML (OPML 2.0, Text attribute).

    Readers that show it undecoded would show escapes; so only what would be taken for markup is escaped.
    """
    return escape(text, quote=False) if _MARKUP.search(text) else text
