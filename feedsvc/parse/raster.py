"""What a picture is, by its own first bytes: its type, its size, and whether it is whole.

Nothing is decoded, so a picture that claims billions of pixels costs as little as any other. The
sizes are those that a browser shows: a turned photograph (EXIF orientation, AVIF irot) is turned.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from feedsvc.domain.picture import Raster
from feedsvc.errors import NotAPicture

# A photograph of 24 Mpx is usual today; a browser holds four bytes for each pixel.
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384
HEAD = 32

Size = tuple[int, int]

_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})
_BOXES_MOST = 200


def media_type_of(head: bytes) -> str | None:
    """Tell the type of a picture by its first 32 bytes; None for anything that we do not serve."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and any(
        head[at : at + 4] in {b"avif", b"avis"} for at in (8, 16, 20, 24, 28)
    ):
        return "image/avif"
    return None


def examine(data: bytes, subject: str) -> Raster:
    """Return what a picture is; raises `NotAPicture`, permanent where another try cannot help."""
    media_type = media_type_of(data[:HEAD])
    if media_type is None:
        raise NotAPicture(subject, f"is {_nature(data)}", permanent=_is_vector(data))
    try:
        width, height = _READERS[media_type](data)
    except (IndexError, ValueError, struct.error) as error:
        raise NotAPicture(subject, f"is a broken or cut {media_type}") from error
    if not (width and height):
        raise NotAPicture(subject, "has no size")
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise NotAPicture(
            subject, f"claims {width} × {height} pixels, more than we pass on", permanent=True
        )
    return Raster(media_type=media_type, width=width, height=height)


def _nature(data: bytes) -> str:
    start = data[:512].lstrip().lower()
    if _is_vector(data):
        return "SVG, which may run scripts"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<!--")):
        return "a web page and not a picture"
    return "no picture of a type that we serve" if data else "empty"


def _is_vector(data: bytes) -> bool:
    start = data[:1024].lower()
    return b"<svg" in start and b"<html" not in start


def _png(data: bytes) -> Size:
    """Width and height of the header chunk; the last chunk must be there (W3C PNG, 5.3 and 11.2)."""
    if data[12:16] != b"IHDR" or data.rfind(b"IEND\xaeB`\x82") < 0:
        raise ValueError("cut")
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> Size:
    """The logical screen; the trailer ends the file (GIF89a, sections 18 and 27)."""
    if not data.rstrip(b"\x00").endswith(b";"):
        raise ValueError("cut")
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp(data: bytes) -> Size:
    """The canvas of the first chunk (RFC 9649, section 2)."""
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise ValueError("cut")
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no picture chunk")


def _jpeg(data: bytes) -> Size:
    """The frame header, turned as EXIF says; after the scan an end mark must come (T.81, B.1)."""
    size: Size | None = None
    turned = False
    for marker, start, end in _jpeg_segments(data):
        if marker in _JPEG_FRAMES and size is None:
            height, width = struct.unpack_from(">HH", data, start + 1)
            size = (width, height)
        elif marker == 0xE1 and data[start : start + 6] == _EXIF:
            turned = turned or _orientation(data[start + 6 : end]) in _TURNED
        elif marker == 0xDA and size is not None:
            if data.rfind(b"\xff\xd9") < end:
                raise ValueError("cut")
            return size[::-1] if turned else size
    raise ValueError("no frame")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment's content up to the first scan."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _JPEG_ALONE:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2:
            raise ValueError("a segment without length")
        yield marker, at + 2, at + length
        at += length


def _orientation(exif: bytes) -> int:
    """The orientation of a TIFF header (EXIF 2.32, 4.6.4); 1 for none that can be read."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (table,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, table)
        for entry in range(table + 2, table + 2 + 12 * min(count, 64), 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, entry)
            if tag == _ORIENTATION and kind == 3:
                return int(value)
    except (KeyError, struct.error):
        return 1
    return 1


def _avif(data: bytes) -> Size:
    """The largest extent of the properties (ISO/IEC 23008-12, 6.5): that of the picture, not of a tile."""
    boxes = {kind: (start, end) for kind, start, end in _boxes(data, 0, len(data))}
    if b"meta" not in boxes or b"mdat" not in boxes:
        raise ValueError("cut")
    start, end = boxes[b"meta"]
    sizes: list[Size] = []
    turned = False
    for name, begin in _properties(data, start + 4, end):
        if name == b"ispe":
            width, height = struct.unpack_from(">II", data, begin + 4)
            sizes.append((width, height))
        elif name == b"irot":
            turned = bool(data[begin] & 1)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return (height, width) if turned else (width, height)


def _properties(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    for outer, begin, finish in _boxes(data, start, end):
        if outer != b"iprp":
            continue
        for inner, first, last in _boxes(data, begin, finish):
            if inner == b"ipco":
                yield from ((name, at) for name, at, _ in _boxes(data, first, last))


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the content of each box; one that reaches beyond `end` is a cut file."""
    for _ in range(_BOXES_MOST):
        if start + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", data, start)
        begin = start + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        elif length == 0:
            length = end - start
        if length < begin - start or start + length > end:
            raise ValueError("cut")
        yield kind, begin, start + length
        start += length


_READERS: dict[str, Callable[[bytes], Size]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/avif": _avif,
}
