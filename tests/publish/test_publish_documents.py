"""make_document: the same bytes three times, named by what they say."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import brotli
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.publish.documents import edition_of, make_document
from tests.render.samples import SITE, feed


@given(st.binary(max_size=2000))
def test_every_coding_gives_the_same_bytes_back(body: bytes) -> None:
    document = make_document(feed(), "rss", body, "e1")
    assert gzip.decompress(document.gzip) == body
    assert brotli.decompress(document.brotli) == body
    assert document == make_document(feed(), "rss", body, "e1")


def test_the_validators_name_the_change_and_the_bytes() -> None:
    document = make_document(feed(cursor=42), "atom", b"<feed/>", "e1")
    assert document.etag == f"42-{sha256(b'<feed/>').hexdigest()[:12]}"
    assert document.last_modified == datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
    assert document.path == "/feeds/gongan.atom"
    assert (document.cursor, document.edition, document.format) == (42, "e1", "atom")


def test_gzip_carries_no_clock() -> None:
    assert make_document(feed(), "rss", b"x", "e").gzip[4:8] == b"\0\0\0\0"


def test_another_site_is_another_edition() -> None:
    assert edition_of(SITE) == edition_of(replace(SITE))
    assert edition_of(SITE) != edition_of(replace(SITE, base_url="https://other.example"))
    assert edition_of(SITE) != edition_of(replace(SITE, rights="无"))
