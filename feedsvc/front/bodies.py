"""Request bodies, taken off a buffer as they come, whole before anybody waits for them. Pure.

A body in chunks is unpacked here and handed on with its length, so the application never reads
chunks, and cannot read them in another way than we do (RFC 9112 section 7.1).
"""

from __future__ import annotations

import re
from typing import Protocol

from feedsvc.front.heads import BAD, Refusal

LARGEST = 16 * 1024 * 1024
TOO_LARGE = Refusal("413 Content Too Large")

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n")
_LONGEST_LINE = 1024
_MOST_TRAILERS = 32


class Body(Protocol):
    """A body on its way; `content` is what has come."""

    content: bytearray

    def take(self, buffer: bytearray) -> bool | Refusal:
        """Take what belongs to the body off the front of `buffer`; True when nothing more does."""
        ...


class CountedBody:
    """A body whose length is known."""

    def __init__(self, length: int) -> None:
        self.content = bytearray()
        self._length = length

    def take(self, buffer: bytearray) -> bool | Refusal:
        """Take up to the length (see `Body`)."""
        wanted = self._length - len(self.content)
        self.content += buffer[:wanted]
        del buffer[:wanted]
        return len(self.content) == self._length


class ChunkedBody:
    """A body in chunks; extensions and trailers are passed over."""

    def __init__(self) -> None:
        self.content = bytearray()
        # Bytes of the chunk that are still to come; None between chunks.
        self._left: int | None = None
        self._trailers: int | None = None

    def take(self, buffer: bytearray) -> bool | Refusal:
        """Take whole chunks and pieces of one (see `Body`)."""
        while True:
            if self._trailers is not None:
                step = self._take_trailer(buffer)
            elif self._left is None:
                step = self._take_size(buffer)
            else:
                step = self._take_piece(buffer)
            if step is not None:
                return step

    def _take_size(self, buffer: bytearray) -> bool | Refusal | None:
        line = _take_line(buffer)
        if not isinstance(line, bytes):
            return line
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            return BAD
        self._left = int(match[1], 16)
        if len(self.content) + self._left > LARGEST:
            return TOO_LARGE
        if self._left == 0:
            self._trailers = 0
        return None

    def _take_piece(self, buffer: bytearray) -> bool | Refusal | None:
        left = self._left or 0
        piece = buffer[:left]
        self.content += piece
        del buffer[: len(piece)]
        self._left = left - len(piece)
        if self._left or len(buffer) < 2:
            return False if self._left or buffer in (bytearray(), bytearray(b"\r")) else BAD
        if buffer[:2] != b"\r\n":
            return BAD
        del buffer[:2]
        self._left = None
        return None

    def _take_trailer(self, buffer: bytearray) -> bool | Refusal | None:
        line = _take_line(buffer)
        if not isinstance(line, bytes):
            return line
        if line == b"\r\n":
            return True
        self._trailers = (self._trailers or 0) + 1
        if self._trailers > _MOST_TRAILERS or not _TRAILER.fullmatch(line):
            return BAD
        return None


def _take_line(buffer: bytearray) -> bytes | Refusal | bool:
    """One line with its end; False while it has not come whole."""
    at = buffer.find(b"\n", 0, _LONGEST_LINE)
    if at < 0:
        return BAD if len(buffer) >= _LONGEST_LINE else False
    line = bytes(buffer[: at + 1])
    del buffer[: at + 1]
    return line
