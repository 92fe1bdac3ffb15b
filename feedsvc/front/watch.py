"""The loop: waits for sockets, wakes whoever holds them, and tells those whose time is up."""

from __future__ import annotations

import select
import time
from socket import socket
from typing import Protocol

import structlog

from feedsvc.front.answers import Dates

log = structlog.get_logger()

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
NOTHING = 0
# The other side sends no more: it has closed, or it only listens from now on.
PARTED = select.EPOLLRDHUP
ENDED = select.EPOLLHUP | select.EPOLLERR
NEVER = float("inf")
# How exactly deadlines are kept; a sweep over a full house takes less than a millisecond.
SWEEP = 0.25


class Watched(Protocol):
    """Whoever holds a socket; `deadline` is on the clock of `Watch.now`."""

    deadline: float

    def ready(self, mask: int) -> None:
        """Do what can be done without waiting."""
        ...

    def expired(self) -> None:
        """The deadline has passed."""
        ...

    def abandon(self) -> None:
        """Close everything; called after a fault of ours."""
        ...


class Watch:
    """All sockets of one front; for one thread. `faults` counts exceptions, each of which is a bug."""

    def __init__(self) -> None:
        self.now = time.monotonic()
        self.dates = Dates()
        self.faults = 0
        self._epoll = select.epoll()
        self._watched: dict[int, Watched] = {}
        self._dropped: list[socket] = []
        self._sweep_at = self.now + SWEEP
        self._wake_at = NEVER
        self._to_wake: Watched | None = None

    def add(self, descriptor: int, watched: Watched, events: int) -> None:
        """Watch a socket from now on."""
        self._watched[descriptor] = watched
        self._epoll.register(descriptor, events)

    def change(self, descriptor: int, events: int) -> None:
        """Watch it for other events."""
        self._epoll.modify(descriptor, events)

    def pause(self, descriptor: int) -> None:
        """Watch it no longer, until it is added again."""
        if self._watched.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def drop(self, held: socket) -> None:
        """Watch a socket no longer, and close it.

        Not before this turn is over: its number must not be another's while events of this turn
        that carry it are still to be dealt with.
        """
        self.pause(held.fileno())
        self._dropped.append(held)

    def wake(self, watched: Watched, at: float) -> None:
        """Call its `expired` once at a time that a sweep is too coarse for; there is one such only."""
        self._to_wake, self._wake_at = watched, at

    def turn(self) -> None:
        """Wait for events, at most until the next sweep, and deal with each."""
        pause = min(self._sweep_at, self._wake_at) - time.monotonic()
        events = self._epoll.poll(max(pause, 0.0))
        self.now = time.monotonic()
        if self.now >= self._sweep_at:
            self._sweep()
        if self.now >= self._wake_at and self._to_wake is not None:
            self._wake_at = NEVER
            self._expire(self._to_wake)
        watched = self._watched
        for descriptor, mask in events:
            # One event may have closed the socket of another in the same batch.
            whose = watched.get(descriptor)
            if whose is not None:
                try:
                    whose.ready(mask)
                except Exception:  # loop edge: one connection's failure never harms another
                    self.faults += 1
                    log.exception("connection_failed")
                    whose.abandon()
        self._close_dropped()

    def close(self) -> None:
        """Close what is still open."""
        for each in list(self._watched.values()):
            each.abandon()
        self._close_dropped()
        self._epoll.close()

    def _close_dropped(self) -> None:
        for each in self._dropped:
            each.close()
        self._dropped.clear()

    def _sweep(self) -> None:
        self._sweep_at = self.now + SWEEP
        self.dates.tick()
        for each in list(self._watched.values()):
            if each.deadline <= self.now:
                self._expire(each)

    def _expire(self, watched: Watched) -> None:
        try:
            watched.expired()
        except Exception:  # loop edge: as in `turn`, for what is late
            self.faults += 1
            log.exception("connection_failed")
            watched.abandon()
