"""The thread that carries all started fetches: any number at the same time, none waits for another.

orders → departures in the order of their time → lanes (libcurl) → arrivals → landed(response or error)
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pycurl
import structlog

from feedsvc.errors import FetchError
from feedsvc.fetch.answer import Answer
from feedsvc.fetch.course import Course
from feedsvc.fetch.exchange import FetchResponse
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.lane import Lane
from feedsvc.fetch.pool import close_aside

log = structlog.get_logger()

Landed = Callable[[FetchResponse | FetchError], None]

# Lanes without work that are kept with their connections; more are closed.
IDLE_LANES: Final = 4
# Nothing under way needs us sooner; an abort and a new order wake us.
LONGEST_NAP_MS: Final = 1000


@dataclass(slots=True, order=True)
class _Order:
    """A fetch still to be begun, at a time of the monotonic clock."""

    at: float
    number: int
    chart: Callable[[], Course] = field(compare=False)
    landed: Landed = field(compare=False)


@dataclass(slots=True, kw_only=True)
class _Flight:
    """One fetch on its present hop."""

    course: Course
    landed: Landed
    gate: Gate
    answer: Answer


class Courier:
    """Carries fetches on one thread of its own, which starts with the first of them."""

    def __init__(
        self,
        resolve: tuple[str, ...],
        aborted: threading.Event,
        clock: Callable[[], datetime],
    ) -> None:
        self._resolve = resolve
        self._aborted = aborted
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._orders: deque[_Order] = deque()
        self._numbers = itertools.count()
        self._bell: tuple[int, int] | None = None
        # What follows belongs to the thread.
        self._waiting: list[_Order] = []
        self._lanes: list[Lane[_Flight]] = []
        self._poll = select.poll()

    def send(self, chart: Callable[[], Course], landed: Landed, delay: float) -> None:
        """Begin a fetch `delay` seconds from now; `chart` is called then, on the thread."""
        order = _Order(time.monotonic() + delay, next(self._numbers), chart, landed)
        with self._lock:
            if not self._closed:
                self._orders.append(order)
                self._ensure_thread()
                self._ring()
                return
        # The gateway is closed, so the course says `Aborted`.
        self._depart_at_last(order)

    def wake(self) -> None:
        """Make the thread look around: something was aborted."""
        with self._lock:
            self._ring()

    def close(self) -> None:
        """End what is under way (abort first) and the thread."""
        with self._lock:
            self._closed = True
            self._ring()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _ensure_thread(self) -> None:
        if self._thread is None:
            self._bell = os.pipe()
            os.set_blocking(self._bell[1], False)
            self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
            self._thread.start()

    def _ring(self) -> None:
        if self._bell is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._bell[1], b".")

    def _run(self) -> None:
        if self._bell is None:
            raise RuntimeError("a courier without a bell")
        bell = self._bell[0]
        self._poll.register(bell, select.POLLIN)
        while not self._over():
            self._depart()
            for descriptor, events in self._poll.poll(self._nap_ms()):
                if descriptor == bell:
                    os.read(bell, 4096)
                else:
                    self._lane_of(descriptor, events)
            self._tick()
            self._arrive()
        with self._lock:
            for end in self._bell:
                os.close(end)
            self._bell = None
        close_aside(self._lanes)

    def _over(self) -> bool:
        """Whether to end; whatever is under way when the gateway is aborted lands so."""
        if self._aborted.is_set():
            for lane in self._lanes:
                for flight in lane.recall():
                    self._land(flight.landed, flight.course.aborted())
            self._take_orders()
            while self._waiting:
                self._depart_at_last(self._waiting.pop())
        with self._lock:
            return self._closed and not self._orders

    def _take_orders(self) -> None:
        while self._orders:
            heapq.heappush(self._waiting, self._orders.popleft())

    def _depart(self) -> None:
        """Begin every fetch whose time has come."""
        self._take_orders()
        now = time.monotonic()
        while self._waiting and self._waiting[0].at <= now:
            self._depart_at_last(heapq.heappop(self._waiting))

    def _depart_at_last(self, order: _Order) -> None:
        try:
            course = order.chart()
            self._send(course, order.landed, self._free_lane())
        except FetchError as error:
            self._land(order.landed, error)

    def _free_lane(self) -> Lane[_Flight]:
        for lane in self._lanes:
            if lane.room:
                return lane
        self._lanes.append(Lane(self._resolve, self._poll))
        return self._lanes[-1]

    def _send(self, course: Course, landed: Landed, lane: Lane[_Flight]) -> None:
        errand, gate, answer = course.depart()
        flight = _Flight(course=course, landed=landed, gate=gate, answer=answer)
        try:
            lane.send(errand, gate, answer, flight)
        except pycurl.error as error:
            raise course.not_begun(error) from error

    def _nap_ms(self) -> int | None:
        """How long nothing needs us, in milliseconds; None: until the bell rings."""
        times = [lane.due_ms() for lane in self._lanes if not lane.empty]
        if self._waiting:
            times.append(max(0, int((self._waiting[0].at - time.monotonic()) * 1000) + 1))
        if not times:
            return None
        return min(LONGEST_NAP_MS, *(each for each in times if each >= 0), LONGEST_NAP_MS)

    def _lane_of(self, descriptor: int, events: int) -> None:
        for lane in self._lanes:
            if descriptor in lane.descriptors:
                lane.act(descriptor, events)
                return

    def _tick(self) -> None:
        for lane in self._lanes:
            if lane.due_ms() == 0:
                lane.tick()

    def _arrive(self) -> None:
        for lane in self._lanes:
            if not lane.empty:
                for flight, outcome in lane.landed():
                    self._next_hop(flight, outcome, lane)
        spare = [lane for lane in self._lanes if lane.empty]
        gone = [lane for at, lane in enumerate(spare) if lane.clogged or at >= IDLE_LANES]
        if gone:
            self._lanes = [lane for lane in self._lanes if lane not in gone]
            close_aside(gone)

    def _next_hop(self, flight: _Flight, outcome: tuple[int, str], lane: Lane[_Flight]) -> None:
        """Land a fetch, or send it where it was redirected to."""
        try:
            response = flight.course.arrive(outcome, flight.gate, flight.answer, self._clock())
            if response is None:
                self._send(flight.course, flight.landed, lane)
                return
        except FetchError as error:
            self._land(flight.landed, error)
        else:
            self._land(flight.landed, response)

    def _land(self, landed: Landed, result: FetchResponse | FetchError) -> None:
        try:
            landed(result)
        except Exception:  # loop edge: who cannot take its answer must not cost the others theirs
            log.exception("landing_failed")
