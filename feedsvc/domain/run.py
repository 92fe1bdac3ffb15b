"""A run: one recorded poll of one source. Its failure is data here, never an exception elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import Rejection

RunStatus = Literal["ok", "unchanged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed: a word from `feedsvc.errors` and one sentence."""

    kind: str
    message: str
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One poll as it went. Counts are of items; `unchanged` means 304 or the same bytes again."""

    source: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime
    http_status: int | None = None
    wire_bytes: int = 0
    seen: int = 0
    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    repairs: tuple[Repair, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    error: RunError | None = None
