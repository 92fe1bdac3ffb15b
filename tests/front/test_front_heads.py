"""Heads: read in one way only, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.front.heads import (
    CHUNKED,
    LONGEST_TARGET,
    MOST_BYTES,
    MOST_FIELDS,
    Head,
    Refusal,
    fault_of_beginning,
    find_end,
    read_head,
)

GET = b"GET /feeds/a.rss HTTP/1.1\r\n"


def head_of(raw: bytes) -> Head:
    head = read_head(raw)
    assert isinstance(head, Head), head
    return head


def status_of(raw: bytes) -> int:
    refusal = read_head(raw)
    assert isinstance(refusal, Refusal), refusal
    return int(refusal.status[:3])


def test_an_ordinary_head_is_read_field_by_field() -> None:
    head = head_of(
        b"GET /feeds/%E8%A6%81.rss?a=1 HTTP/1.1\r\nHost: news.example:8000\r\n"
        b"User-Agent:  reader/1 \t\r\nACCEPT-encoding: gzip\r\n\r\n"
    )
    assert (head.method, head.target, head.minor) == ("GET", "/feeds/%E8%A6%81.rss?a=1", "1")
    assert head.values == {
        "host": "news.example:8000",
        "user-agent": "reader/1",
        "accept-encoding": "gzip",
    }
    assert (head.length, head.keep_alive, head.repeated) == (None, True, frozenset())


@pytest.mark.parametrize(
    "raw",
    [
        GET + b"\r\n",  # no Host
        GET + b"Host: a\r\nHost: a\r\n\r\n",
        GET + b"Host: a b\r\n\r\n",
        GET + b"Host: a/b\r\n\r\n",
        GET + b"Host: a@b\r\n\r\n",
        GET + b"Host: a\r\n folded\r\n\r\n",
        GET + b"Host: a\r\n\tfolded\r\n\r\n",
        GET + b" Host: a\r\n\r\n",
        GET + b"Host : a\r\n\r\n",
        GET + b"Host: a\r\nX\r\n\r\n",
        GET + b"Host: a\r\n: x\r\n\r\n",
        GET + b"Host: a\r\nX: \x00\r\n\r\n",
        GET + b"Host: a\r\nX: \x7f\r\n\r\n",
        GET + b"Host: a\r\nX: a\rb\r\n\r\n",
        GET + b"Host: a\nX: b\r\n\r\n",
        GET + b"Host: a\r\nX\xe9: b\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: 1, 1\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: +1\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: 0x1\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: \xb2\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: 9999999999999999\r\n\r\n",
        GET + b"Host: a\r\nContent-Length:\r\n\r\n",
        GET + b"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        GET + b"Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b" GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / http/1.1\r\nHost: a\r\n\r\n",
        b"GET /\r\nHost: a\r\n\r\n",
        b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET feeds HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://a/ HTTP/1.0\r\n\r\n",
        b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\r\n",
    ],
)
def test_what_is_malformed_or_ambiguous_is_refused(raw: bytes) -> None:
    assert status_of(raw) == 400


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (GET + b"Host: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"GET /" + b"a" * LONGEST_TARGET + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (GET + b"Host: a\r\n" + b"X: y\r\n" * MOST_FIELDS + b"\r\n", 431),
        (GET + b"Host: a\r\nX: " + b"y" * MOST_BYTES + b"\r\n\r\n", 431),
    ],
)
def test_what_is_too_much_or_unknown_has_its_own_status(raw: bytes, status: int) -> None:
    assert status_of(raw) == status


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (b"GET http://A.example/x?y HTTP/1.1\r\nHost: a.example\r\n\r\n", "/x?y"),
        (b"GET https://a?y HTTP/1.1\r\nHost: a\r\n\r\n", "/?y"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "*"),
        (b"GET / HTTP/1.0\r\n\r\n", "/"),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", "/"),
        (b"GET /?a[]=|%zz\xe9 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "/?a[]=|%zz\xe9"),
    ],
)
def test_unusual_targets_that_mean_one_thing_are_taken(raw: bytes, target: str) -> None:
    assert head_of(raw).target == target


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        (b"Content-Length: 0\r\n", 0),
        (b"Content-Length: 17\r\n", 17),
        (b"Transfer-Encoding: Chunked\r\n", CHUNKED),
        (b"", None),
    ],
)
def test_a_body_is_told_in_one_way(fields: bytes, length: int | None) -> None:
    assert head_of(b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n").length == length


@pytest.mark.parametrize(
    ("version", "connection", "stays"),
    [
        (b"1", b"", True),
        (b"1", b"Connection: close\r\n", False),
        (b"1", b"Connection: x, CLOSE\r\n", False),
        (b"1", b"Connection: keep-alive\r\nConnection: close\r\n", False),
        (b"0", b"", False),
        (b"0", b"Connection: Keep-Alive\r\n", True),
        (b"0", b"Connection: keep-alive, close\r\n", False),
    ],
)
def test_whether_the_connection_stays(version: bytes, connection: bytes, *, stays: bool) -> None:
    raw = b"GET / HTTP/1." + version + b"\r\nHost: a\r\n" + connection + b"\r\n"
    assert head_of(raw).keep_alive is stays


def test_repeated_fields_are_joined_and_named_and_underscores_passed_over() -> None:
    head = head_of(GET + b"Host: a\r\nX-A: 1\r\nX_A: 3\r\nx-a: 2\r\n\r\n")
    assert head.values == {"host": "a", "x-a": "1, 2"}
    assert head.repeated == {"x-a"}


@pytest.mark.parametrize(
    ("beginning", "bad"),
    [
        (b"GET / HTTP/1.1\r\nHos", False),
        (b"GET / HTTP/1.1\r", False),
        (b"", False),
        (b"GET / HTTP/1.1\nHost: a\n\n", True),
        (b"GET / HTTP/1.1\rHost", True),
        (b"\x16\x03\x01", True),
        (b"GET /\x00", True),
        (b"x" * MOST_BYTES, False),
        (b"x" * (MOST_BYTES + 1), True),
    ],
)
def test_a_beginning_that_can_never_be_good_is_known_at_once(
    beginning: bytes, *, bad: bool
) -> None:
    assert (fault_of_beginning(bytearray(beginning), 0) is not None) is bad


def test_half_a_line_end_at_the_edge_of_a_piece_is_not_overlooked() -> None:
    assert fault_of_beginning(bytearray(b"GET / HTTP/1.1\r"), 0) is None
    assert fault_of_beginning(bytearray(b"GET / HTTP/1.1\rH"), 15) is not None


@given(st.binary(max_size=60), st.integers(0, 59))
def test_looking_in_pieces_finds_the_same_end_and_the_same_faults(data: bytes, cut: int) -> None:
    whole = bytearray(data.replace(b"a", b"\r\n").replace(b"b", b"\r\n\r\n"))
    cut = min(cut, len(whole))
    first = bytearray(whole[:cut])
    if find_end(first, 0) < 0:
        assert find_end(whole, cut) == find_end(whole, 0)
    if not fault_of_beginning(first, 0):
        assert bool(fault_of_beginning(whole, cut)) == bool(fault_of_beginning(whole, 0))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    for raw in (data + b"\r\n\r\n", GET + data + b"\r\n\r\n", b"GET /" + data + b"\r\n\r\n"):
        assert isinstance(read_head(raw), Head | Refusal)
