"""A reach for tests of source modules: the real gateway on loopback, the real parsers in this process."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

from feedsvc.domain.item import Item
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import Parsed, ParseJob
from feedsvc.domain.source import Claim, Source
from feedsvc.fetch.client import Fetcher, FetchOptions
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.parse.dispatch import parse
from feedsvc.sources.collect import collect
from feedsvc.sources.reach import Collected
from tests.partner import Answer, Partner

SEEN_AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
TEXT = "云岭镇派出所把夜间窗口延长到晚上九点，群众下班后也能办证，窗口民警轮班值守，节假日不打烊。"


@dataclass(slots=True)
class LoopbackReach:
    """`known` holds the links that the source already gave, `pages` what is to be looked at again."""

    fetcher: Fetcher
    known: set[str] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)
    asked: list[tuple[Collection[str] | None, set[str]]] = field(default_factory=list)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        return self.fetcher.fetch(request)

    def parse(self, job: ParseJob) -> Parsed:
        return parse(job)

    def known_links(self, links: Sequence[str]) -> set[str]:
        return self.known & set(links)

    def gave_before(self, items: Sequence[Item]) -> bool:
        return any(item.link in self.known for item in items)

    def watched(self, listed: Collection[str] | None, skipped: Collection[str]) -> list[Page]:
        self.asked.append((listed, set(skipped)))
        return [page for page in self.pages if page.link not in skipped]


@contextmanager
def loopback_reach() -> Iterator[LoopbackReach]:
    options = FetchOptions(
        user_agent="feedsvc-tests/1", seconds=10.0, allow_networks=(ip_network("127.0.0.0/8"),)
    )
    fetcher = Fetcher(options)
    try:
        yield LoopbackReach(fetcher)
    finally:
        fetcher.close()


def collect_list(partner: Partner, reach: LoopbackReach, rules: dict[str, Any]) -> Collected:
    """What one poll of the partner's `/index.html` brings."""
    source = Source(
        slug="partner",
        url=f"{partner.url}/index.html",
        category="gongan",
        kind="list",
        rules=rules,
        id=1,
    )
    claim = Claim(source=source, lease=1, expires_at=SEEN_AT)
    return collect(claim, reach, seen_at=SEEN_AT)


def html(partner: Partner, path: str, page: str, status: int = 200) -> None:
    """Answer `path` with a page from now on."""
    partner.pages[path] = Answer(page.encode(), status=status, headers=HTML)


def article(title: str, text: str = TEXT * 3, more: str = "") -> str:
    """An article page as a small editing system prints it."""
    return (
        f"<html><head><title>{title}_云岭警务网</title></head><body><h1>{title}</h1>"
        f"<div>2026-10-08 09:30 来源：云岭警务网</div><div class='article-content'><p>{text}</p></div>"
        f"{more}<div>责任编辑：文静</div></body></html>"
    )
