"""What all connections of one front share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedsvc.front.answers import Memo
from feedsvc.front.tunnel import Application
from feedsvc.front.watch import Watch

if TYPE_CHECKING:
    from feedsvc.front.visitor import Visitor

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds and bytes that nobody may exceed, however many they are.

    `idle`: between two requests · `head`: from a head's first byte to its last · `body`: the same
    for a body · `stall`: without any byte taken of what we send · `linger`: after our last word ·
    `leave`: for what is under way when we are told to stop. `connections` at once; `bodies` is all
    bytes of request bodies together.
    """

    idle: float = 75.0
    head: float = 10.0
    body: float = 60.0
    stall: float = 30.0
    linger: float = 2.0
    leave: float = 10.0
    connections: int = 4096
    bodies: int = 64 * MEGABYTE


@dataclass(slots=True, kw_only=True)
class Hall:
    """The state of one front: who is there, and what they may do. For one thread."""

    watch: Watch
    memo: Memo
    application: Application
    limits: Limits = field(default_factory=Limits)
    visitors: set[Visitor] = field(default_factory=set)
    # Bytes of request bodies in memory.
    held: int = 0
    # True once we have been told to stop: each connection ends with the answer it waits for.
    leaving: bool = False
