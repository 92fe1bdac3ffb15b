"""libcurl's failures as ours: the only place that knows its error numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pycurl

from feedsvc.errors import (
    BadResponse,
    BadUrl,
    ConnectFailed,
    DnsFailed,
    FetchError,
    TimedOut,
    TlsFailed,
    TooLarge,
    Truncated,
)

Meaning = tuple[type[FetchError], str]

# libcurl-errors(3) numbers these; pycurl gives them no names.
_HTTP2_STREAM, _HTTP3, _QUIC_CONNECT, _TLS_CLIENT_CERTIFICATE = 92, 95, 96, 98
_VALUE_TOO_LARGE, _ECH_REQUIRED = 100, 101

_TLS: Meaning = (TlsFailed, "the TLS connection failed")
_CERTIFICATE: Meaning = (TlsFailed, "the certificate cannot be verified")
_STORE: Meaning = (
    TlsFailed,
    "our certificate store cannot be used; set SSL_CERT_FILE to a readable bundle",
)
_NO_CONNECTION: Meaning = (ConnectFailed, "nobody answers at the address")
_HUNG_UP: Meaning = (ConnectFailed, "the peer hung up without an answer")
_NOT_HTTP: Meaning = (BadResponse, "the answer is not HTTP that we can read")
_CUT: Meaning = (Truncated, "the answer stops before its end")
_UNEXPECTED: Meaning = (ConnectFailed, "the exchange failed in an unexpected way")

MEANINGS: Final[Mapping[int, Meaning]] = {
    pycurl.E_UNSUPPORTED_PROTOCOL: _NOT_HTTP,  # its word for HTTP/0.9; schemes are judged before
    pycurl.E_URL_MALFORMAT: (BadUrl, "the URL cannot be read"),
    pycurl.E_COULDNT_RESOLVE_HOST: (DnsFailed, "the host name does not resolve"),
    pycurl.E_COULDNT_CONNECT: _NO_CONNECTION,
    pycurl.E_INTERFACE_FAILED: _NO_CONNECTION,
    pycurl.E_NO_CONNECTION_AVAILABLE: _NO_CONNECTION,
    pycurl.E_FTP_WEIRD_SERVER_REPLY: _NOT_HTTP,
    pycurl.E_HTTP2: _NOT_HTTP,
    _HTTP2_STREAM: _NOT_HTTP,
    _HTTP3: _NOT_HTTP,
    pycurl.E_BAD_CONTENT_ENCODING: _NOT_HTTP,
    pycurl.E_HTTP_RETURNED_ERROR: _NOT_HTTP,
    pycurl.E_WRITE_ERROR: _NOT_HTTP,
    pycurl.E_CHUNK_FAILED: _NOT_HTTP,
    pycurl.E_RANGE_ERROR: _NOT_HTTP,
    pycurl.E_TOO_MANY_REDIRECTS: _NOT_HTTP,
    pycurl.E_PARTIAL_FILE: _CUT,
    pycurl.E_OPERATION_TIMEDOUT: (TimedOut, "the deadline passed"),
    pycurl.E_FILESIZE_EXCEEDED: (TooLarge, "the body is too large"),
    _VALUE_TOO_LARGE: (TooLarge, "the header is too large"),
    pycurl.E_GOT_NOTHING: _HUNG_UP,
    pycurl.E_SEND_ERROR: _HUNG_UP,
    pycurl.E_RECV_ERROR: _HUNG_UP,
    pycurl.E_SEND_FAIL_REWIND: _HUNG_UP,
    _QUIC_CONNECT: _NO_CONNECTION,
    pycurl.E_SSL_CONNECT_ERROR: _TLS,
    pycurl.E_SSL_ENGINE_NOTFOUND: _TLS,
    pycurl.E_SSL_ENGINE_SETFAILED: _TLS,
    pycurl.E_SSL_ENGINE_INITFAILED: _TLS,
    pycurl.E_SSL_CIPHER: _TLS,
    pycurl.E_SSL_SHUTDOWN_FAILED: _TLS,
    pycurl.E_USE_SSL_FAILED: _TLS,
    pycurl.E_SSL_CERTPROBLEM: _TLS,
    _TLS_CLIENT_CERTIFICATE: _TLS,
    _ECH_REQUIRED: _TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: _CERTIFICATE,
    pycurl.E_SSL_ISSUER_ERROR: _CERTIFICATE,
    pycurl.E_SSL_PINNEDPUBKEYNOTMATCH: _CERTIFICATE,
    pycurl.E_SSL_INVALIDCERTSTATUS: _CERTIFICATE,
    pycurl.E_SSL_CACERT_BADFILE: _STORE,
    pycurl.E_SSL_CRL_BADFILE: _STORE,
}
DETAIL_LONGEST = 160


def failure(code: int, detail: str, subject: str, *, begun: bool) -> FetchError:
    """The error for a pycurl error number and its text; `begun`: the answer's header had arrived."""
    kind, cause = _meaning(code, detail, begun=begun)
    said = "".join(each if each.isprintable() else " " for each in detail[:DETAIL_LONGEST])
    return kind(subject, f"{cause} ({said.strip()})" if said.strip() else cause)


def _meaning(code: int, detail: str, *, begun: bool) -> Meaning:
    if code == pycurl.E_RECV_ERROR and begun:
        # One number for a reset, for a TLS stream without its end and for garbled chunks.
        return _NOT_HTTP if "chunk" in detail else _CUT
    return MEANINGS.get(code, _UNEXPECTED)
