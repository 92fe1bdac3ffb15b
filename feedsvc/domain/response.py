"""A kept answer of a partner: the bytes as they came, and all that their meaning depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.domain.parsed import DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptResponse:
    """One answer that a poll read; the body itself is found by its hash.

    `asked_url` is what was asked for, `url` where the answer came from after redirects.
    `fetched_at` (aware UTC) is the time that relative dates counted from. `size` is the body's
    length in bytes, `stored_size` that of its compressed file. `body_hash` is "" where the disk had
    no room for it.
    """

    asked_url: str
    url: str
    kind: DocumentKind
    fetched_at: datetime
    body_hash: str
    size: int
    stored_size: int
    http_status: int = 200
    content_type: str | None = None
    content_location: str | None = None
