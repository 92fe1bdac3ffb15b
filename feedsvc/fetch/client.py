"""The fetch gateway: one guarded, capped, conditional GET with a deadline over all its hops.

request → judge the URL → (gate → exchange → redirect?)* → status → inflate → response

`fetch` waits for its answer; `start` lets one thread carry any number of fetches at the same time.
What a fetch is stands in `course`; here is only who carries it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property

import pycurl

from feedsvc.fetch.answer import Answer
from feedsvc.fetch.courier import Courier, Landed
from feedsvc.fetch.course import Course, Harbour
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.handle import Errand
from feedsvc.fetch.options import FetchOptions
from feedsvc.fetch.pool import WirePool
from feedsvc.fetch.trust import TrustStore, find_trust_store

__all__ = ["FetchOptions", "Fetcher"]


class Fetcher:
    """The gateway. Thread-safe; cheap to build, connects only when asked to fetch."""

    def __init__(self, options: FetchOptions, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._options = options
        self._harbour = Harbour(options=options, aborted=threading.Event(), trust=self._find_trust)
        self._pool = WirePool(options.resolve)
        self._courier = Courier(options.resolve, self._harbour.aborted, self._clock)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """Do one GET, following redirects; blocks until the whole answer is there or the deadline passed.

        Raises the kinds of `FetchError`; a status other than 2xx and 304 is `HttpStatus`,
        or `Blocked` where a gatekeeper sends it with a challenge.
        """
        course = Course(request, self._harbour)
        while True:
            errand, gate, answer = course.depart()
            outcome = self._exchange(course, errand, gate, answer)
            response = course.arrive(outcome, gate, answer, self._clock())
            if response is not None:
                return response

    def start(self, request: FetchRequest, landed: Landed, *, delay: float = 0.0) -> None:
        """Do one GET `delay` seconds from now without waiting for it; the deadline counts from then.

        `landed` is called once with the response or the error that `fetch` would raise, on the
        thread that carries all started fetches: it must hand on what takes time. A request with an
        admission of its own is for `fetch`, because kept connections are shared here.
        """
        if request.admit is not None:
            raise ValueError("a fetch under an admission of its own cannot be started")
        self._courier.send(lambda: Course(request, self._harbour), landed, delay)

    def abort(self) -> None:
        """Make running fetches, within a fifth of a second, and all later ones raise `Aborted`."""
        self._harbour.aborted.set()
        self._courier.wake()

    def close(self) -> None:
        """Abort, and drop the connections that are kept alive."""
        self.abort()
        self._courier.close()
        self._pool.close()

    def _exchange(
        self, course: Course, errand: Errand, gate: Gate, answer: Answer
    ) -> tuple[int, str] | None:
        """One hop, on a wire that was made under the same admission."""
        try:
            with self._pool.lend(course.target, course.admit) as wire:
                return wire.carry(errand, gate, answer, self._harbour.aborted)
        except pycurl.error as error:
            raise course.not_begun(error) from error

    def _find_trust(self) -> TrustStore:
        return self._trust

    @cached_property
    def _trust(self) -> TrustStore:
        if self._options.ca_file is not None:
            return TrustStore(file=str(self._options.ca_file))
        return find_trust_store()
