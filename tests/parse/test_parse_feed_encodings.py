"""Twenty kinds of Chinese feeds, through the whole way from bytes to items."""

import codecs

import pytest

from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.feed import parse_feed
from tests.parse.test_parse_feed_corpus import SEEN

PLAIN = "青川县公安局开展夏季治安巡查"
GBK_ONLY = "朱镕陶喆巡查青川"
FOUR = "𠀀字头的巡查员"
BIG = "青川縣警察局開展夏季巡查"


def feed(title: str, label: str | None = "utf-8", *, declaration: bool = True) -> str:
    head = "<?xml version='1.0'" + (f" encoding='{label}'" if label else "") + "?>"
    return (head if declaration else "") + (
        f"<rss version='2.0'><channel><title>{PLAIN if title != BIG else BIG}</title><item><title>{title}</title>"
        f"<link>http://p.example/1</link><guid>1</guid><description>{title}</description></item></channel></rss>"
    )


CASES: dict[str, tuple[bytes, str | None, str, str]] = {
    "utf-8": (feed(PLAIN).encode(), None, PLAIN, "utf-8"),
    "utf-8 with BOM": (codecs.BOM_UTF8 + feed(PLAIN).encode(), None, PLAIN, "utf-8"),
    "utf-8 undeclared": (feed(PLAIN, None).encode(), None, PLAIN, "utf-8"),
    "utf-16 with BOM": (feed(PLAIN, "utf-16").encode("utf-16"), None, PLAIN, "utf-16-le"),
    "utf-16be with BOM": (codecs.BOM_UTF16_BE + feed(PLAIN, "utf-16").encode("utf-16-be"), None, PLAIN, "utf-16-be"),
    "gb2312": (feed(PLAIN, "gb2312").encode("gb2312"), None, PLAIN, "gb18030"),
    "gbk": (feed(PLAIN, "gbk").encode("gbk"), None, PLAIN, "gb18030"),
    "gb18030": (feed(FOUR, "gb18030").encode("gb18030"), None, FOUR, "gb18030"),
    "big5": (feed(BIG, "big5").encode("big5"), None, BIG, "big5hkscs"),
    "gb2312 label, GBK characters": (feed(GBK_ONLY, "gb2312").encode("gbk"), None, GBK_ONLY, "gb18030"),
    "gbk label, four-byte characters": (feed(FOUR, "gbk").encode("gb18030"), None, FOUR, "gb18030"),
    "GBK undeclared": (feed(PLAIN, None).encode("gbk"), None, PLAIN, "gb18030"),
    "GBK without declaration": (feed(PLAIN, None, declaration=False).encode("gbk"), None, PLAIN, "gb18030"),
    "GBK only in the header": (feed(PLAIN, None).encode("gbk"), "application/xml; charset=gbk", PLAIN, "gb18030"),
    "labelled utf-8, bytes GBK": (feed(PLAIN, "utf-8").encode("gbk"), None, PLAIN, "gb18030"),
    "labelled gb2312, bytes UTF-8": (feed(PLAIN, "gb2312").encode(), None, PLAIN, "utf-8"),
    "header utf-8, bytes GBK": (feed(PLAIN, "gbk").encode("gbk"), "text/xml; charset=utf-8", PLAIN, "gb18030"),
    "one broken pair in GBK": (feed(PLAIN * 2, "gbk").encode("gbk").replace("县".encode("gbk"), b"\xff", 1), None,
                               PLAIN * 2, "gb18030"),
    "bare ampersand": (feed("巡查 & 服务").encode(), None, "巡查 & 服务", "utf-8"),
    "undeclared nbsp": (feed("巡查&nbsp;服务").encode(), None, "巡查 服务", "utf-8"),
    "control character": (feed("巡\x0b查").encode(), None, "巡查", "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_encoding_gives_the_right_item(case: str) -> None:
    body, content_type, title, charset = CASES[case]
    job = ParseJob(
        kind="feed", body=body, url="http://p.example/f", seen_at=SEEN, content_type=content_type
    )
    parsed = parse_feed(job)
    assert parsed.charset == charset
    assert [item.title for item in parsed.items] == [title]
    assert parsed.items[0].summary_html == f"<p>{title.replace('&', '&amp;')}</p>"
    assert parsed.items[0].link == "http://p.example/1"


def test_the_operators_charset_decides_undeclared_big5() -> None:
    body = feed(BIG, None).encode("big5")
    job = ParseJob(kind="feed", body=body, url="http://p.example/f", seen_at=SEEN, charset="big5")
    assert parse_feed(job).items[0].title == BIG
