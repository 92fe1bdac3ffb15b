"""RFC 9110 evaluation, case by case and against Werkzeug as an oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.http import http_date as oracle_date
from werkzeug.http import parse_etags

from feedsvc.web.conditional import (
    CODINGS,
    Coding,
    choose_coding,
    entity_tag,
    http_date,
    names_core,
    read_http_date,
    spellings,
    unmodified_since,
)

CORE = "17-0123456789ab"
AT = datetime(2019, 8, 9, 2, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("br", "br"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0.5, br;q=0.5", "br"),
        ("gzip ; q=0.001", "gzip"),
        ("gzip;q=0", "identity"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000, gzip;q=0.0", "identity"),
        ("identity", "identity"),
        ("identity;q=0.5, gzip;q=0.2", "identity"),
        ("identity;q=0.2, gzip;q=0.5", "gzip"),
        ("identity;q=0", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0, br;q=0.1", "br"),
        ("identity;q=0, gzip;q=0", "identity"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("*;q=0, identity;q=0", "identity"),
        ("identity;q=0, *", "br"),
        ("gzip;q=2", "identity"),
        ("gzip;q=abc, br", "br"),
        ("gzip;level=9", "identity"),
        (",,gzip,,", "gzip"),
        ("gzip;Q=1", "gzip"),
        ("gzip" + " " * 300, "gzip"),
    ],
)
def test_coding_is_negotiated_by_weight_then_by_our_order(
    header: str | None, coding: Coding
) -> None:
    assert choose_coding(header) == coding


@pytest.mark.parametrize(
    "header",
    [
        f'"{CORE}"',
        f'W/"{CORE}"',
        f'"{CORE}-gz"',
        f'W/"{CORE}-br"',
        f'"other", "{CORE}-gz"',
        f'"a,b" , W/"{CORE}"',
        f',, "{CORE}",',
        f'"{CORE}","other',
        "*",
        " * ",
    ],
)
def test_if_none_match_recognises_any_coding_of_the_document(header: str) -> None:
    assert names_core(header, CORE)


@pytest.mark.parametrize(
    "header",
    [
        "",
        CORE,
        f"'{CORE}'",
        '"other"',
        f'"{CORE}-zz"',
        f'"{CORE}-gz-gz"',
        f'w/"{CORE}"',
        f'W/ "{CORE}"',
        f'"{CORE}',
        f'"x" "{CORE}"',
        f'*, "{CORE}x"',
        f'"not, "{CORE}", this"',
    ],
)
def test_if_none_match_refuses_other_and_broken_tags(header: str) -> None:
    assert not names_core(header, CORE)


def test_spellings_are_all_that_a_reader_sends_back() -> None:
    assert {entity_tag(CORE, coding) for coding in CODINGS} <= spellings(CORE)
    assert len(spellings(CORE)) == 6
    assert all(names_core(tag, CORE) for tag in spellings(CORE))


@given(
    st.lists(
        st.tuples(
            st.booleans(), st.sampled_from([CORE, f"{CORE}-gz", f"{CORE}-br", "x", "a,b", ""])
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=60)
def test_tag_lists_agree_with_werkzeug(tags: list[tuple[bool, str]]) -> None:
    header = ", ".join(f'{"W/" if weak else ""}"{tag}"' for weak, tag in tags)
    oracle = parse_etags(header)
    expected = any(oracle.contains_weak(f"{CORE}{suffix}") for suffix in ("", "-gz", "-br"))
    assert names_core(header, CORE) is expected


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_no_header_whatsoever_raises(header: str) -> None:
    assert choose_coding(header) in CODINGS
    assert names_core(header, CORE) in {True, False}
    assert unmodified_since(header, AT) in {True, False}


@pytest.mark.parametrize(
    "written",
    [
        "Fri, 09 Aug 2019 02:45:00 GMT",
        "Friday, 09-Aug-19 02:45:00 GMT",
        "Fri Aug  9 02:45:00 2019",
        " Fri, 09 Aug 2019 02:45:00 GMT ",
    ],
)
def test_all_three_date_forms_are_read(written: str) -> None:
    assert read_http_date(written) == AT


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0",
        "Fri, 09 Aug 2019 02:45:00 CST",
        "Fri, 09 Aug 2019 02:45:00 +0800",
        "Fri, 31 Feb 2019 02:45:00 GMT",
        "Fri, 09 Abc 2019 02:45:00 GMT",
        "Fri, 09 Aug 2019 25:45:00 GMT",
        "Fri, ０９ Aug 2019 02:45:00 GMT",
        "2019-08-09T02:45:00Z",
        "1565318700",
    ],
)
def test_what_is_no_http_date_counts_as_absent(written: str) -> None:
    assert read_http_date(written) is None
    assert not unmodified_since(written, AT)


def test_old_two_digit_years_and_leap_seconds_are_read() -> None:
    assert read_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == datetime(
        1994, 11, 6, 8, 49, 37, tzinfo=UTC
    )
    assert read_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(
        2016, 12, 31, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(("seconds", "expected"), [(-1, False), (0, True), (1, True)])
def test_a_copy_as_new_as_the_document_is_unmodified(seconds: int, expected: bool) -> None:
    assert unmodified_since(http_date(AT + timedelta(seconds=seconds)), AT) is expected


def test_overlong_dates_are_not_remembered() -> None:
    assert not unmodified_since(" " * 300 + http_date(AT), AT)


@given(st.floats(50_000_000, 200_000_000_000))
@settings(max_examples=60)
def test_dates_are_written_as_werkzeug_writes_them_and_read_back(timestamp: float) -> None:
    at = datetime.fromtimestamp(timestamp, UTC)
    assert http_date(at) == oracle_date(at)
    assert read_http_date(http_date(at)) == at.replace(microsecond=0)
