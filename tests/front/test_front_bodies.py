"""Bodies: whole and exact, whatever pieces they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.front.bodies import LARGEST, TOO_LARGE, Body, ChunkedBody, CountedBody
from feedsvc.front.heads import BAD, Refusal

REST = b"GET / HTTP/1.1\r\n"


def taken(body: Body, pieces: list[bytes]) -> tuple[bool | Refusal, bytes]:
    """Give a body its pieces; return its last word, and what it left."""
    buffer = bytearray()
    done: bool | Refusal = False
    for piece in pieces:
        buffer += piece
        if done is False:
            done = body.take(buffer)
    return done, bytes(buffer)


def each_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@given(content=st.binary(max_size=60), slowly=st.booleans())
def test_a_counted_body_takes_its_length_and_no_more(content: bytes, *, slowly: bool) -> None:
    body = CountedBody(len(content))
    data = content + REST
    done, left = taken(body, each_byte(data) if slowly else [data])
    assert (done, bytes(body.content), left) == (True, content, REST)


@given(
    chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=5),
    extension=st.sampled_from([b"", b";a=b", b' ; x="y"']),
    trailers=st.sampled_from([b"", b"Expires: never\r\n", b"A: 1\r\nB: 2\r\n"]),
    slowly=st.booleans(),
)
def test_a_chunked_body_is_its_chunks(
    chunks: list[bytes], extension: bytes, trailers: bytes, *, slowly: bool
) -> None:
    data = b"".join(b"%X%s\r\n%s\r\n" % (len(each), extension, each) for each in chunks)
    data += b"0\r\n" + trailers + b"\r\n" + REST
    body = ChunkedBody()
    done, left = taken(body, each_byte(data) if slowly else [data])
    assert (done, bytes(body.content), left) == (True, b"".join(chunks), REST)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"0x1\r\n",
        b" 1\r\na\r\n",
        b"1 \r\na\r\n",
        b"1\na\r\n",
        b"1\r\nab",
        b"1\r\na\rX",
        b"000000001\r\n",
        b"1;" + b"a" * 1024,
        b"0\r\n folded\r\n",
        b"0\r\nno colon\r\n",
        b"0\r\n" + b"A: b\r\n" * 33,
    ],
)
def test_a_malformed_chunk_is_refused(data: bytes) -> None:
    assert taken(ChunkedBody(), [data])[0] == BAD
    assert taken(ChunkedBody(), each_byte(data))[0] == BAD


def test_a_chunked_body_is_refused_as_soon_as_it_says_that_it_is_too_large() -> None:
    assert taken(ChunkedBody(), [b"%X\r\n" % (LARGEST + 1)])[0] == TOO_LARGE
