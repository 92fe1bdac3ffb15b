"""What an operator may set of the fetch gateway."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedsvc.fetch.guard import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """Limits of one fetch, all hops together, and what it may reach.

    Times in seconds, sizes in bytes of the body; `max_ratio` is inflated : sent. The addresses in
    `allow_networks` are reached on every port although they are not public. `resolve` pins names
    to addresses before DNS is asked, as "name:port:address[,address]" (libcurl's CURLOPT_RESOLVE,
    which also takes "*" for the name); what they resolve to is judged like any other address.
    `ca_file` replaces the system's certificate store.
    """

    user_agent: str
    seconds: float = 30.0
    connect_seconds: float = 10.0
    max_wire: int = 5_000_000
    max_inflated: int = 10_000_000
    max_ratio: int = 200
    max_redirects: int = 5
    allow_networks: tuple[Network, ...] = ()
    resolve: tuple[str, ...] = ()
    ca_file: Path | None = None
