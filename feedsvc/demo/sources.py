"""The sample partner as an operator would write it down: its category and its four sources."""

from __future__ import annotations

from typing import Any

from feedsvc.demo.addresses import HOMES
from feedsvc.demo.texts import SourceName
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source, SourceKind

CATEGORY = "gongan"
# Short enough to see things happen, long enough for four sources on one address a second apart.
_EVERY_SECONDS: dict[SourceName, int] = {"rss": 10, "atom": 10, "list": 12, "broken": 15}
_KINDS: dict[SourceName, SourceKind] = {
    "rss": "feed",
    "atom": "feed",
    "list": "list",
    "broken": "feed",
}
_TITLES: dict[SourceName, str] = {
    "rss": "云岭警务网",
    "atom": "江湾法治报",
    "list": "望川平安网",
    "broken": "松塬社区报",
}
_LIST_RULES: dict[str, Any] = {
    "list": {
        "items": "ul.txt-list > li",
        "link": "a",
        "title": "a",
        "date": "span",
        "next": ".page a.next",
    },
    "page": {
        "title": ".article h1",
        "date": "#pub_time_report",
        "attribution": "#source_report",
        "authors": "#author_report",
        "editors": ".editor span",
        "body": ".content > .TRS_Editor",
        "remove": ".TRS_Editor style",
    },
}


def demo_category() -> Category:
    """Return the section that all sources of the demo go to."""
    return Category(slug=CATEGORY, title="公安要闻", description="示例合作方的警务、法治与社区新闻")


def demo_sources(base_url: str) -> list[Source]:
    """Return the four sources of the partner that serves at `base_url` (no trailing slash)."""
    return [
        Source(
            slug=f"demo-{name}",
            url=base_url + path,
            category=CATEGORY,
            title=_TITLES[name],
            kind=_KINDS[name],
            every_seconds=_EVERY_SECONDS[name],
            rules=_LIST_RULES if name == "list" else {},
            demo=True,
        )
        for name, path in HOMES.items()
    ]
