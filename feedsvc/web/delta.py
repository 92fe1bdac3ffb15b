"""Deltas (RFC 3229): of a document that a reader has an older state of, only what has changed since.

A reader that sends `A-IM: feed` with the ETag it knows gets the entries changed after that ETag's
cursor, cut from the document in memory: one new article of fifty is 2 KB instead of 40. Where the
window does not hold every change since, the reader gets the whole document instead: a delta never
skips one.
"""

from __future__ import annotations

import gzip
import re

import brotli

from feedsvc.domain.feed import FeedDocument
from feedsvc.web.conditional import Coding

_MANIPULATION = re.compile(
    r"(?:^|,)\s*feed\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?=,|$)", re.I
)
_OUR_TAG = re.compile(r'"(\d{1,18})-[0-9a-f]{12}(?:-gz|-br)?"')


def wants_delta(a_im: str) -> bool:
    """Tell whether A-IM names the instance manipulation `feed` (RFC 3229 section 10.5.3)."""
    return _MANIPULATION.search(a_im[:256]) is not None


def known_cursor(if_none_match: str) -> int | None:
    """Return the newest change that a reader knows by its If-None-Match, None where no tag is ours."""
    cursors = [int(found) for found in _OUR_TAG.findall(if_none_match[:2048])]
    return max(cursors, default=None)


def cut_delta(document: FeedDocument, since: int) -> bytes | None:
    """Return the document with only the entries changed after `since`.

    None where that would not tell all: the window lost a change since then, or `since` is of
    another time, or nothing but the feed itself has changed.
    """
    if not document.complete_since <= since < document.cursor:
        return None
    fresh = [each for each in document.pieces if each.cursor > since]
    if not fresh:
        return None
    body, pieces = document.body, document.pieces
    separator = b"," if document.format == "json" else b""
    # Tombstones stand before the entries: who knows them takes the old text back, then reads the notice.
    beside = "".join(each.beside for each in fresh).encode()
    return b"".join(
        (
            body[: pieces[0].start],
            beside,
            separator.join(body[each.start : each.end] for each in fresh),
            body[pieces[-1].end :],
        )
    )


def compressed(body: bytes, coding: Coding) -> bytes:
    """Return what is made for one answer in one content coding."""
    if coding == "identity":
        return body
    if coding == "gzip":
        return gzip.compress(body, 6, mtime=0)
    smaller: bytes = brotli.compress(body, quality=5)
    return smaller
