"""What the gateway's tests have in common: a fetcher on loopback, and what it raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network

from feedsvc.errors import FetchError
from feedsvc.fetch.client import Fetcher, FetchOptions
from feedsvc.fetch.exchange import FetchRequest

STRICT = FetchOptions(user_agent="feedsvc-tests/1", seconds=10.0)
LOOPBACK = replace(STRICT, allow_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


@contextmanager
def fetcher_with(options: FetchOptions) -> Iterator[Fetcher]:
    fetcher = Fetcher(options)
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
