"""What all connections of one front share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from feedsvc.front.answers import Memo
from feedsvc.front.limits import Limits
from feedsvc.front.tunnel import Application
from feedsvc.front.watch import Watch


class Guest(Protocol):
    """What all need to know of a connection (see `visitor.Visitor`)."""

    deadline: float

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        ...

    def abandon(self) -> None:
        """Close it as it is."""
        ...

    def leave(self) -> None:
        """Answer what has been asked, and end."""
        ...


@dataclass(slots=True, kw_only=True)
class Hall:
    """The state of one front: who is there, and what they may do. For one thread."""

    watch: Watch
    memo: Memo
    application: Application
    limits: Limits = field(default_factory=Limits)
    visitors: set[Guest] = field(default_factory=set)
    # Bytes of request bodies in memory.
    held: int = 0
    # True once we have been told to stop: each connection ends with the answer it waits for.
    leaving: bool = False
