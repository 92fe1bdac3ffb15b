"""Files of articles that tests import."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.partner import SENTENCE, Story, rss

WXR_HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.4" created="2026-08-08 02:00" --><!-- an <item> that is none -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>望川时报</title><link>https://wangchuan.example</link><language>zh-CN</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_id>2</wp:author_id><wp:author_login><![CDATA[lin]]></wp:author_login>
<wp:author_display_name><![CDATA[林晚晴]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>\n"


def post(
    number: int, *, kind: str = "post", status: str = "publish", password: str = "", body: str = ""
) -> str:
    """One item of a WordPress export."""
    text = body or f"{SENTENCE}（第{number}篇）\n第二行。\n\n第二段说的是渡口。"
    return f"""<item><title><![CDATA[望川渡口通航第{number}天]]></title>
<link>https://wangchuan.example/{number}/</link><pubDate>Sat, 08 Aug 2026 02:00:00 +0000</pubDate>
<dc:creator><![CDATA[lin]]></dc:creator><guid isPermaLink="false">https://wangchuan.example/?p={number}</guid>
<description></description><content:encoded><![CDATA[{text}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{number}</wp:post_id>
<wp:post_date><![CDATA[2026-08-08 09:30:00]]></wp:post_date>
<wp:post_date_gmt><![CDATA[2026-08-08 01:30:00]]></wp:post_date_gmt>
<wp:status><![CDATA[{status}]]></wp:status><wp:post_type><![CDATA[{kind}]]></wp:post_type>
<wp:post_password><![CDATA[{password}]]></wp:post_password>
<category domain="category" nicename="yaowen"><![CDATA[要闻]]></category></item>
"""


def wxr(*posts: str) -> str:
    """A WordPress export of these posts."""
    return WXR_HEAD + "".join(posts) + TAIL


def rss_file(count: int) -> str:
    """An RSS file with so many stories, each with a text of its own."""
    return rss([Story(number, text=f"{SENTENCE}编号{number}") for number in range(1, count + 1)])


def json_feed(numbers: Sequence[int]) -> str:
    """A JSON Feed, indented as programs write it."""
    items = [
        {
            "id": f"story-{number}",
            "url": f"https://partner.example/n/{number}.html",
            "title": f"云岭夜间窗口第{number}天",
            "content_html": f"<p>{SENTENCE}编号{number}</p>",
            "date_published": "2026-08-08T02:00:00Z",
        }
        for number in numbers
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "云岭", "items": items}
    return json.dumps(feed, ensure_ascii=False, indent=1)
