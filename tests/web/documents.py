"""Feed documents and a shelf in memory for tests of the hot layer."""

from __future__ import annotations

import gzip
import hashlib
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
    """Documents without files; `broken` makes every read fail as a bad disk would; `reads` are those that read."""

    def __init__(self, *documents: FeedDocument) -> None:
        self.generation = 1
        self.broken: Exception | None = None
        self.reads: list[str] = []
        self._documents = {one.path: (one, (1, number)) for number, one in enumerate(documents)}

    def put(self, *documents: FeedDocument) -> None:
        for number, one in enumerate(documents):
            self._documents[one.path] = one, (self.generation + 1, number)
        self.generation += 1

    def lose(self, path: str) -> None:
        del self._documents[path]
        self.generation += 1

    def paths(self) -> list[str]:
        if self.broken is not None:
            raise self.broken
        return list(self._documents)

    def read_changed(
        self, path: str, known: tuple[int, ...] | None
    ) -> tuple[FeedDocument, tuple[int, ...]] | None:
        if self.broken is not None:
            raise self.broken
        found = self._documents.get(path)
        if found is None or found[1] == known:
            return None
        self.reads.append(path)
        return found
