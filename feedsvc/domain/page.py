"""Article pages that we watch: those behind the rows of a list, or the links of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feedsvc.domain.source import Validators

NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One article page: its link as the partner spells it, and what it last answered with.

    `gone` says that it answered 404 or 410; then it has no validators.
    """

    link: str
    validators: Validators = NO_VALIDATORS
    published_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSeen:
    """What one poll learned of a source's pages.

    `looked_at` were fetched. `listed` is what the source's document names of the pages that we
    have, by link with their time; None where the document was not read (it has not changed).
    """

    looked_at: tuple[Page, ...] = ()
    listed: Mapping[str, datetime | None] | None = None
