"""Stored articles and snapshots of invented news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from feedsvc.domain.article import Article, Content
from feedsvc.domain.feed import FeedState, Selection, Site, Snapshot
from feedsvc.domain.item import Dateline, Enclosure

AT = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
SITE = Site(base_url="https://news.example", title="云岭法讯")
SECRET = "原文里的一句话"
CONTENT = Content(
    title="云岭镇派出所通报沿河巡查",
    original_title="老街夜巡",
    summary=f"昨夜巡查三条街，{SECRET}。",
    body_html=f'<p>{SECRET}，巡查至天明。</p><p><img src="https://partner.example/p.jpg" alt="河岸"></p>',
    attribution="云岭日报",
    origin_url="https://partner.example/news/1.html",
    authors=("方一鸣",),
    editors=("罗闻",),
    credit_line="（记者方一鸣",
    dateline=Dateline(place="云岭"),
    rights="供稿",
    language="zh-CN",
    enclosures=(
        Enclosure(url="https://partner.example/1.mp3", media_type="audio/mpeg", duration=75),
    ),
    tags=("夜间巡查", "河岸"),
)


def article(number: int = 1, content: Content = CONTENT, **changes: Any) -> Article:
    """A live article; the higher the number, the older it is."""
    made = Article(
        id=number,
        guid=f"urn:uuid:1b671a64-40d5-491e-99b0-{number:012d}",
        source="yunling",
        source_title="云岭警务网",
        source_url="https://partner.example/rss.xml",
        category="gongan",
        category_title="公安",
        content=content,
        published_at=AT - timedelta(hours=number),
        published_precision="minute",
        first_seen_at=AT,
        updated_at=AT,
        link="https://partner.example/link/1",
    )
    return replace(made, **changes)


def snapshot(*articles: Article, **changes: Any) -> Snapshot:
    """The feed `gongan` with these articles."""
    state = FeedState(
        slug="gongan",
        guid="urn:uuid:5a3c1f7e-0000-4000-8000-000000000001",
        title="公安",
        description="",
        selection=Selection(category="gongan"),
        cursor=5,
        updated_at=AT,
    )
    return Snapshot(state=replace(state, **changes), articles=articles)
