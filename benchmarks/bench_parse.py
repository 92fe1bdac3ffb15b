"""Parsing one feed of 50 full-text items (about 121 KB) of our own words: ours against feedparser.

Ours does more: it reads the charset, sanitises the bodies, makes addresses absolute and reads dates.
feedparser is timed as it comes (sanitising too) and with all that off. CPU time, median of
interleaved rounds; the ratios matter, the milliseconds are the machine's.
"""

from __future__ import annotations

import io
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import fastfeedparser
import feedparser

from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.feed import parse_feed

ITEMS, ROUNDS = 50, 15
_PHRASES = (
    "青川县公安局昨夜组织巡查，柳河沿岸秩序平稳",
    "值班民警向夜市摊主讲解防骗要点，并留下联系卡",
    "县城三处路口增设了照明，行人过街更加安心",
    "志愿者协助清点失物，两只书包当晚归还学生",
    "派出所开放接待窗口，办理户籍只需一次到场",
    "调解室全年化解邻里纠纷二百一十六件，回访满意",
    "雨季来临前，河堤值守人员完成了第三轮检查",
)


def feed(markup: str) -> bytes:
    """An RSS document whose paragraphs are written with `markup`, a template for one paragraph."""
    chance = random.Random(7)
    start = datetime(2019, 8, 9, 2, 45, tzinfo=UTC)
    items = []
    for number in range(ITEMS):
        paragraphs = [
            markup.format("。".join(chance.choices(_PHRASES, k=3)) + "。") for _ in range(10)
        ]
        items.append(
            f"<item><title>{chance.choice(_PHRASES)}（{number}）</title>"
            f"<link>https://news.qingchuan.example/2019/08/09/t{number}.html</link>"
            f'<guid isPermaLink="false">qingchuan-{number}</guid>'
            f"<pubDate>{format_datetime(start - timedelta(minutes=7 * number))}</pubDate>"
            f"<dc:creator>林一</dc:creator><category>要闻</category>"
            f"<description>{chance.choice(_PHRASES)}。</description>"
            f"<content:encoded><![CDATA[{''.join(paragraphs)}]]></content:encoded></item>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        "<title>青川警讯网</title><link>https://news.qingchuan.example/</link>"
        f"<description>要闻</description>{''.join(items)}</channel></rss>"
    ).encode()


def measure(runs: dict[str, Callable[[], int]]) -> dict[str, float]:
    """Median CPU milliseconds of each run, in interleaved rounds; each must find all items."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            run()  # a worker reads one document after another: each parser is timed warm
            started = time.process_time()
            assert run() == ITEMS
            times[name].append((time.process_time() - started) * 1000)
    return {name: statistics.median(each) for name, each in times.items()}


def main() -> None:
    """Print one table for plain paragraphs and one for styled ones."""
    seen_at = datetime(2026, 1, 1, tzinfo=UTC)
    for title, markup in (
        ("plain paragraphs", "<p>{}</p>"),
        ("styled, indented paragraphs", '<p style="text-indent:2em">　　<span>{}</span></p>\n'),
    ):
        body = feed(markup)
        job = ParseJob(
            kind="feed", body=body, url="https://news.qingchuan.example/rss", seen_at=seen_at
        )

        def bare(document: bytes = body) -> int:
            stream = io.BytesIO(document)
            read = feedparser.parse(stream, sanitize_html=False, resolve_relative_uris=False)
            return len(read.entries)

        medians = measure(
            {
                "feedsvc": lambda job=job: len(parse_feed(job).items),  # type: ignore[misc]
                "feedparser": lambda body=body: len(feedparser.parse(io.BytesIO(body)).entries),  # type: ignore[misc]
                "feedparser, sanitising off": bare,
                "fastfeedparser": lambda body=body: len(fastfeedparser.parse(body).entries),  # type: ignore[misc]
            }
        )
        print(f"{title}: {ITEMS} items, {len(body) / 1000:.0f} KB")
        for name, median in medians.items():
            print(f"  {name:28}{median:8.2f} ms   x{median / medians['feedsvc']:.1f} of feedsvc")


if __name__ == "__main__":
    main()
