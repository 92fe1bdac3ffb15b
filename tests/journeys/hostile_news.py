"""A partner's worst day: feeds whose items hold everything that has broken a feed somewhere.

Each item carries a mark that its title or text shows, so that a test can ask after every one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

DAY = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
BASE = "https://partner.example/n"
LONG = "云岭镇派出所昨夜巡查了沿河的三条街，沿途查看了路灯与护栏，未见异常。" * 1900
RAW = {
    "script": "<p>甲</p><script>alert(1)</script><p onclick='x()' style='color:red'>乙</p>",
    "frames": "<iframe src='https://x.example/'></iframe><object data='x'></object><form><input></form><p>甲</p>",
    "cdata-end": "<p>如果]]>出现在正文里，]]&gt;也要原样显示。</p>",
    "long-body": f"<p>{LONG}</p>",
    "long-body-in-parts": "".join(f"<p>{LONG[:600]}</p>" for _ in range(120)),
    "links": "".join(f"<a href='/{n}'>{n}</a> " for n in range(10_000)),
    "unclosed": "<p>甲<b>乙<i>丙<ul><li>丁<table><tr><td>戊<p>己",
    "misnested": "<b><p>甲</b>乙</p><a href='/1'><a href='/2'>丙</a></a><p><div><p>丁</div></p>",
    "cells": "<td>甲</td><tr><td>乙</td></tr><li>丙</li><dd>丁</dd><option>戊</option>",
    "table": "<table><p>甲</p><tr><td>乙</td></tr><caption>丙</caption><b>丁</b></table>",
    "heads-in-buttons": "<h1><h2>甲</h2></h1><button><p>乙</button></p><ruby>汉<rt>han</ruby>",
    "javascript": "<a href='javascript:alert(1)'>甲</a><a href=' java&#10;script:alert(1)'>乙</a><a href='vbscript:x'>丙</a>",
    "data": "<img src='data:image/png;base64,AAAA'><a href='data:text/html,<b>'>甲</a><p>乙</p>",
    "relative": "<p>甲<img src='a.png'><img src='//cdn.example/b.png' srcset='c.png 2x'><a href='../d.html'>乙</a><a href='#note'>丙</a><a href='?p=2'>丁</a></p>",
    "odd-addresses": "<p><a href='https://x.example/a[1] b|c\"d^e`.html?q=100%'>甲</a><a href='https://中国.example/新闻'>乙</a><a href='http:///x'>丙</a><a href='mailto:a@b.example'>丁</a></p>",
    "film": "<video poster='p.jpg' src='v.mp4'></video><audio><source src='a.mp3'></audio><p>甲</p>",
    "svg": "<svg onload='x()'><a xlink:href='javascript:x'>甲</a></svg><math><mi>x</mi></math><p>乙</p>",
    "comments": "<p>甲<!-- <script> --><![CDATA[ x ]]>乙</p><?php echo 1 ?>",
    "entities": "<p>R&D2、AT&T、&nbsp;&copy;&amp;lt;b&amp;gt;&nosuch;&#0;&#x80;&#xFFFF;&#xD800;</p>",
    "bidi": "<p>\u202e甲\u202c乙\u200e\u200f\u2066丙\u2069</p>",
    "zero-width": "<p>\ufeff甲\u200b乙\u2060丙\u00ad丁</p>",
    "astral": "<p>𠮷野家𝄞👩‍👩‍👧‍👦🇨🇳\U00020bb7\U0010fffd</p>",
    "mojibake": "<p>cafÃ© naÃ¯ve ï¿½ é”Ÿæ–¤æ‹· \ufffd\ufffd 锟斤拷</p>",
    "c1": "<p>甲\u0085乙\u0080\u0095丙</p>",
    "deep": "<div>" * 200 + "甲" + "</div>" * 200,
    "escaped-twice": "&lt;p&gt;甲 &lt;b&gt;乙&lt;/b&gt; &amp;amp;nbsp;&lt;/p&gt;",
    "text-with-tags": "甲 &lt;b&gt;标签&lt;/b&gt; 乙 if a < b && c > d",
}  # fmt: skip
TITLES = {
    "title-markup": "<b>粗体</b>标题 &amp; <i>斜体</i>",
    "title-text-tags": "如何使用 &lt;b&gt; 与 &lt;/b&gt; 标签",
    "title-entities": "R&D2 与 AT&amp;T 与 &amp;nbsp; 与 &amp;#39;",
    "title-huge": "长标题" * 2000,
    "title-lines": "  第一行\r\n\t第二行\u2028第三行  ",
    "title-zero-width": "\ufeff零\u200b宽\u202e标题",
    "title-emoji": "👩‍👩‍👧 𠮷 🇨🇳 标题",
    "title-mojibake": "cafÃ© de la naÃ¯vetÃ©",
    "title-lost": "标题\ufffd丢字\u0095了",
    "title-cdata": "]]> 标题",
    "title-less-than": "甲 < 乙 > 丙 <3 & 丁",
}
TEXT = "云岭镇派出所把夜间窗口延长到晚上九点，{}窗口民警轮班值守。"


@dataclass(frozen=True, slots=True)
class News:
    """One hostile item; `mark` stands in its text."""

    mark: str
    title: str
    html: str
    extra: str = ""
    date: str | None = None
    guid: str | None = None
    link: str | None = None


def hostile_items() -> list[News]:
    """The items whose document is well-formed XML."""
    bodies = [News(mark, f"正文之害 {mark}", f"<p>{mark}</p>{html}") for mark, html in RAW.items()]
    titles = [News(mark, title, _text(mark)) for mark, title in TITLES.items()]
    return [*bodies, *titles, *_dates(), *_people(), *_files(), *_identities()]


def _text(mark: str) -> str:
    return f"<p>{TEXT.format(mark)}</p>"


def _dates() -> list[News]:
    dates = {
        "future": "Fri, 01 Jan 2100 00:00:00 +0800",
        "epoch": "Thu, 01 Jan 1970 00:00:00 GMT",
        "zone-cst": "Thu, 08 Oct 2026 10:00:00 CST",
        "iso": "2026-10-08 10:00",
        "day-one": "2026-10-07",
        "day-two": "2026-10-07",
        "day-three": "2026-10-07",
        "nonsense": "昨天下午",
        "empty-date": "",
        **{f"same-minute-{n}": "Thu, 08 Oct 2026 10:01:00 +0800" for n in range(8)},
    }
    return [News(mark, f"日期之害 {mark}", _text(mark), date=date) for mark, date in dates.items()]


def _people() -> list[News]:
    people = {
        "name-markup": "<dc:creator>&lt;b&gt;张三&lt;/b&gt; &amp; 李四</dc:creator>",
        "name-mail": "<author>zhang@x.example</author><dc:creator>Zhang &lt;z@x.example&gt;</dc:creator>",
        "name-empty": "<dc:creator> </dc:creator><author></author>",
        "name-odd": "<dc:creator>\u202e张三\ufeff\u0095</dc:creator><category></category><category> &lt;b&gt;类&lt;/b&gt; </category>",
        "rights-markup": "<dc:rights>&lt;b&gt;版权&lt;/b&gt; &amp;copy; 2026</dc:rights>",
        "language-odd": "<dc:language>qq</dc:language>",
        "language-wrong": "<dc:language>chinese simplified</dc:language>",
        "source-odd": '<source url="javascript:alert(1)">&lt;b&gt;某报&lt;/b&gt;</source>',
    }
    return [News(mark, f"人名之害 {mark}", _text(mark), extra) for mark, extra in people.items()]


def _files() -> list[News]:
    files = {
        "enclosure-no-length": '<enclosure url="https://x.example/a.mp3" type="audio/mpeg"/>',
        "enclosure-minus": '<enclosure url="https://x.example/b.mp3" length="-1" type="audio/mpeg"/>',
        "enclosure-odd-type": '<enclosure url="https://x.example/c" length="x" type="not a type"/>',
        "enclosure-two": '<enclosure url="https://x.example/d" length="1" type="a/b"/><enclosure url="https://x.example/e" length="2" type="a/c"/>',
        "enclosure-script": '<enclosure url="javascript:alert(1)" length="1" type="a/b"/>',
        "enclosure-relative": '<enclosure url="f.mp3" length="1" type="audio/mpeg"/>',
        "enclosure-odd": '<enclosure url="https://x.example/a[1] 中.mp3?x=100%" length="0" type="audio/mpeg"/>',
    }
    return [News(mark, f"附件之害 {mark}", _text(mark), extra) for mark, extra in files.items()]


def _identities() -> list[News]:
    return [
        News("empty-title", "", _text("empty-title")),
        News("blank-title", " \u3000 ", _text("blank-title")),
        News("guid-with-markup", "编号之害", _text("guid-with-markup"), guid="<b>&\u0095"),
        News("link-script", "链接之害 甲", _text("link-script"), link="javascript:alert(1)"),
        News("link-odd", "链接之害 乙", _text("link-odd"), link=f"{BASE}/新闻 [1]|.html?a=100%&b=<c>"),
        News("link-upper", "链接之害 丙", _text("link-upper"), link="HTTP://Partner.Example:80/%e4%b8%ad"),
    ]  # fmt: skip


def rss_of(items: list[News]) -> str:
    """These items as one well-formed RSS document."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        "<title>云岭&lt;b&gt;警务&lt;/b&gt;网</title><link>https://partner.example/</link>"
        f"<description>云岭</description>{''.join(_item(n, each) for n, each in enumerate(items))}"
        "</channel></rss>"
    )


def _item(number: int, news: News) -> str:
    at = format_datetime(DAY - timedelta(minutes=number))
    guid = escape(_xml(news.guid if news.guid is not None else f"hostile-{news.mark}"))
    return (
        f"<item><title>{escape(_xml(news.title))}</title>"
        f"<link>{escape(news.link or f'{BASE}/{news.mark}.html')}</link>"
        f'<guid isPermaLink="false">{guid}</guid>'
        f"<pubDate>{at if news.date is None else news.date}</pubDate>"
        f"<description>{escape(_xml(news.html))}</description>{_xml(news.extra)}</item>"
    )


def _xml(text: str) -> str:
    return "".join(char for char in text if char in "\t\n\r" or char >= " ")


def ill_formed() -> Mapping[str, bytes]:
    """Documents that no XML or JSON parser takes whole, or whose charset lies; the marks as keys."""
    head = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>'

    def one(mark: str, title: str, text: str) -> bytes:
        return (
            f"<item><title>{title}</title><link>{BASE}/ill/{mark}.html</link><guid>{BASE}/ill/{mark}</guid>"
            f"<pubDate>Thu, 08 Oct 2026 09:00:00 +0800</pubDate><description>{mark} {text}</description></item>"
        ).encode("utf-8", "surrogatepass")

    tail = b"</channel></rss>"
    return {
        "ill-control": head + one("ill-control", "控\x01制\x0b符", "正\x1f文" + "句" * 40) + tail,
        "ill-nul": head + one("ill-nul", "空\x00字符", "正\x00文" + "句" * 40) + tail,
        "ill-surrogate": head + one("ill-surrogate", "半\ud800个", "正\udfff文" + "句" * 40) + tail,
        "ill-reference": head + one("ill-reference", "引&#xD800;用&#0;&#x1;", "&#xFFFE;正文" + "句" * 40) + tail,
        "ill-ampersand": head + one("ill-ampersand", "R&D 与 A&nbsp;B", "正文 & 其余 其后" + "句" * 40) + tail,
        "ill-gbk": head + "<item><title>编码标题</title><link>https://partner.example/ill/gbk.html</link><description>ill-gbk 编码与声明不符的正文，应当照样可读。</description></item>".encode("gbk") + tail,
    }  # fmt: skip


def json_feed() -> bytes:
    """A JSON Feed with what only JSON can carry: NUL and halves of pairs as escapes."""
    items = [
        {
            "id": f"json-{mark}",
            "url": f"{BASE}/json/{mark}.html",
            "title": title,
            "content_html": f"<p>{mark}</p>{_text(mark)}",
            "date_published": "2026-10-08T10:01:00+08:00",
            "authors": [{"name": name}],
            "tags": ["<b>类</b>", "", "类\u0000别"],
            "attachments": [{"url": "https://x.example/a b.mp3", "mime_type": "audio/mpeg"}],
        }
        for mark, title, name in (
            ("json-nul", "空\u0000字", "张\u0000三"),
            ("json-surrogate", "半\ud83d个", "李\udc00四"),
            ("json-plain", "平常", "王五 <w@x.example>"),
        )
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "云岭", "items": items}
    return json.dumps(feed).encode()


def atom_feed() -> str:
    """An Atom feed with XHTML and types that do not fit."""
    entries = "".join(
        f"<entry><id>tag:partner.example,2026:{mark}</id><title type={quoteattr(kind)}>{title}</title>"
        f"<updated>2026-10-08T10:02:00+08:00</updated><link href='{BASE}/atom/{mark}.html'/>"
        f"<content type={quoteattr(kind)}>{content}</content></entry>"
        for mark, kind, title, content in (
            ("atom-xhtml", "xhtml", '<div xmlns="http://www.w3.org/1999/xhtml">甲<b>乙</b></div>', f'<div xmlns="http://www.w3.org/1999/xhtml"><p>atom-xhtml {TEXT}</p><script>x()</script></div>'),
            ("atom-html", "html", "&lt;b&gt;甲&lt;/b&gt; &amp;amp; 乙", f"&lt;p&gt;atom-html {TEXT}&lt;/p&gt;"),
            ("atom-text", "text", "&lt;b&gt;甲&lt;/b&gt;", f"atom-text {TEXT} &lt;/p&gt;"),
        )
    )  # fmt: skip
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>tag:partner.example,2026:feed</id><title>云岭</title><updated>2026-10-08T10:02:00+08:00</updated>{entries}</feed>"
    )
