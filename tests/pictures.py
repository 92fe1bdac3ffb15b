"""Pictures made by arithmetic, in every type that we serve and in shapes that we refuse."""

from __future__ import annotations

import struct
import zlib

HTML = b"<!DOCTYPE html><html><body><p>\xe6\x97\xa0\xe6\x9d\x83\xe8\xae\xbf\xe9\x97\xae</p></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>'


def png(width: int = 8, height: int = 6, *, shade: int = 90, note: bytes = b"") -> bytes:
    """A grey PNG; `note` is a text chunk, as labels are embedded."""
    rows = (b"\x00" + bytes([shade]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    if note:
        chunks.insert(1, (b"tEXt", note))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG that claims far more pixels than it has."""
    small = png(1, 1)
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return small[:8] + header + small[8 + len(header) :]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def gif(width: int = 8, height: int = 6) -> bytes:
    """The least GIF: one pixel drawn on a screen of that size."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0)
    return (
        b"GIF89a" + screen + b"\x00\x00\x00\xff\xff\xff,"
        + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00;"
    )  # fmt: skip


def jpeg(width: int = 8, height: int = 6, *, orientation: int | None = None) -> bytes:
    """The segments of a JPEG with nothing decodable in its scan."""
    exif = b""
    if orientation is not None:
        entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
        exif = _segment(0xE1, b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00" * 4)
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8" + _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00") + exif
        + _segment(0xDB, b"\x00" * 65) + _segment(0xC0, frame)
        + _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\x56\xff\xd9"
    )  # fmt: skip


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def webp(width: int = 8, height: int = 6, kind: bytes = b"VP8X") -> bytes:
    """A WebP whose first chunk is of that kind."""
    content = {
        b"VP8X": b"\x00" * 4
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little"),
        b"VP8L": b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\x00",
        b"VP8 ": b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[kind]
    body = b"WEBP" + kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


def avif(width: int = 8, height: int = 6, *, turns: int = 0) -> bytes:
    """The boxes of an AVIF: a tile of 2 × 2 beside the picture itself."""
    properties = _extent(2, 2) + _extent(width, height)
    if turns:
        properties += _box(b"irot", bytes([turns]))
    meta = b"\x00" * 4 + _box(b"iprp", _box(b"ipco", properties))
    return (
        _box(b"ftyp", b"avif\x00\x00\x00\x00mif1avif")
        + _box(b"meta", meta)
        + _box(b"mdat", b"\x01\x02\x03")
    )


def _extent(width: int, height: int) -> bytes:
    return _box(b"ispe", b"\x00" * 4 + struct.pack(">II", width, height))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content
