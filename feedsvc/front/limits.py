"""What nobody may exceed, however many they are."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and numbers.

    Seconds of a client: `idle` between two requests · `head` from a head's first byte to its last ·
    `body` the same for a body · `stall` without any byte taken of what we send · `linger` after our
    last word · `parted` for an answer that has not begun, once the client sends no more.
    Of the application: `patience` of those who wait for a place with it · `silence` without any byte
    of its answer. `leave`: for what is under way when we are told to stop.
    At once: `connections` · `places`, requests that the application has · `waiting`, requests that
    wait for one · `bodies`, bytes of all request bodies together.
    """

    idle: float = 75.0
    head: float = 10.0
    body: float = 60.0
    stall: float = 30.0
    linger: float = 2.0
    parted: float = 2.0
    patience: float = 5.0
    silence: float = 60.0
    leave: float = 10.0
    connections: int = 4096
    places: int = 48
    waiting: int = 1024
    bodies: int = 64 * MEGABYTE
