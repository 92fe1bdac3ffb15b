"""Keep a feed of long articles fit to be polled: what is too long ends with a link to the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from html import escape

from lxml.html import HtmlElement, fragments_fromstring, tostring

from feedsvc.domain.feed import Entry

# Bytes of HTML in UTF-8. The public validator reads at most 5,000,000 bytes of a feed, and escaping
# as XML adds to these.
ENTRY_BYTES = 256 * 1024
FEED_BYTES = 2 * 1024 * 1024


def fit(
    entries: Iterable[Entry], *, entry_bytes: int = ENTRY_BYTES, feed_bytes: int = FEED_BYTES
) -> tuple[Entry, ...]:
    """Return the entries with contents cut so that each and all together stay within their bytes.

    The first entries get their room first. The links that a cut adds are not counted.
    """
    left = feed_bytes
    fitted = []
    for entry in entries:
        room = min(entry_bytes, left)
        size = len(entry.content_html.encode())
        if size > room:
            kept = _first_blocks(entry.content_html, room)
            size = len(kept.encode())
            entry = replace(entry, content_html=kept + _to_the_whole(entry.url))  # noqa: PLW2901 - the cut entry stands for it
        left -= size
        fitted.append(entry)
    return tuple(fitted)


def _first_blocks(html: str, room: int) -> str:
    """As many whole top-level blocks as there is room for: a cut inside one would break its markup."""
    kept: list[str] = []
    for block in fragments_fromstring(html):
        written = _written(block)
        room -= len(written.encode())
        if room < 0:
            break
        kept.append(written)
    return "".join(kept)


def _written(block: HtmlElement | str) -> str:
    if isinstance(block, str):
        return escape(block, quote=False)
    return tostring(block, encoding="unicode")


def _to_the_whole(url: str) -> str:
    return f'<p><a href="{escape(url)}">阅读全文</a></p>'
