"""The values of one fetch: what is asked, over which hops it went, what came back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
)
PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One exact IP address and port."""

    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One GET. `etag` and `last_modified` are the partner's own words from its last answer.

    `delta` says that 226 will do: of a feed only what has changed since that ETag (RFC 3229).

    `admit` lets this request alone connect to that address and port although it is not public;
    it ends where a redirect leaves the URL's origin. `max_bytes` lowers the caps on the body, as
    sent and inflated, below those of the fetcher.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    referer: str | None = None
    accept: str = ACCEPT
    admit: Endpoint | None = None
    max_bytes: int | None = None
    delta: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that we followed: the URL that answered with it, and its status."""

    url: str
    status: int

    @property
    def permanent(self) -> bool:
        """Whether the partner says that the URL will not come back (301, 308)."""
        return self.status in PERMANENT


def hash_of(body: bytes) -> str:
    """Return what a body goes by: 32 hex digits."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """A whole answer: status 2xx, or 304 with an empty body; 226 only where a delta was asked for.

    `url` is where it came from after `hops`. Header names are lower-case, the last value of a
    repeated one stands. `body` is inflated, `body_hash` what it goes by, `wire_bytes` its length as
    sent, `elapsed` in seconds over all hops.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    body_hash: str = ""
    wire_bytes: int = 0
    hops: tuple[Hop, ...] = ()
    elapsed: float = 0.0

    @property
    def delta(self) -> bool:
        """The body holds only what has changed (RFC 3229, section 10.4.1)."""
        return self.status == 226

    @property
    def not_modified(self) -> bool:
        """What we have is still current."""
        return self.status == 304
