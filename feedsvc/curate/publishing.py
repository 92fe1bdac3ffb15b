"""What editors' acts need of publishing, which is another room."""

from __future__ import annotations

from typing import Protocol


class PublishAtOnce(Protocol):
    """What is needed of publishing: these feeds, now."""

    def __call__(self, slugs: tuple[str, ...]) -> object:
        """Publish the feeds named."""
        ...
