"""Feed documents and a shelf in memory for tests of the hot layer."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import brotli

from feedsvc.domain.feed import FeedDocument, Format

BASE_URL = "https://news.example"
AT = datetime(2026, 11, 23, 8, 40, 12, tzinfo=UTC)


def make(
    text: str, *, slug: str = "gongan", format: Format = "rss", cursor: int = 1
) -> FeedDocument:
    body = text.encode() * 50
    digest = hashlib.sha256(body).hexdigest()[:12]
    return FeedDocument(
        slug=slug,
        format=format,
        cursor=cursor,
        etag=f"{cursor}-{digest}",
        last_modified=AT,
        edition="test",
        body=body,
        gzip=gzip.compress(body, mtime=0),
        brotli=brotli.compress(body, quality=5),
    )


class MemoryShelf:
    """Documents without files; `broken` makes every load fail as a bad disk would."""

    def __init__(self, *documents: FeedDocument) -> None:
        self.generation = 1
        self.broken: Exception | None = None
        self.loads: list[list[str]] = []
        self._documents = {one.path: one for one in documents}

    def put(self, *documents: FeedDocument) -> None:
        self._documents.update({one.path: one for one in documents})
        self.generation += 1

    def load_changed(self, known: Mapping[str, str]) -> dict[str, FeedDocument]:
        if self.broken is not None:
            raise self.broken
        changed = {
            path: one for path, one in self._documents.items() if known.get(path) != one.etag
        }
        self.loads.append(sorted(changed))
        return changed
