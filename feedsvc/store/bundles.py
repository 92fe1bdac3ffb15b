"""One feed document as bytes in a file: a header, the three bodies, and a checksum over all of it."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import astuple
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any

from feedsvc.domain.feed import FeedDocument, Piece

# The number rises when files of before cannot be read: they are then filled anew.
MAGIC = b"FSVCDOC3"
CHECKSUM = 16
LENGTH = struct.Struct(">I")
BODIES = ("body", "gzip", "brotli")


def pack(document: FeedDocument) -> bytes:
    """Write a document down: magic, header length, JSON header, bodies, BLAKE2b-128 of all before."""
    header = {
        "slug": document.slug,
        "format": document.format,
        "cursor": document.cursor,
        "etag": document.etag,
        "last_modified": document.last_modified.isoformat(),
        "edition": document.edition,
        "complete_since": document.complete_since,
        "pieces": [astuple(each) for each in document.pieces],
        "max_age": document.max_age,
        "links": document.links,
        "gone": document.gone,
        "sizes": [len(getattr(document, name)) for name in BODIES],
    }
    words = json.dumps(header, ensure_ascii=False).encode()
    parts = [MAGIC, LENGTH.pack(len(words)), words, *(getattr(document, name) for name in BODIES)]
    content = b"".join(parts)
    return content + _checksum(content)


def unpack(data: bytes) -> FeedDocument | None:
    """Read a document back; None for anything that `pack` did not write or that is not whole."""
    content = memoryview(data)[:-CHECKSUM]
    if not data.startswith(MAGIC) or _checksum(content) != data[-CHECKSUM:]:
        return None
    start = len(MAGIC) + LENGTH.size
    (length,) = LENGTH.unpack_from(data, len(MAGIC))
    header: dict[str, Any] = json.loads(data[start : start + length])
    ends = list(accumulate(header["sizes"], initial=start + length))
    body, gzip, brotli = (data[begin:end] for begin, end in pairwise(ends))
    return FeedDocument(
        slug=header["slug"],
        format=header["format"],
        cursor=header["cursor"],
        etag=header["etag"],
        last_modified=datetime.fromisoformat(header["last_modified"]),
        edition=header["edition"],
        body=body,
        gzip=gzip,
        brotli=brotli,
        pieces=tuple(Piece(*each) for each in header["pieces"]),
        complete_since=header["complete_since"],
        max_age=header["max_age"],
        links=tuple((rel, url) for rel, url in header["links"]),
        # Files of before know of no absence.
        gone=header.get("gone", False),
    )


def _checksum(content: bytes | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=CHECKSUM).digest()
