"""TLS: certificates are always verified, against a store that is found or said to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.errors import BadResponse, ConnectFailed, RedirectFailed, TlsFailed, Truncated
from feedsvc.fetch import client
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.fetch.trust import TrustStore, find_trust_store
from tests.fetch.fetching import LOOPBACK, failure_of, fetcher_with
from tests.fetch.hostile import (
    CERTIFICATE,
    HostileServer,
    answer,
    head,
    raw,
    redirect,
    tls_context,
)

pytestmark = pytest.mark.usefixtures("carrier")

TRUSTING = replace(LOOPBACK, ca_file=CERTIFICATE)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    routes = {
        "/": answer(b"safe"),
        "/open-end": raw(head() + b"\r\nhello"),
        "/down": redirect("http://127.0.0.1:8080/"),
    }
    with HostileServer(routes, tls=tls_context()) as running:
        yield running


def test_a_certificate_of_our_store_is_accepted(server: HostileServer) -> None:
    with fetcher_with(TRUSTING) as fetcher:
        for host in (None, "localhost"):
            assert fetcher.fetch(FetchRequest(url=server.url("/", host))).body == b"safe"


def test_a_self_signed_certificate_is_refused(server: HostileServer) -> None:
    before = len(server.requests)
    with fetcher_with(LOOPBACK) as fetcher:
        error = failure_of(fetcher, server.url("/"))
    assert isinstance(error, TlsFailed)
    assert "certificate cannot be verified" in error.cause
    assert len(server.requests) == before


def test_a_certificate_for_another_name_is_refused(server: HostileServer) -> None:
    pinned = (f"other.example:{server.port}:127.0.0.1",)
    with fetcher_with(replace(TRUSTING, resolve=pinned)) as fetcher:
        assert isinstance(failure_of(fetcher, server.url("/", "other.example")), TlsFailed)


def test_plain_http_on_a_tls_port_and_the_reverse_fail(server: HostileServer) -> None:
    with HostileServer({"/": answer(b"plain")}) as plain, fetcher_with(TRUSTING) as fetcher:
        assert isinstance(failure_of(fetcher, plain.url("/").replace("http", "https")), TlsFailed)
        error = failure_of(fetcher, server.url("/").replace("https", "http"))
        assert isinstance(error, BadResponse | ConnectFailed)


def test_https_is_never_left_for_http(server: HostileServer) -> None:
    with fetcher_with(TRUSTING) as fetcher:
        assert isinstance(failure_of(fetcher, server.url("/down")), RedirectFailed)


def test_a_tls_stream_without_its_end_is_no_whole_answer(server: HostileServer) -> None:
    with fetcher_with(TRUSTING) as fetcher:
        assert isinstance(failure_of(fetcher, server.url("/open-end")), Truncated)


def test_no_store_at_all_is_said_clearly(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "find_trust_store", TrustStore)
    with HostileServer({"/": answer(b"plain")}) as plain, fetcher_with(LOOPBACK) as fetcher:
        error = failure_of(fetcher, server.url("/"))
        assert isinstance(error, TlsFailed)
        assert "no certificate store" in error.cause
        assert fetcher.fetch(FetchRequest(url=plain.url("/"))).body == b"plain"


def test_a_store_that_was_named_is_never_replaced_by_another(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert find_trust_store() == TrustStore(file=str(tmp_path / "missing.pem"))
    with fetcher_with(LOOPBACK) as fetcher:
        error = failure_of(fetcher, server.url("/"))
    assert isinstance(error, TlsFailed)
    assert "SSL_CERT_FILE" in error.cause
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with fetcher_with(LOOPBACK) as fetcher:
        assert fetcher.fetch(FetchRequest(url=server.url("/"))).body == b"safe"


def test_the_store_is_looked_for_in_many_places(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", "/named")
    assert find_trust_store() == TrustStore(folder="/named")
    monkeypatch.delenv("SSL_CERT_DIR")
    nothing = type("Paths", (), {"cafile": None, "capath": None})
    monkeypatch.setattr("ssl.get_default_verify_paths", nothing)
    bundle, folder, empty = tmp_path / "bundle.pem", tmp_path / "hashed", tmp_path / "empty"
    folder.mkdir()
    empty.mkdir()
    (folder / "5ed36f99.0").touch()
    places = [str(tmp_path / "none.pem"), str(bundle)]
    assert not find_trust_store(places, [str(empty), str(tmp_path / "none")]).found
    assert find_trust_store(places, [str(empty), str(folder)]) == TrustStore(folder=str(folder))
    bundle.touch()
    assert find_trust_store(places, [str(folder)]) == TrustStore(file=str(bundle))
