"""The fetch gateway: one guarded, capped, conditional GET with a deadline over all its hops.

request → judge the URL → (gate → exchange → redirect?)* → status → inflate → response

Everything that can go wrong is a `FetchError` whose subject is the URL asked for, followed by the
URL of the hop where it went wrong, if that is another one; neither shows a password or a query.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import pycurl

from feedsvc.errors import (
    Aborted,
    AddressRefused,
    BadUrl,
    HttpStatus,
    RedirectFailed,
    TimedOut,
    TlsFailed,
    Truncated,
)
from feedsvc.fetch.answer import REDIRECTS, Answer
from feedsvc.fetch.exchange import FetchRequest, FetchResponse, Hop
from feedsvc.fetch.failures import failure
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.gatekeeper import refuse_gatekeeper
from feedsvc.fetch.hops import next_target
from feedsvc.fetch.inflate import Caps, inflate
from feedsvc.fetch.options import FetchOptions
from feedsvc.fetch.pool import WirePool
from feedsvc.fetch.retry_after import read_retry_after
from feedsvc.fetch.target import Target, read_target, shown
from feedsvc.fetch.trust import TrustStore, find_trust_store
from feedsvc.fetch.wire import OK, Errand

__all__ = ["FetchOptions", "Fetcher"]

# A longer header of ours is left out: servers refuse the whole request for one of them.
HEADER_LONGEST: Final = 2048
EMPTY: Final = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """What stays the same over all hops of one fetch; times on the monotonic clock."""

    request: FetchRequest
    headers: tuple[bytes, ...]
    conditional: bool
    caps: Caps
    started: float
    deadline: float
    home: tuple[str, str, int]


class Fetcher:
    """The gateway. Thread-safe; cheap to build, connects only when asked to fetch."""

    def __init__(self, options: FetchOptions, clock: Callable[[], datetime] | None = None) -> None:
        self._options = options
        self._clock = clock or (lambda: datetime.now(UTC))
        self._aborted = threading.Event()
        self._pool = WirePool(options.resolve)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """Do one GET, following redirects; blocks until the whole answer is there or the deadline passed.

        Raises the kinds of `FetchError`; a status other than 2xx and 304 is `HttpStatus`,
        or `Blocked` where a gatekeeper sends it with a challenge.
        """
        target = read_target(request.url)
        course = self._plan(request, target)
        hops: list[Hop] = []
        while True:
            subject = _subject(request, target, hops)
            answer = self._exchange(course, target, subject)
            if answer.status not in REDIRECTS:
                return self._conclude(course, target, answer, hops)
            hops.append(Hop(url=target.url, status=answer.status))
            if len(hops) > self._options.max_redirects:
                most = self._options.max_redirects
                raise RedirectFailed(subject, f"redirected more than {most} times")
            location = answer.headers.get("location")
            target = next_target(target, location, hops=hops, subject=subject)

    def abort(self) -> None:
        """Make running fetches, within a fifth of a second, and all later ones raise `Aborted`."""
        self._aborted.set()

    def close(self) -> None:
        """Abort, and drop the connections that are kept alive."""
        self.abort()
        self._pool.close()

    def _plan(self, request: FetchRequest, target: Target) -> _Course:
        options = self._options
        most = request.max_bytes
        validators = _headers(
            ("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified)
        )
        started = time.monotonic()
        return _Course(
            request=request,
            headers=(
                *_headers(
                    ("User-Agent", options.user_agent),
                    ("Accept", request.accept),
                    ("Accept-Encoding", "gzip, deflate"),
                    ("Referer", _referer(request.referer)),
                ),
                *validators,
            ),
            conditional=bool(validators),
            caps=Caps(
                wire=options.max_wire if most is None else min(most, options.max_wire),
                inflated=options.max_inflated if most is None else min(most, options.max_inflated),
                ratio=options.max_ratio,
            ),
            started=started,
            deadline=started + options.seconds,
            home=target.origin,
        )

    def _exchange(self, course: _Course, target: Target, subject: str) -> Answer:
        """One hop: its status is trustworthy afterwards, and its body whole if it is wanted."""
        errand = self._errand(course, target, subject)
        admit = course.request.admit if target.origin == course.home else None
        gate = Gate(self._options.allow_networks, admit)
        answer = Answer(course.caps, conditional=course.conditional)
        try:
            with self._pool.lend(target, admit) as wire:
                outcome = wire.carry(errand, gate, answer, self._aborted)
        except pycurl.error as error:
            raise failure(OK, str(error.args[-1]), subject, begun=False) from error
        if outcome is None:
            raise Aborted(subject, "the service is stopping")
        _judge(outcome, gate, answer, subject)
        return answer

    def _errand(self, course: _Course, target: Target, subject: str) -> Errand:
        if self._aborted.is_set():
            raise Aborted(subject, "the service is stopping")
        left = course.deadline - time.monotonic()
        if left <= 0:
            raise TimedOut(subject, "the deadline passed")
        store = self._trust if target.scheme == "https" else TrustStore()
        if target.scheme == "https" and not store.found:
            raise TlsFailed(
                subject,
                "this system has no certificate store to verify certificates with; install the "
                "ca-certificates package or set SSL_CERT_FILE to a bundle",
            )
        return Errand(
            url=target.url,
            headers=course.headers,
            seconds=left,
            connect_seconds=min(left, self._options.connect_seconds),
            ca_file=store.file,
            ca_folder=store.folder,
        )

    @cached_property
    def _trust(self) -> TrustStore:
        if self._options.ca_file is not None:
            return TrustStore(file=str(self._options.ca_file))
        return find_trust_store()

    def _conclude(
        self, course: _Course, target: Target, answer: Answer, hops: Sequence[Hop]
    ) -> FetchResponse:
        subject = _subject(course.request, target, hops)
        if not answer.wanted and answer.status != 304:
            refuse_gatekeeper(answer, course.caps, subject)
            wait = read_retry_after(answer.headers.get("retry-after"), self._clock())
            raise HttpStatus(subject, answer.status, retry_after=wait)
        body = b""
        if answer.status not in EMPTY:
            coding = answer.headers.get("content-encoding", "").lower()
            body = inflate(bytes(answer.body), coding, course.caps, subject)
        return FetchResponse(
            url=target.url,
            status=answer.status,
            headers=answer.headers,
            body=body,
            wire_bytes=answer.wire_bytes,
            hops=tuple(hops),
            elapsed=time.monotonic() - course.started,
        )


def _judge(outcome: tuple[int, str], gate: Gate, answer: Answer, subject: str) -> None:
    """Raise what an exchange died of: our own refusals first, then libcurl's word."""
    if gate.refused is not None:
        raise AddressRefused(
            subject, f"it leads to {gate.refused}, which is not public and not allowed"
        )
    if answer.refusal is not None:
        kind, cause = answer.refusal
        raise kind(subject, cause)
    code, detail = outcome
    if answer.settled:
        return
    if code != OK:
        raise failure(code, detail, subject, begun=answer.complete)
    if not answer.complete:
        # libcurl takes a connection that ends within the header for the end of the header.
        raise Truncated(subject, "the answer stops within its header")


def _subject(request: FetchRequest, target: Target, hops: Sequence[Hop]) -> str:
    asked = shown(request.url)
    return f"{asked} → {shown(target.url)}" if hops else asked


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
        if not value or len(value) > HEADER_LONGEST or not _is_field_value(value):
            continue
        lines.append(f"{name}: {value}".encode("latin-1"))
    return tuple(lines)


def _is_field_value(value: str) -> bool:
    """Whether it is bytes decoded as Latin-1, without controls (RFC 9110, section 5.5)."""
    return all(each == "\t" or (" " <= each <= "\xff" and each != "\x7f") for each in value)
