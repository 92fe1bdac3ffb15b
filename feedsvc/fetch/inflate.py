"""Undoing a content coding within caps: neither a bomb nor half an answer gets through.

HTTP clients inflate without bounds and take a cut gzip stream for a whole answer (measured: 1 MB
became 1 GB); therefore the wire's bytes are taken raw and inflated here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Protocol

from feedsvc.errors import BadResponse, TooLarge, Truncated

GZIP = frozenset({"gzip", "x-gzip"})
CODINGS = GZIP | {"deflate", "identity", ""}
GZIP_MAGIC = b"\x1f\x8b"
# Every member costs a copy of what follows it: thousands of tiny ones would take minutes.
MEMBERS_MOST = 64
# Below this a high ratio harms nobody, and small repetitive documents do reach it.
RATIO_FLOOR = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Bytes of a body as sent and inflated, and how many times larger than sent it may become."""

    wire: int
    inflated: int
    ratio: int

    def inflated_from(self, sent: int) -> int:
        """How many bytes `sent` bytes may become."""
        return min(self.inflated, max(RATIO_FLOOR, sent * self.ratio))


class _Inflater(Protocol):
    """What zlib's decompression objects have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def inflate(body: bytes, coding: str, caps: Caps, subject: str) -> bytes:
    """Return the body without its coding (RFC 9110, section 8.4.1).

    Raises `TooLarge` above the caps, `Truncated` without the stream's end, `BadResponse` for
    another coding or a broken stream. Bytes after a complete stream are ignored: its checksum
    says that the document is whole, and some servers pad.
    """
    if coding not in CODINGS:
        raise BadResponse(subject, f"the body comes in the unknown content coding {coding[:40]!r}")
    room = caps.inflated_from(len(body))
    try:
        if coding in GZIP:
            return _members(body, room, subject)
        if coding == "deflate":
            return _deflated(body, room, subject)
    except zlib.error as error:
        raise BadResponse(subject, f"the body is not valid {coding} data") from error
    if len(body) > caps.inflated:
        raise TooLarge(subject, f"the body is larger than {caps.inflated} bytes")
    return body


def _members(body: bytes, room: int, subject: str) -> bytes:
    """All members of a gzip file, one after the other (RFC 1952, section 2.2)."""
    parts: list[bytes] = []
    rest = body
    for _ in range(MEMBERS_MOST):
        part, rest = _whole(zlib.decompressobj(16 + zlib.MAX_WBITS), rest, room, subject)
        parts.append(part)
        room -= len(part)
        if not rest.startswith(GZIP_MAGIC):
            return b"".join(parts)
    raise BadResponse(subject, f"the body has more than {MEMBERS_MOST} gzip members")


def _deflated(body: bytes, room: int, subject: str) -> bytes:
    """zlib's format, or bare deflate, which some servers send under the same name."""
    try:
        return _whole(zlib.decompressobj(zlib.MAX_WBITS), body, room, subject)[0]
    except zlib.error:
        return _whole(zlib.decompressobj(-zlib.MAX_WBITS), body, room, subject)[0]


def _whole(inflater: _Inflater, data: bytes, room: int, subject: str) -> tuple[bytes, bytes]:
    """One stream to its end, and the bytes after it."""
    # One byte more than there is room for: a maximum of 0 would mean none at all.
    inflated = inflater.decompress(data, room + 1)
    if len(inflated) > room:
        raise TooLarge(subject, "the body inflates to more than its size allows")
    if not inflater.eof:
        raise Truncated(subject, "the compressed body stops before its end")
    return inflated, inflater.unused_data
