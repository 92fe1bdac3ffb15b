"""Every error number of libcurl is one of our errors, with a sentence and without secrets."""

from __future__ import annotations

import pycurl
import pytest

from feedsvc.errors import (
    BadResponse,
    ConnectFailed,
    DnsFailed,
    FetchError,
    TimedOut,
    TlsFailed,
    TooLarge,
    Truncated,
)
from feedsvc.fetch.failures import failure

NAMED = {
    name: getattr(pycurl, name)
    for name in dir(pycurl)
    if name.startswith("E_") and not name.startswith("E_MULTI_") and getattr(pycurl, name) > 0
}
SUBJECT = "https://partner.example/feed"


@pytest.mark.parametrize("begun", [False, True])
def test_every_error_number_is_mapped(begun: bool) -> None:
    for code in {*NAMED.values(), *range(1, 120)}:
        error = failure(code, "words of the library", SUBJECT, begun=begun)
        assert isinstance(error, FetchError)
        assert type(error) is not FetchError
        assert str(error).startswith(f"{SUBJECT}: ")
        assert error.cause.endswith(" (words of the library)")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("E_COULDNT_RESOLVE_HOST", DnsFailed),
        ("E_COULDNT_CONNECT", ConnectFailed),
        ("E_GOT_NOTHING", ConnectFailed),
        ("E_OPERATION_TIMEDOUT", TimedOut),
        ("E_PARTIAL_FILE", Truncated),
        ("E_FILESIZE_EXCEEDED", TooLarge),
        ("E_UNSUPPORTED_PROTOCOL", BadResponse),
        ("E_BAD_CONTENT_ENCODING", BadResponse),
        ("E_FTP_WEIRD_SERVER_REPLY", BadResponse),
        ("E_HTTP2", BadResponse),
    ],
)
def test_what_the_common_ones_mean(name: str, kind: type[FetchError]) -> None:
    assert type(failure(NAMED[name], "", SUBJECT, begun=False)) is kind


@pytest.mark.parametrize("name", [name for name in NAMED if "_SSL_" in name])
def test_whatever_names_tls_is_a_tls_failure(name: str) -> None:
    unused = {"E_FTP_SSL_FAILED"}
    assert name in unused or type(failure(NAMED[name], "", SUBJECT, begun=False)) is TlsFailed


def test_a_broken_receive_depends_on_what_had_arrived() -> None:
    kinds = [
        type(failure(pycurl.E_RECV_ERROR, words, SUBJECT, begun=begun))
        for words, begun in (("reset", False), ("reset", True), ("chunk hex-length char", True))
    ]
    assert kinds == [ConnectFailed, Truncated, BadResponse]


def test_the_library_words_are_made_printable_and_short() -> None:
    error = failure(pycurl.E_SSL_CONNECT_ERROR, "bad\r\n\x1b[2J" + "x" * 900, SUBJECT, begun=False)
    assert error.cause.isprintable()
    assert len(error.cause) < 300
    assert failure(pycurl.E_GOT_NOTHING, "", SUBJECT, begun=False).cause[-1] != ")"
