"""Small pictures of the sample partner, painted by arithmetic so that no foreign file is shipped."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

WIDTH = 400
HEIGHT = 225

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Colours of one landscape: sky from top to horizon, sun, ridges from far to near, water."""

    top: Colour
    horizon: Colour
    sun: Colour
    ridges: tuple[Colour, ...]
    water: Colour
    phase: float


_SCENES = {
    "menpai": _Scene(
        top=(120, 170, 205),
        horizon=(250, 226, 190),
        sun=(255, 246, 214),
        ridges=((142, 170, 178), (92, 132, 140), (48, 88, 96)),
        water=(150, 186, 190),
        phase=0.4,
    ),
    "jiesan": _Scene(
        top=(70, 84, 104),
        horizon=(176, 180, 186),
        sun=(198, 200, 202),
        ridges=((132, 142, 152), (92, 104, 116), (54, 66, 78)),
        water=(108, 124, 136),
        phase=2.1,
    ),
    "yeshi": _Scene(
        top=(16, 24, 54),
        horizon=(96, 74, 110),
        sun=(250, 240, 190),
        ridges=((52, 54, 90), (34, 36, 66), (18, 20, 42)),
        water=(40, 52, 92),
        phase=3.3,
    ),
    "yugang": _Scene(
        top=(96, 150, 176),
        horizon=(244, 206, 160),
        sun=(255, 214, 150),
        ridges=((150, 160, 150), (104, 120, 110), (70, 84, 72)),
        water=(86, 140, 160),
        phase=4.6,
    ),
    "dianti": _Scene(
        top=(150, 190, 216),
        horizon=(232, 238, 236),
        sun=(255, 252, 232),
        ridges=((176, 190, 170), (128, 150, 116), (84, 110, 74)),
        water=(164, 196, 204),
        phase=5.9,
    ),
}
_WATERLINE = 180
_SUN = (300, 62, 24)


@lru_cache(maxsize=len(_SCENES))
def draw(name: str) -> bytes | None:
    """Return a PNG (RGB, 8 bit, 400 × 225) of one scene, None for a name that we do not have."""
    scene = _SCENES.get(name)
    if scene is None:
        return None
    heights = [_ridge(scene.phase, depth) for depth in range(len(scene.ridges))]
    rows = b"".join(b"\x00" + _row(scene, heights, y) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _ridge(phase: float, depth: int) -> list[int]:
    """The upper edge of one mountain range for each column; nearer ranges stand lower."""
    base = 92 + 30 * depth
    return [
        base
        + round(
            18 * math.sin(x / 47 + phase + 1.7 * depth)
            + 9 * math.sin(x / 19 + 2.3 * phase + depth)
            + 4 * math.sin(x / 7 + depth)
        )
        for x in range(WIDTH)
    ]


def _row(scene: _Scene, heights: list[list[int]], y: int) -> bytes:
    if y >= _WATERLINE:
        return bytes(_blend(scene.water, scene.ridges[-1], (y % 9) / 40)) * WIDTH
    row = bytearray(bytes(_blend(scene.top, scene.horizon, y / _WATERLINE)) * WIDTH)
    centre, middle, radius = _SUN
    if abs(y - middle) < radius:
        half = math.isqrt(radius**2 - (y - middle) ** 2)
        row[3 * (centre - half) : 3 * (centre + half)] = bytes(scene.sun) * (2 * half)
    for colour, edge in zip(scene.ridges, heights, strict=True):
        for x in range(WIDTH):
            if y >= edge[x]:
                row[3 * x : 3 * x + 3] = bytes(colour)
    return bytes(row)


def _blend(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (
        round(one + (two - one) * share) for one, two in zip(first, second, strict=True)
    )
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
