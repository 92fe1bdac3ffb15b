"""Content codings: what was packed comes out, within caps, whole or not at all."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import BadResponse, TooLarge, Truncated
from feedsvc.fetch.inflate import RATIO_FLOOR, Caps, inflate

CAPS = Caps(wire=5_000_000, inflated=10_000_000, ratio=200)
TEXT = "新闻 news ".encode() * 400


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@settings(max_examples=100, deadline=None)
@given(
    data=st.binary(max_size=3000), coding=st.sampled_from(["gzip", "x-gzip", "deflate", "bare", ""])
)
def test_what_was_packed_comes_out(data: bytes, coding: str) -> None:
    packed = {"": data, "deflate": zlib.compress(data), "bare": bare_deflate(data)}
    body = packed.get(coding, gzip.compress(data))
    assert inflate(body, "deflate" if coding == "bare" else coding, CAPS, "s") == data


@settings(max_examples=100, deadline=None)
@given(data=st.binary(min_size=1, max_size=400), cut=st.integers(1, 10_000))
def test_a_cut_stream_is_never_taken_for_a_whole_one(data: bytes, cut: int) -> None:
    for coding, packed in (("gzip", gzip.compress(data)), ("deflate", zlib.compress(data))):
        with pytest.raises(Truncated):
            inflate(packed[: -(1 + cut % len(packed))], coding, CAPS, "s")


def test_an_empty_body_is_no_compressed_one() -> None:
    with pytest.raises(Truncated):
        inflate(b"", "gzip", CAPS, "s")
    assert inflate(b"", "", CAPS, "s") == b""


def test_members_follow_each_other_and_padding_is_ignored() -> None:
    two = gzip.compress(TEXT) + gzip.compress(b"more")
    assert inflate(two, "gzip", CAPS, "s") == TEXT + b"more"
    assert inflate(two + b"\0" * 512, "gzip", CAPS, "s") == TEXT + b"more"
    assert inflate(gzip.compress(TEXT) + b"<!-- -->", "gzip", CAPS, "s") == TEXT
    with pytest.raises(Truncated):
        inflate(two[:-3], "gzip", CAPS, "s")


def test_a_thousand_members_are_refused() -> None:
    with pytest.raises(BadResponse, match="members"):
        inflate(gzip.compress(b"") * 1000, "gzip", CAPS, "s")


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "utf-8"])
def test_an_unknown_coding_is_refused_by_name(coding: str) -> None:
    with pytest.raises(BadResponse, match=coding):
        inflate(TEXT, coding, CAPS, "s")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_garbage_is_refused(coding: str) -> None:
    with pytest.raises(BadResponse, match=coding):
        inflate(b"<rss>plain after all</rss>", coding, CAPS, "s")


def test_a_broken_checksum_is_refused() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-5] ^= 0xFF
    with pytest.raises(BadResponse):
        inflate(bytes(packed), "gzip", CAPS, "s")


def test_the_ratio_counts_above_the_floor_only() -> None:
    assert len(inflate(gzip.compress(bytes(RATIO_FLOOR)), "gzip", CAPS, "s")) == RATIO_FLOOR
    with pytest.raises(TooLarge):
        inflate(gzip.compress(bytes(RATIO_FLOOR * 2)), "gzip", CAPS, "s")


def test_the_cap_counts_to_the_byte_over_all_members() -> None:
    caps = Caps(wire=1000, inflated=100, ratio=200)
    half = gzip.compress(b"x" * 50)
    assert len(inflate(half + half, "gzip", caps, "s")) == 100
    with pytest.raises(TooLarge):
        inflate(half + gzip.compress(b"x" * 51), "gzip", caps, "s")
    with pytest.raises(TooLarge):
        inflate(half + half + gzip.compress(b"x"), "gzip", caps, "s")
    with pytest.raises(TooLarge):
        inflate(b"x" * 101, "", caps, "s")
