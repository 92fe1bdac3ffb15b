"""A file with any number of records → pieces, each a document of its own that a parser can take.

An export of a hundred thousand articles is more than one parse may take or one transaction should
hold. It is cut in passing: RSS, RDF, Atom and WordPress exports before an `<item>` or `<entry>`,
JSON Lines at line ends, a JSON Feed between the members of its list. Cutting only looks for
boundaries; what a record means is read in a guarded worker, as in a poll.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, BinaryIO

from feedsvc.errors import BrokenDocument, NotAFeed, TooLarge
from feedsvc.text.charset import decode

MOST_RECORDS = 500
MOST_BYTES = 2 * 1024 * 1024
# What cannot be cut in passing is held in memory as a whole.
LARGEST_WHOLE = 256 * 1024 * 1024

_BLOCK = 1024 * 1024
# No start tag of an item is longer; so much of the end of a block waits for the next one.
_LONGEST_TAG = 4096
_START = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)(?=[\s>/])|<!\[CDATA\[|<!--")
_TAG = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(/?)([\w:.-]+)[^<>]*?(/?)>", re.DOTALL
)
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some records with what surrounds them; `end` is the position in the file after the last one."""

    records: tuple[bytes, ...]
    start: int
    end: int
    head: bytes = b""
    tail: bytes = b""
    glue: bytes = b""

    @property
    def document(self) -> bytes:
        """The piece as a document."""
        return self.head + self.glue.join(self.records) + self.tail

    def halves(self) -> tuple[Piece, Piece]:
        """Cut a piece in two, to find the record that makes it unreadable."""
        middle = len(self.records) // 2
        return (
            replace(self, records=self.records[:middle]),
            replace(self, records=self.records[middle:]),
        )


def cut(file: BinaryIO, start: int = 0) -> Iterator[Piece]:
    """Yield the pieces of a file from the position `start`, which an earlier piece's `end` told.

    Raises NotAFeed for a file that holds neither XML nor JSON, BrokenDocument for JSON that cannot
    be read, TooLarge for a JSON document (not JSON Lines) above 256 MiB.
    """
    file.seek(0)
    opening = file.read(_LONGEST_TAG)
    if opening.startswith(_WIDE):
        file.seek(0)
        file = BytesIO(decode(_whole(file)).text.encode())
        opening = file.read(_LONGEST_TAG)
    first = opening.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"<":
        return _gathered(_xml(file, start))
    if first not in {b"{", b"["}:
        raise NotAFeed("file", "it is neither XML nor JSON")
    lines = _first_line_is_a_record(file)
    return _gathered(_lines(file, start) if lines else _members(file, start))


def _whole(file: BinaryIO) -> bytes:
    body = file.read(LARGEST_WHOLE + 1)
    if len(body) > LARGEST_WHOLE:
        raise TooLarge("file", "a JSON document above 256 MiB; write it as JSON Lines")
    return body


def _gathered(records: Iterator[Piece]) -> Iterator[Piece]:
    """Put single records together up to 500 or 2 MiB."""
    held: list[Piece] = []
    size = 0
    for each in records:
        if held and (len(held) == MOST_RECORDS or size + len(each.records[0]) > MOST_BYTES):
            yield _joined(held)
            held, size = [], 0
        held.append(each)
        size += len(each.records[0])
    if held:
        yield _joined(held)


def _joined(held: list[Piece]) -> Piece:
    last = held[-1]
    return replace(last, records=tuple(each.records[0] for each in held), start=held[0].start)


def _xml(file: BinaryIO, start: int) -> Iterator[Piece]:
    starts = _item_starts(file)
    first = next(starts, None)
    size = file.seek(0, 2)
    if first is None:
        # Not one item: the parser says what the document is.
        if start == 0:
            file.seek(0)
            yield Piece(records=(file.read(_BLOCK),), start=0, end=size)
        return
    file.seek(0)
    head = file.read(first)
    tail = _closing(head)
    at = first
    for following in starts:
        if at >= start:
            yield Piece(
                records=(_slice(file, at, following),),
                start=at,
                end=following,
                head=head,
                tail=tail,
            )
        at = following
    if at >= start:
        last = _slice(file, at, size)
        cut_at = _tail_of(last, tail)
        yield Piece(records=(last[:cut_at],), start=at, end=size, head=head, tail=tail)


def _item_starts(file: BinaryIO) -> Iterator[int]:
    """Where items begin, leaving out what only looks like one in CDATA and comments."""
    offset, buffer, closing = 0, b"", b""
    while True:
        block = _slice(file, offset + len(buffer), offset + len(buffer) + _BLOCK)
        buffer += block
        at = 0
        while True:
            if closing:
                found = buffer.find(closing, at)
                if found < 0:
                    at = max(at, len(buffer) - len(closing) + 1)
                    break
                at, closing = found + len(closing), b""
            token = _START.search(buffer, at)
            if token is None or (block and token.start() > len(buffer) - _LONGEST_TAG):
                at = token.start() if token else max(at, len(buffer) - _LONGEST_TAG)
                break
            at = token.end()
            closing = _ENDS.get(token.group(), b"")
            if not closing:
                yield offset + token.start()
        offset, buffer = offset + at, buffer[at:]
        if not block:
            return


def _slice(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _closing(head: bytes) -> bytes:
    """The end tags of what is open where the first item begins."""
    opened: list[bytes] = []
    for tag in _TAG.finditer(head):
        name = tag.group(2)
        if name is None or tag.group(3):
            continue
        if not tag.group(1):
            opened.append(name)
        elif name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]
    return b"".join(b"</" + name + b">" for name in reversed(opened))


def _tail_of(last: bytes, tail: bytes) -> int:
    """Where the last record ends and the end tags of the document begin."""
    outermost = tail[: tail.find(b">") + 1] if tail else b""
    at = last.rfind(outermost) if outermost else -1
    return at if at >= 0 else len(last)


def _first_line_is_a_record(file: BinaryIO) -> bool:
    """JSON Lines: the first line is an object by itself, and more lines than this one are there.

    A JSON Feed on one line is an object too; its `items` tell it.
    """
    file.seek(0)
    line = file.readline(LARGEST_WHOLE)
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not isinstance(value.get("items"), list)


def _lines(file: BinaryIO, start: int) -> Iterator[Piece]:
    file.seek(start)
    at = start
    for line in file:
        end = at + len(line)
        if line.strip():
            yield Piece(records=(line.rstrip(b"\r\n"),), start=at, end=end, glue=b"\n")
        at = end


def _members(file: BinaryIO, start: int) -> Iterator[Piece]:
    """The items of a JSON Feed, or the objects of a list; positions count them."""
    file.seek(0)
    try:
        document: Any = json.loads(decode(_whole(file)).text, strict=False)
    except (ValueError, RecursionError) as error:
        raise BrokenDocument("file", f"JSON that cannot be read: {error}") from error
    if isinstance(document, list):
        for number, record in enumerate(document[start:], start):
            yield Piece(records=(_spelt(record),), start=number, end=number + 1, glue=b"\n")
        return
    items = document.get("items")
    if not isinstance(items, list):
        yield Piece(records=(_spelt(document),), start=0, end=1)
        return
    around = {key: value for key, value in document.items() if key != "items"}
    head = _spelt(around)[:-1] + (b"," if around else b"") + b'"items":['
    for number, record in enumerate(items[start:], start):
        yield Piece(
            records=(_spelt(record),),
            start=number,
            end=number + 1,
            head=head,
            tail=b"]}",
            glue=b",",
        )


def _spelt(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()
