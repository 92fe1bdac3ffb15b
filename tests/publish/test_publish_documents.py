"""make_document: the same bytes three times, named by what they say."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.feed import FORMATS, Format
from feedsvc.publish.documents import edition_of, make_document
from feedsvc.publish.gate import Passed, pass_gate
from feedsvc.render.fragments import Fragments
from feedsvc.render.pieces import Rendered
from tests.render.samples import SITE, entry, feed


def bare(body: bytes, **changes: Any) -> Passed:
    """A document without entries, as the gate lets it pass."""
    return Passed(rendered=Rendered(head=body, entries=(), tail=b""), feed=feed(**changes))


@given(st.binary(max_size=2000))
def test_every_coding_gives_the_same_bytes_back(body: bytes) -> None:
    document = make_document(bare(body), "rss", "e1")
    assert gzip.decompress(document.gzip) == body
    assert brotli.decompress(document.brotli) == body
    assert document == make_document(bare(body), "rss", "e1")


def test_the_validators_name_the_change_and_the_bytes() -> None:
    document = make_document(bare(b"<feed/>", cursor=42), "atom", "e1")
    assert document.etag == f"42-{sha256(b'<feed/>').hexdigest()[:12]}"
    assert document.last_modified == datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
    assert document.path == "/feeds/gongan.atom"
    assert (document.cursor, document.edition, document.format) == (42, "e1", "atom")


@pytest.mark.parametrize("fmt", FORMATS)
def test_pieces_are_the_entries_bytes_with_their_last_changes(fmt: Format) -> None:
    shown = feed(entry(1, cursor=7), entry(2, cursor=3), complete_since=2)
    passed = pass_gate(shown, fmt, Fragments(SITE))
    document = make_document(passed, fmt, "e1")
    assert [document.body[each.start : each.end] for each in document.pieces] == list(
        passed.rendered.entries
    )
    assert [each.cursor for each in document.pieces] == [7, 3]
    assert document.complete_since == 2


def test_a_document_that_lacks_an_entry_is_no_ground_for_a_delta() -> None:
    broken = feed(entry(1, url="javascript:x"), entry(2), cursor=9, complete_since=2)
    document = make_document(pass_gate(broken, "rss", Fragments(SITE)), "rss", "e1")
    assert document.complete_since == 9


def test_gzip_carries_no_clock() -> None:
    assert make_document(bare(b"x"), "rss", "e").gzip[4:8] == b"\0\0\0\0"


def test_another_site_is_another_edition() -> None:
    assert edition_of(SITE) == edition_of(replace(SITE))
    assert edition_of(SITE) != edition_of(replace(SITE, base_url="https://other.example"))
    assert edition_of(SITE) != edition_of(replace(SITE, rights="无"))
