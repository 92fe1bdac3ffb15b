"""feedparser as second opinion: for well-formed documents in which our own mapper knows no item."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from feedsvc.domain.item import Enclosure
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item import Told

# Old formats (CDF, RSS 0.9x dialects) are small; feedparser is slow enough to be led astray by size.
MOST_CHARACTERS = 1_000_000
# What feedparser lets out of `parse` although it promises not to raise (mutation run: 536 of
# 16,891 inputs).
_VERSION = re.compile(r"(rss|atom)(\d)(\d+)[un]?")
_ESCAPING = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


def ask_feedparser(text: str, job: ParseJob) -> tuple[str, str, tuple[Told, ...]]:
    """Give the format, the title and the items that feedparser finds; ("", "", ()) for none.

    It gets bytes in a stream, never a string that it might open, and neither sanitises nor
    resolves addresses: both are ours.
    """
    if len(text) > MOST_CHARACTERS:
        return "", "", ()
    import feedparser  # noqa: PLC0415  a tenth of a second that hardly any worker needs

    try:
        read = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        told = tuple(_told(entry, job.url) for entry in read.entries)
        return _format(str(read.get("version", ""))), str(read.feed.get("title", "")), told
    except _ESCAPING:
        return "", "", ()


def _format(version: str) -> str:
    """feedparser's name of a format as we write it: rss20 is rss-2.0, rss091u rss-0.91."""
    found = _VERSION.fullmatch(version)
    return f"{found[1]}-{found[2]}.{found[3]}" if found else version


def _told(entry: Mapping[str, Any], base_url: str) -> Told:
    contents = entry.get("content") or [{}]
    return Told(
        base_url=base_url,
        guid=str(entry.get("id") or ""),
        link=str(entry.get("link") or ""),
        title=str(entry.get("title") or ""),
        summary=str(entry.get("summary") or ""),
        content=str(contents[0].get("value") or ""),
        # The strings only: feedparser's own reading of them is what we do not trust.
        published=str(entry.get("published") or ""),
        # Asked by its name, feedparser's own dictionary would answer with the publication.
        updated=str(dict(entry).get("updated") or ""),
        authors=[str(entry.get("author") or "")],
        categories=[str(tag.get("term") or "") for tag in entry.get("tags") or ()],
        enclosures=[
            Enclosure(url=str(each.get("href") or ""), media_type=str(each.get("type") or ""))
            for each in entry.get("enclosures") or ()
            if each.get("href")
        ],
    )
