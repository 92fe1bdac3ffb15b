"""What the operator may set about ingest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feedsvc.fetch.exchange import Endpoint


def _nowhere() -> Endpoint | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """`lease_seconds` a silent worker keeps a source; `domain_spacing` seconds between two fetches
    to one domain (0: off); `debounce` seconds that changes gather before a feed is rendered;
    `workers` threads that read and store what changed; `near_duplicates` whether new articles are
    compared with those of other sources, so that feeds show reposts once;
    `demo_endpoint` tells where our own sample partner listens at the moment, if it does."""

    lease_seconds: float = 60
    domain_spacing: float = 1.0
    debounce: float = 0.2
    workers: int = 8
    near_duplicates: bool = True
    demo_endpoint: Callable[[], Endpoint | None] = _nowhere
