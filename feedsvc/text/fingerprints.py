"""Fingerprints of texts: a sample of their character 8-grams, alike wherever two texts are alike.

A text is reduced to its Han characters, letters and digits, and every run of eight of them is
hashed. Kept are the hashes below a limit that falls with the length, so that a brief and a whole
page each leave about `TARGET`; of two texts only the part below the lower limit is compared. So a
first third of a text is found whole in it, which neither SimHash nor MinHash finds (measured:
benchmarks/bench_identity.py). A stored text is looked up by the lowest hashes alone, `keys`.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from bisect import bisect_left
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32
from zoneinfo import ZoneInfo

from feedsvc.domain.cluster import Print
from feedsvc.text.html import plain_text

GRAM = 8
TARGET = 64
# By so many hashes a text is found. Each is a row at a random place of the largest index, and so a
# page written: most of what an article costs (22 µs each with 100,000 stored). Of a third of a
# text 5 are left on average, none in one case of 200.
KEYS = 16
# A hash is its sampling number, then a second hash that keeps different grams apart; 63 bits, since
# databases count with a sign.
SPAN = 1 << 32
LOW_BITS = 31
LOW_MASK = (1 << LOW_BITS) - 1
# A shorter title (今日天气) may stand over different texts on one day.
LEAST_TITLE = 8
CHINA = ZoneInfo("Asia/Shanghai")

_DROPPED = re.compile(r"[\W_]+")
# Nothing that is kept comes of these, and without them most Chinese text is in NFKC as it stands, which
# is seen at a glance; the way there costs as much as all the hashes.
_WIDE_POINTS = re.compile(r"[\u3000，：；！？（）…]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two prints share: hashes in common, and these as a part of the smaller sample."""

    shared: int
    containment: float


def bare(text: str) -> str:
    """Reduce plain text to what is compared: Han, letters and digits, in one width and case."""
    normal = unicodedata.normalize("NFKC", _WIDE_POINTS.sub("", text))
    return _DROPPED.sub("", normal).casefold()


def alike(one: str, other: str) -> float:
    """Say how much of the shorter of two HTML bodies is found in the longer one, 0 to 1, unsampled.

    For two texts at hand. Those too short for a gram are alike only where they are equal, and no
    text is like nothing.
    """
    mine, theirs = (_grams(bare(plain_text(html))) for html in (one, other))
    least = min(len(mine), len(theirs))
    return len(mine & theirs) / least if least else 0.0


def print_of_article(title: str, html: str, published_at: datetime) -> Print:
    """Take the print of an article; equal titles of one day, in China's time, give an equal mark."""
    made = print_of(bare(plain_text(html)))
    name = bare(title)
    if len(name) < LEAST_TITLE:
        return made
    mark = _hash(f"{name}|{published_at.astimezone(CHINA).date()}".encode())
    return Print(grams=made.grams, hashes=made.hashes, mark=mark)


def print_of(text: str) -> Print:
    """Take the print of a text that `bare` has reduced; one of less than 8 characters has none."""
    # Two bytes a character: a rare one beyond them counts as two.
    data = text.encode("utf-16-le", "replace")
    grams = max(0, len(data) // 2 - GRAM + 1)
    limit, width = _limit(grams), 2 * GRAM
    kept = set()
    for start in range(0, min(2 * grams, width), 2):
        whole = (len(data) - start) // width * width
        for (gram,) in struct.iter_unpack(f"{width}s", data[start : start + whole]):
            if crc32(gram) < limit:
                kept.add(_hash(gram))
    return Print(grams=grams, hashes=tuple(sorted(kept)))


def keys(made: Print) -> tuple[int, ...]:
    """Choose the hashes that a text is found by, lowest first: about `KEYS` of them, and its mark."""
    limit = _limit(made.grams, KEYS) << LOW_BITS
    lowest = made.hashes[: bisect_left(made.hashes, limit)]
    return (*lowest, made.mark) if made.mark else lowest


def likeness(one: Print, other: Print, ignored: Set[int] = frozenset()) -> Likeness:
    """Compare two prints without the `ignored` hashes, at the lower of their sampling rates."""
    limit = _limit(max(one.grams, other.grams)) << LOW_BITS
    mine = {each for each in one.hashes if each < limit} - ignored
    theirs = {each for each in other.hashes if each < limit} - ignored
    least = min(len(mine), len(theirs))
    shared = len(mine & theirs)
    return Likeness(shared=shared, containment=shared / least if least else 0.0)


def packed(made: Print) -> bytes:
    """Put a print's hashes into eight bytes each."""
    return struct.pack(f"<{len(made.hashes)}Q", *made.hashes)


def unpacked(grams: int, mark: int, data: bytes) -> Print:
    """Read back a print from its parts, its hashes as `packed` made them."""
    return Print(grams, struct.unpack(f"<{len(data) // 8}Q", data), mark)


def _hash(gram: bytes) -> int:
    return crc32(gram) << LOW_BITS | crc32(gram[::-1]) & LOW_MASK


def _grams(text: str) -> set[str]:
    return {text[start : start + GRAM] for start in range(max(1, len(text) - GRAM + 1))} - {""}


def _limit(grams: int, target: int = TARGET) -> int:
    return SPAN if grams <= target else SPAN * target // grams
