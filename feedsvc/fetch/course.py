"""One fetch over all its hops, step by step, whoever carries the exchanges: request → (depart → arrive)*."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pycurl

from feedsvc.errors import (
    Aborted,
    AddressRefused,
    BadUrl,
    FetchError,
    HttpStatus,
    RedirectFailed,
    TimedOut,
    TlsFailed,
    Truncated,
)
from feedsvc.fetch.answer import REDIRECTS, Answer
from feedsvc.fetch.exchange import Endpoint, FetchRequest, FetchResponse, Hop, hash_of
from feedsvc.fetch.failures import failure
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.gatekeeper import refuse_gatekeeper
from feedsvc.fetch.handle import Errand
from feedsvc.fetch.hops import next_target
from feedsvc.fetch.inflate import Caps, inflate
from feedsvc.fetch.options import FetchOptions
from feedsvc.fetch.retry_after import read_retry_after
from feedsvc.fetch.target import read_target, shown
from feedsvc.fetch.trust import TrustStore
from feedsvc.fetch.wire import OK

# A longer header of ours is left out: servers refuse the whole request for one of them.
HEADER_LONGEST: Final = 2048
EMPTY: Final = frozenset({204, 205, 304})
# Bytes decoded as Latin-1, without controls (RFC 9110, section 5.5).
_FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harbour:
    """What all fetches of one gateway have in common; certificates are looked for when first needed."""

    options: FetchOptions
    aborted: threading.Event
    trust: Callable[[], TrustStore]


class Course:
    """One fetch under way. Its deadline counts from `started` (monotonic clock), over all hops.

    Everything that can go wrong is a `FetchError` whose subject is the URL asked for, followed by
    the URL of the hop where it went wrong, if that is another one; neither shows a password or a
    query.
    """

    def __init__(self, request: FetchRequest, harbour: Harbour) -> None:
        """Judge the URL; raises `BadUrl`."""
        options = harbour.options
        most = request.max_bytes
        self.target = read_target(request.url)
        self.started = time.monotonic()
        self._request = request
        self._harbour = harbour
        self._home = self.target.origin
        self._hops: list[Hop] = []
        validators = _headers(
            ("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified)
        )
        self._conditional = bool(validators)
        self._delta = request.delta and bool(request.etag)
        self._headers = (
            *_headers(
                ("User-Agent", options.user_agent),
                ("Accept", request.accept),
                ("Accept-Encoding", "gzip, deflate"),
                ("Referer", _referer(request.referer)),
                ("A-IM", "feed" if self._delta else None),
            ),
            *validators,
        )
        self._caps = Caps(
            wire=options.max_wire if most is None else min(most, options.max_wire),
            inflated=options.max_inflated if most is None else min(most, options.max_inflated),
            ratio=options.max_ratio,
        )

    @property
    def admit(self) -> Endpoint | None:
        """The address admitted on the present hop: the request's own, until it leaves its origin."""
        return self._request.admit if self.target.origin == self._home else None

    @property
    def subject(self) -> str:
        """What this is about, for messages."""
        asked = shown(self._request.url)
        return f"{asked} → {shown(self.target.url)}" if self._hops else asked

    def depart(self) -> tuple[Errand, Gate, Answer]:
        """Prepare the next hop; raises `Aborted`, `TimedOut`, and `TlsFailed` without a certificate store."""
        if self._harbour.aborted.is_set():
            raise self.aborted()
        options = self._harbour.options
        left = self.started + options.seconds - time.monotonic()
        if left <= 0:
            raise TimedOut(self.subject, "the deadline passed")
        secure = self.target.scheme == "https"
        trust = self._harbour.trust() if secure else TrustStore()
        if secure and not trust.found:
            raise TlsFailed(
                self.subject,
                "this system has no certificate store to verify certificates with; install the "
                "ca-certificates package or set SSL_CERT_FILE to a bundle",
            )
        errand = Errand(
            url=self.target.url,
            headers=self._headers,
            seconds=left,
            connect_seconds=min(left, options.connect_seconds),
            ca_file=trust.file,
            ca_folder=trust.folder,
        )
        gate = Gate(options.allow_networks, self.admit)
        return errand, gate, Answer(self._caps, conditional=self._conditional, delta=self._delta)

    def arrive(
        self, outcome: tuple[int, str] | None, gate: Gate, answer: Answer, now: datetime
    ) -> FetchResponse | None:
        """Judge what a hop brought, given libcurl's error number and text (None: aborted).

        Return the whole answer, or None where a redirect is to be followed: depart again.
        """
        if outcome is None:
            raise self.aborted()
        self._judge(outcome, gate, answer)
        if answer.status not in REDIRECTS:
            return self._conclude(answer, now)
        hops, subject, most = self._hops, self.subject, self._harbour.options.max_redirects
        hops.append(Hop(url=self.target.url, status=answer.status))
        if len(hops) > most:
            raise RedirectFailed(subject, f"redirected more than {most} times")
        location = answer.headers.get("location")
        self.target = next_target(self.target, location, hops=hops, subject=subject)
        return None

    def aborted(self) -> Aborted:
        """The error of a fetch that our own stop ends."""
        return Aborted(self.subject, "the service is stopping")

    def not_begun(self, error: pycurl.error) -> FetchError:
        """The error for what libcurl would not even begin."""
        return failure(OK, str(error.args[-1]), self.subject, begun=False)

    def _judge(self, outcome: tuple[int, str], gate: Gate, answer: Answer) -> None:
        """Raise what an exchange died of: our own refusals first, then libcurl's word."""
        if gate.refused is not None:
            raise AddressRefused(
                self.subject, f"it leads to {gate.refused}, which is not public and not allowed"
            )
        if answer.refusal is not None:
            kind, cause = answer.refusal
            raise kind(self.subject, cause)
        code, detail = outcome
        if answer.settled:
            return
        if code != OK:
            raise failure(code, detail, self.subject, begun=answer.complete)
        if not answer.complete:
            # libcurl takes a connection that ends within the header for the end of the header.
            raise Truncated(self.subject, "the answer stops within its header")

    def _conclude(self, answer: Answer, now: datetime) -> FetchResponse:
        if not answer.wanted and answer.status != 304:
            refuse_gatekeeper(answer, self._caps, self.subject)
            wait = read_retry_after(answer.headers.get("retry-after"), now)
            raise HttpStatus(self.subject, answer.status, retry_after=wait)
        body = b""
        if answer.status not in EMPTY:
            coding = answer.headers.get("content-encoding", "").lower()
            body = inflate(bytes(answer.body), coding, self._caps, self.subject)
        return FetchResponse(
            url=self.target.url,
            status=answer.status,
            headers=answer.headers,
            body=body,
            body_hash=hash_of(body) if body else "",
            wire_bytes=answer.wire_bytes,
            hops=tuple(self._hops),
            elapsed=time.monotonic() - self.started,
        )


def _referer(url: str | None) -> str | None:
    """A page's URL in the form that is sent; None where it is not a URL that we would fetch."""
    try:
        return read_target(url).url if url else None
    except BadUrl:
        return None


def _headers(*fields: tuple[str, str | None]) -> tuple[bytes, ...]:
    """The request header lines of those fields that have a value which can be sent as one line."""
    lines: list[bytes] = []
    for name, value in fields:
        if not value or len(value) > HEADER_LONGEST or not _FIELD_VALUE.fullmatch(value):
            continue
        lines.append(f"{name}: {value}".encode("latin-1"))
    return tuple(lines)
