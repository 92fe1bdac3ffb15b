"""A fetcher's life: kept connections, many threads, a stop that nothing holds up."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from feedsvc.errors import Aborted, FetchError
from feedsvc.fetch.client import Fetcher
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.fetch.pool import IDLE_MOST
from tests.fetch.fetching import LOOPBACK, failure_of, fetcher_with
from tests.fetch.hostile import TROUBLES, Handler, HostileServer, Peer, answer, redirect
from tests.needs import lacking

# A stop is noticed within 0.1 s; the rest is for eight threads on a busy machine of two cores.
SOON = 0.5


def test_one_connection_serves_many_fetches_and_hops() -> None:
    routes = {"/": answer(b"a"), "/b": redirect("/"), "/c": answer(b"", 404)}
    with HostileServer(routes) as server, fetcher_with(LOOPBACK) as fetcher:
        for _ in range(10):
            fetcher.fetch(FetchRequest(url=server.url("/")))
            fetcher.fetch(FetchRequest(url=server.url("/b")))
            failure_of(fetcher, server.url("/c"))
        assert len(server.requests) == 40
        assert server.connections == 1


def test_a_connection_that_the_partner_closed_is_made_anew() -> None:
    with fetcher_with(LOOPBACK) as fetcher:
        with HostileServer({"/": answer(b"first")}) as server:
            assert fetcher.fetch(FetchRequest(url=server.url("/"))).body == b"first"
            port = server.port
        with HostileServer({"/": answer(b"second")}, port=port) as server:
            assert fetcher.fetch(FetchRequest(url=server.url("/"))).body == b"second"


def test_two_hundred_fetches_on_sixteen_threads_get_their_own_answers() -> None:
    routes: dict[str, Handler] = {f"/{n}": answer(f"body {n}".encode() * n) for n in range(200)}
    with HostileServer(routes) as server, fetcher_with(LOOPBACK) as fetcher:

        def check(number: int) -> bool:
            response = fetcher.fetch(FetchRequest(url=server.url(f"/{number}")))
            return response.body == f"body {number}".encode() * number

        with ThreadPoolExecutor(16) as threads:
            assert all(threads.map(check, range(200)))
        assert Counter(asked.path for asked in server.requests) == Counter(list(routes))
        assert server.connections <= 16


def test_good_and_bad_answers_on_many_threads_do_not_mix() -> None:
    bad = [path for path in TROUBLES if path not in {"/drip-body", "/drip-header", "/silence"}]
    with (
        HostileServer({**TROUBLES, "/good": answer(b"good")}) as server,
        fetcher_with(LOOPBACK) as fetcher,
    ):

        def check(path: str) -> str:
            try:
                return fetcher.fetch(FetchRequest(url=server.url(path))).body.decode()
            except FetchError as error:
                return "" if error.subject.startswith(server.url(path)) else str(error)

        paths = [each for path in bad for each in (path, "/good")]
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(check, paths))
        assert found == ["", "good"] * len(bad)


@pytest.mark.parametrize("path", ["/silence", "/drip-header", "/drip-body"])
def test_an_abort_ends_running_fetches_at_once(path: str) -> None:
    with HostileServer(TROUBLES) as server, ThreadPoolExecutor(8) as threads:
        fetcher = Fetcher(LOOPBACK)
        running = [threads.submit(failure_of, fetcher, server.url(path)) for _ in range(8)]
        server.await_requests(len(running))
        started = time.monotonic()
        fetcher.abort()
        assert all(isinstance(each.result(), Aborted) for each in running)
        assert time.monotonic() - started < SOON
        assert isinstance(failure_of(fetcher, server.url("/404")), Aborted)
        assert len(server.requests) == len(running)
        fetcher.close()


def test_an_abort_between_two_hops_ends_the_fetch() -> None:
    fetcher = Fetcher(LOOPBACK)
    moved = redirect("/next")

    def stop_and_move(peer: Peer) -> None:
        moved(peer)
        fetcher.abort()

    with HostileServer({"/": stop_and_move, "/next": TROUBLES["/silence"]}) as server:
        started = time.monotonic()
        assert isinstance(failure_of(fetcher, server.url("/")), Aborted)
        assert time.monotonic() - started < 5
    fetcher.close()


def test_closing_twice_and_while_fetching_is_safe() -> None:
    with HostileServer(TROUBLES) as server, ThreadPoolExecutor(1) as threads:
        fetcher = Fetcher(LOOPBACK)
        running = threads.submit(failure_of, fetcher, server.url("/silence"))
        server.await_requests(1)
        fetcher.close()
        fetcher.close()
        assert isinstance(running.result(), Aborted)
        assert fetcher._pool._idle == []


def open_descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def test_no_descriptor_is_left_behind() -> None:
    if not os.path.isdir("/proc/self/fd"):
        lacking("this system does not list a process's descriptors")

    def everything() -> None:
        with (
            HostileServer({**TROUBLES, "/good": answer(b"good")}) as server,
            fetcher_with(replace(LOOPBACK, seconds=0.1)) as fetcher,
        ):
            for path in TROUBLES:
                failure_of(fetcher, server.url(path))
            for _ in range(20):
                fetcher.fetch(FetchRequest(url=server.url("/good")))

    everything()
    before = open_descriptors()
    everything()
    assert open_descriptors() <= before


def test_more_wires_than_may_rest_are_closed() -> None:
    together = threading.Barrier(IDLE_MOST + 8)
    ready = answer(b"now")

    def meet(peer: Peer) -> None:
        together.wait(10)
        ready(peer)

    with HostileServer({"/": meet}) as server, fetcher_with(LOOPBACK) as fetcher:
        with ThreadPoolExecutor(together.parties) as threads:
            asked = [FetchRequest(url=server.url("/"))] * together.parties
            assert all(each.body == b"now" for each in threads.map(fetcher.fetch, asked))
        assert len(fetcher._pool._idle) == IDLE_MOST


def test_descriptors_above_a_thousand_do_no_harm() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        lacking("this system allows too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    kept = [os.dup(0) for _ in range(1100)]
    try:
        with (
            HostileServer(TROUBLES) as server,
            fetcher_with(replace(LOOPBACK, seconds=0.5)) as fetcher,
        ):
            spent = time.thread_time()
            failure_of(fetcher, server.url("/silence"))
            assert time.thread_time() - spent < 0.2
    finally:
        for descriptor in kept:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
