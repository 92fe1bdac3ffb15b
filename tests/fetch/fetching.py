"""What the gateway's tests have in common: a fetcher on loopback, and what it raised."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network

from feedsvc.errors import FetchError
from feedsvc.fetch.client import Fetcher, FetchOptions
from feedsvc.fetch.exchange import FetchRequest, FetchResponse

STRICT = FetchOptions(user_agent="feedsvc-tests/1", seconds=10.0)
LOOPBACK = replace(STRICT, allow_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


class EitherWay(Fetcher):
    """A gateway whose `fetch` may go through `start`, so that the same tests judge both ways."""

    starting = False

    def fetch(self, request: FetchRequest) -> FetchResponse:
        if not self.starting or request.admit is not None:
            return super().fetch(request)
        result = started(self, request).result(30)
        if isinstance(result, FetchError):
            raise result
        return result


def started(
    fetcher: Fetcher, request: FetchRequest, *, delay: float = 0.0
) -> Future[FetchResponse | FetchError]:
    """Start a fetch; its result comes by the returned future."""
    landing: Future[FetchResponse | FetchError] = Future()
    fetcher.start(request, landing.set_result, delay=delay)
    return landing


@contextmanager
def fetcher_with(options: FetchOptions) -> Iterator[Fetcher]:
    fetcher = EitherWay(options)
    try:
        yield fetcher
    finally:
        fetcher.close()


def failure_of(fetcher: Fetcher, request: FetchRequest | str) -> FetchError:
    """The error that a fetch ends with; fails the test when it does not."""
    asked = FetchRequest(url=request) if isinstance(request, str) else request
    try:
        response = fetcher.fetch(asked)
    except FetchError as error:
        return error
    raise AssertionError(f"{asked.url} was fetched: {response.status}")
