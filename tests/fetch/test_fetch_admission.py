"""An admission: one exact address and port, for one request, until it leaves its origin."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest

from feedsvc.errors import AddressRefused
from feedsvc.fetch.exchange import Endpoint, FetchRequest
from tests.fetch.fetching import STRICT, failure_of, fetcher_with
from tests.fetch.hostile import HostileServer, answer, redirect

pytestmark = pytest.mark.usefixtures("carrier")


def test_an_admission_ends_where_a_redirect_leaves_the_origin() -> None:
    with HostileServer({"/": answer(b"secret")}) as other:
        routes = {
            "/same": redirect("/here"),
            "/here": answer(b"here"),
            "/other-port": redirect(other.url("/")),
        }
        with ExitStack() as up:
            home = up.enter_context(HostileServer(routes))
            home.routes["/other-name"] = redirect(home.url("/here", host="other.example"))
            pinned = (f"other.example:{home.port}:127.0.0.1",)
            fetcher = up.enter_context(fetcher_with(replace(STRICT, resolve=pinned)))
            admit = Endpoint(address="127.0.0.1", port=home.port)

            def ask(path: str) -> FetchRequest:
                return FetchRequest(url=home.url(path), admit=admit)

            assert fetcher.fetch(ask("/same")).body == b"here"
            for path in ("/other-port", "/other-name"):
                assert isinstance(failure_of(fetcher, ask(path)), AddressRefused)
        assert other.connections == 0


def test_an_admission_is_for_its_own_request_even_while_the_connection_is_kept() -> None:
    with HostileServer({"/": answer(b"here")}) as server, fetcher_with(STRICT) as fetcher:
        admit = Endpoint(address="127.0.0.1", port=server.port)
        admitted = FetchRequest(url=server.url("/"), admit=admit)
        assert fetcher.fetch(admitted).body == b"here"
        assert isinstance(failure_of(fetcher, server.url("/")), AddressRefused)
        assert fetcher.fetch(admitted).body == b"here"
        assert len(server.requests) == 2
        assert server.connections == 1


def test_an_admission_of_another_address_admits_nothing() -> None:
    with HostileServer({"/": answer(b"here")}) as server, fetcher_with(STRICT) as fetcher:
        for admit in (
            Endpoint(address="127.0.0.1", port=server.port + 1),
            Endpoint(address="127.0.0.2", port=server.port),
        ):
            request = FetchRequest(url=server.url("/"), admit=admit)
            assert isinstance(failure_of(fetcher, request), AddressRefused)
        assert server.connections == 0
