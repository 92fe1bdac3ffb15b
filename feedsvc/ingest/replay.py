"""A source read from kept documents: the `Reach` of a poll that fetches nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from feedsvc.domain.item import Item
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import Parsed, ParseJob
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.source import Source
from feedsvc.errors import FetchError
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.ingest.understand import Parsers
from feedsvc.text.urls import canonical

Body = Callable[[KeptResponse], bytes | None]


class ReplayReach:
    """Answers each request with what is kept for its address; nothing is known beforehand.

    Relative times count from when each document was fetched. One thread at a time.
    """

    def __init__(self, newest: Mapping[str, KeptResponse], body: Body, parsers: Parsers) -> None:
        self._newest = newest
        self._body = body
        self._parsers = parsers
        self._answered: tuple[bytes, KeptResponse] | None = None

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """Return the kept answer; raises `FetchError` where there is none."""
        kept = self._newest.get(canonical(request.url))
        body = self._body(kept) if kept is not None else None
        if kept is None or body is None:
            raise FetchError(request.url, "no answer is kept", permanent=True)
        self._answered = (body, kept)
        headers = {"content-type": kept.content_type, "content-location": kept.content_location}
        return FetchResponse(
            url=kept.url,
            status=kept.http_status,
            headers={name: value for name, value in headers.items() if value is not None},
            body=body,
        )

    def parse(self, job: ParseJob) -> Parsed:
        """Read one document as of the day on which it was fetched."""
        answered = self._answered
        if answered is not None and answered[0] is job.body:
            job = replace(job, seen_at=answered[1].fetched_at)
        return self._parsers.parse(job)

    def known_links(self, links: Sequence[str]) -> set[str]:
        """Nothing is known, so that every row is read."""
        return set(links[:0])

    def gave_before(self, _items: Sequence[Item], /) -> bool:
        """Nothing is read but what is asked for."""
        return True

    def watched(self, _listed: Collection[str] | None, _skipped: Collection[str], /) -> list[Page]:
        """Nothing is looked at again."""
        return []


def newest_by_address(responses: Iterable[KeptResponse]) -> dict[str, KeptResponse]:
    """Return the first answer of each address; responses come the newest first."""
    newest: dict[str, KeptResponse] = {}
    for each in responses:
        newest.setdefault(canonical(each.asked_url), each)
    return newest


def job_of(source: Source, kept: KeptResponse, body: bytes) -> ParseJob:
    """Return the job of reading a kept document by a source's present settings."""
    return ParseJob(
        kind=kept.kind,
        body=body,
        url=kept.url,
        seen_at=kept.fetched_at,
        content_type=kept.content_type,
        content_location=kept.content_location,
        charset=source.charset,
        timezone=source.timezone,
        rules=source.rules or None,
    )
