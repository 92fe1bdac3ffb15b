"""A chore: housekeeping that recurs, done by one scheduler at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """`work` does a bounded piece (seconds, not minutes) and says whether more is waiting.

    A `shared` chore is leased, so that of all schedulers on one database one does it; the others
    look after what each machine has for itself.
    """

    name: str
    every_seconds: float
    work: Callable[[datetime], bool]
    shared: bool = True
