"""Started fetches: side by side on one thread, each with its own answer, deadline and end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from feedsvc.errors import Aborted, BadUrl, FetchError, TimedOut
from feedsvc.fetch.client import Fetcher
from feedsvc.fetch.exchange import Endpoint, FetchRequest, FetchResponse
from feedsvc.fetch.lane import LANE_MOST
from tests.fetch.fetching import LOOPBACK, fetcher_with, started
from tests.fetch.hostile import TROUBLES, Handler, HostileServer, Peer, answer

MANY = 3 * LANE_MOST


def test_many_fetches_are_under_way_at_the_same_time_and_get_their_own_answers() -> None:
    together = threading.Barrier(MANY)

    def meet(number: int) -> Handler:
        ready = answer(f"body {number}".encode())

        def handle(peer: Peer) -> None:
            together.wait(10)
            ready(peer)

        return handle

    routes = {f"/{number}": meet(number) for number in range(MANY)}
    with HostileServer(routes) as server, fetcher_with(LOOPBACK) as fetcher:
        landings = [started(fetcher, FetchRequest(url=server.url(path))) for path in routes]
        for number, landing in enumerate(landings):
            result = landing.result(10)
            assert isinstance(result, FetchResponse)
            assert result.body == f"body {number}".encode()
        assert Counter(asked.path for asked in server.requests) == Counter(list(routes))


@pytest.mark.parametrize("path", ["/silence", "/drip-header", "/drip-body"])
def test_slow_partners_hold_up_nobody_and_end_at_their_own_deadline(path: str) -> None:
    routes = {**TROUBLES, "/good": answer(b"good")}
    options = replace(LOOPBACK, seconds=1.5)
    with HostileServer(routes) as server, fetcher_with(options) as fetcher:
        began = time.monotonic()
        slow = [started(fetcher, FetchRequest(url=server.url(path))) for _ in range(MANY)]
        for _ in range(20):
            result = started(fetcher, FetchRequest(url=server.url("/good"))).result(5)
            assert isinstance(result, FetchResponse)
        assert not any(landing.done() for landing in slow)
        assert all(isinstance(landing.result(15), TimedOut) for landing in slow)
        assert 1.4 < time.monotonic() - began < 15


def test_a_delayed_fetch_begins_when_its_time_has_come_and_its_deadline_counts_from_then() -> None:
    routes: dict[str, Handler] = {"/a": answer(b"a"), "/silence": TROUBLES["/silence"]}
    options = replace(LOOPBACK, seconds=1.0)
    with HostileServer(routes) as server, fetcher_with(options) as fetcher:
        began = time.monotonic()
        later = started(fetcher, FetchRequest(url=server.url("/a")), delay=0.5)
        silent = started(fetcher, FetchRequest(url=server.url("/silence")), delay=0.5)
        now = started(fetcher, FetchRequest(url=server.url("/a")))
        assert isinstance(now.result(5), FetchResponse)
        assert not later.done()
        assert isinstance(later.result(5), FetchResponse)
        assert time.monotonic() - began >= 0.5
        assert isinstance(silent.result(5), TimedOut)
        assert time.monotonic() - began >= 1.5


def test_kept_connections_are_used_again() -> None:
    with HostileServer({"/": answer(b"a")}) as server, fetcher_with(LOOPBACK) as fetcher:
        for _ in range(20):
            started(fetcher, FetchRequest(url=server.url("/"))).result(5)
        assert server.connections == 1


def test_an_abort_ends_what_is_under_way_and_what_waits_for_its_time() -> None:
    with HostileServer(TROUBLES) as server:
        fetcher = Fetcher(LOOPBACK)
        ask = FetchRequest(url=server.url("/silence"))
        landings = [started(fetcher, ask) for _ in range(MANY)]
        server.await_requests(MANY)
        landings.append(started(fetcher, ask, delay=60))
        began = time.monotonic()
        fetcher.abort()
        assert all(isinstance(landing.result(5), Aborted) for landing in landings)
        assert time.monotonic() - began < 5
        assert isinstance(started(fetcher, ask).result(5), Aborted)
        fetcher.close()
        assert isinstance(started(fetcher, ask).result(5), Aborted)
        fetcher.close()


def test_a_callback_that_fails_costs_the_others_nothing() -> None:
    def fail(_result: FetchResponse | FetchError) -> None:
        raise RuntimeError("not my answer")

    with HostileServer({"/": answer(b"a")}) as server, fetcher_with(LOOPBACK) as fetcher:
        fetcher.start(FetchRequest(url=server.url("/")), fail)
        result = started(fetcher, FetchRequest(url=server.url("/"))).result(5)
        assert isinstance(result, FetchResponse)


def test_a_url_that_nobody_would_fetch_lands_as_its_error() -> None:
    with fetcher_with(LOOPBACK) as fetcher:
        assert isinstance(started(fetcher, FetchRequest(url="ftp://a.example/")).result(5), BadUrl)


def test_an_admission_of_its_own_is_refused() -> None:
    admit = Endpoint(address="127.0.0.1", port=80)
    with fetcher_with(LOOPBACK) as fetcher, pytest.raises(ValueError, match="admission"):
        fetcher.start(FetchRequest(url="http://127.0.0.1/", admit=admit), print)
