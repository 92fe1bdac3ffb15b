"""What the pages need of the service, and how a view gets at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from flask import current_app

from feedsvc.domain.feed import Site
from feedsvc.publish.asked import Asked
from feedsvc.store.engine import Database
from feedsvc.web.assets import Assets
from feedsvc.web.hot import DocumentMemory, DocumentShelf
from feedsvc.web.kept import KeptDocuments
from feedsvc.web.part_dates import PartDates
from feedsvc.web.past_documents import PastDocuments
from feedsvc.web.rate import Buckets

EXTENSION = "feedsvc"


class MediaFiles(Protocol):
    """What is needed of `store.media.Media`; neither asks the database."""

    def find(self, name: str) -> Path | None:
        """Return the file of a picture that the public may see."""
        ...

    def is_withheld(self, name: str) -> bool:
        """Whether there is such a picture, but not for the public."""
        ...


class WebSettings(Protocol):
    """The settings that pages read; `language` is the one of visitors who name none of ours."""

    @property
    def site(self) -> Site:
        """Who publishes, and under which address."""
        ...

    @property
    def language(self) -> str:
        """Either zh or en."""
        ...

    @property
    def search_feeds_per_minute(self) -> float:
        """How many search feeds one visitor may have made in a minute; 0: any number."""
        ...


class WebServices(Protocol):
    """What `create_app` needs of `feedsvc.services.Services`."""

    @property
    def settings(self) -> WebSettings:
        """What the operator set."""
        ...

    @property
    def db(self) -> Database:
        """The articles; only pages wait for it, never a feed document."""
        ...

    @property
    def shelf(self) -> DocumentShelf:
        """The published feed documents."""
        ...

    @property
    def media(self) -> MediaFiles:
        """The pictures that the public may see."""
        ...

    @property
    def clock(self) -> Callable[[], datetime]:
        """The present time, aware."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that views share; one per application."""

    services: WebServices
    memory: DocumentMemory
    assets: Assets
    past: PastDocuments
    part_dates: PartDates
    asked: Asked
    kept: KeptDocuments
    searchers: Buckets

    @property
    def site(self) -> Site:
        """Who publishes."""
        return self.services.settings.site


def house() -> House:
    """Return the house of the running application."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, House)  # noqa: S101 - create_app put it there; this tells mypy so
    return found
