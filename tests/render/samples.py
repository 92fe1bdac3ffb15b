"""Feeds of invented news for the tests of rendering and publishing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from feedsvc.domain.feed import Entry, Feed, Site
from feedsvc.domain.item import Dateline, Enclosure

AT = datetime(2026, 10, 8, 4, 0, 0, 123456, tzinfo=UTC)
SITE = Site(
    base_url="https://news.example",
    title="云岭法讯",
    rights="© 云岭法讯",
    contact="desk@news.example",
)


def entry(number: int = 1, **changes: Any) -> Entry:
    """A live entry; the higher the number, the older it is."""
    made = Entry(
        guid=f"urn:uuid:1b671a64-40d5-491e-99b0-{number:012d}",
        url=f"https://news.example/a/{number}",
        title=f"云岭镇第{number}次夜间巡查通报",
        original_title="",
        summary="云岭镇派出所昨夜巡查了沿河的三条街。",
        content_html='<p>云岭镇派出所昨夜巡查了<a href="https://partner.example/map">沿河的三条街</a>。</p>',
        published_at=AT - timedelta(hours=number),
        updated_at=AT - timedelta(minutes=number),
        status="live",
        reason="",
        revision=1,
        category="gongan",
        category_title="公安",
        attribution="云岭日报",
        origin_url=f"https://partner.example/news/{number}.html",
        source_title="云岭警务网",
        source_url="https://partner.example/rss.xml",
        authors=("方一鸣", "何小满"),
        editors=("罗闻",),
        credit_line="（责任编辑：罗闻",
        dateline=Dateline(place="云岭", date="10月8日", agency="云岭警务网"),
        rights="云岭警务网供稿",
        enclosures=(
            Enclosure(url="https://partner.example/1.mp3", media_type="audio/mpeg", length=9),
        ),
    )
    return replace(made, **changes)


def feed(*entries: Entry, **changes: Any) -> Feed:
    """The feed `gongan` with these entries."""
    made = Feed(
        slug="gongan",
        guid="urn:uuid:5a3c1f7e-0000-4000-8000-000000000001",
        title="公安",
        description="云岭法讯 · 公安",
        page_url="https://news.example/feeds/gongan",
        updated_at=AT,
        cursor=7,
        entries=entries,
    )
    return replace(made, **changes)


WITHDRAWN = entry(
    2,
    title="【撤稿】云岭镇第2次夜间巡查通报",
    summary="本文已撤回，请勿继续转载。原因：内容失实",
    content_html="<p>本文已撤回。</p>",
    status="withdrawn",
    reason="内容失实",
    revision=2,
    authors=(),
    editors=(),
    credit_line="",
    dateline=None,
    enclosures=(),
)
CORRECTED = entry(3, status="corrected", reason="日期有误", revision=2)
BARE = entry(
    4,
    summary="",
    content_html="",
    attribution="",
    origin_url=None,
    source_title="",
    source_url="",
    authors=(),
    editors=(),
    credit_line="",
    dateline=None,
    rights="",
    category_title="",
    enclosures=(),
)
MIXED = feed(entry(1), WITHDRAWN, CORRECTED, BARE)
