"""One door to the three writers."""

from __future__ import annotations

from collections.abc import Callable

from lxml.etree import LxmlError

from feedsvc.domain.feed import Feed, Format, Site
from feedsvc.errors import RenderError
from feedsvc.render.atom import render_atom
from feedsvc.render.json_feed import json_pieces, render_json
from feedsvc.render.parts import GENERATOR_VERSION
from feedsvc.render.pieces import Rendered, cut
from feedsvc.render.rss import render_rss

# Raise the number whenever equal feeds give other bytes than before: stored documents of another
# edition are made anew at the next start.
EDITION = f"{GENERATOR_VERSION}-6"

_WRITERS: dict[Format, Callable[[Feed, Site], bytes]] = {
    "rss": render_rss,
    "atom": render_atom,
    "json": render_json,
}


def render_pieces(feed: Feed, fmt: Format, site: Site) -> Rendered:
    """Return the same document in pieces, one for each entry."""
    if fmt == "json":
        return json_pieces(feed, site)
    pieces = cut(render(feed, fmt, site), fmt)
    if len(pieces.entries) != len(feed.entries):
        raise RenderError(
            f"{feed.slug}.{fmt}", f"{len(pieces.entries)} pieces of {len(feed.entries)} entries"
        )
    return pieces


def render(feed: Feed, fmt: Format, site: Site) -> bytes:
    """Return the feed's document in one format; raises `RenderError` where a writer refuses it."""
    try:
        return _WRITERS[fmt](feed, site)
    except (ValueError, LxmlError) as error:
        raise RenderError(f"{feed.slug}.{fmt}", f"the writer refused it ({error})") from error
