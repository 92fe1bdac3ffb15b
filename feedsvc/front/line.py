"""Those who wait for their turn: in order, not too many, and none for too long. Pure."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Line(Generic[T]):
    """At most `longest` wait, each for `patience` seconds; times are the caller's, and never go back."""

    def __init__(self, longest: int, patience: float) -> None:
        self._longest = longest
        self._patience = patience
        # Until when each waits, in the order they came: whoever is first is also tired first.
        self._until: dict[T, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def __contains__(self, one: T) -> bool:
        return one in self._until

    @property
    def first(self) -> T | None:
        """Whose turn is next, None when nobody waits."""
        return next(iter(self._until), None)

    def join(self, one: T, now: float) -> bool:
        """Go to the end; False, and nothing done, when too many wait already."""
        if len(self._until) >= self._longest:
            return False
        self._until[one] = now + self._patience
        return True

    def leave(self, one: T) -> None:
        """Wait no more, whether one did or not."""
        self._until.pop(one, None)

    def tired(self, now: float) -> T | None:
        """Send one away that has waited long enough, the first of them; None when there is none."""
        one = self.first
        if one is None or self._until[one] > now:
            return None
        del self._until[one]
        return one
