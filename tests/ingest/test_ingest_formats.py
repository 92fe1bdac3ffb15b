"""Encodings, dates and formats through the whole way: a partner's bytes, a poll, the stored article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedsvc.domain.article import Article
from feedsvc.domain.run import Run
from feedsvc.store import articles
from tests.ingest.stage import Stage, staged
from tests.parse.test_parse_feed_encodings import CASES as ENCODINGS

CHINA = ZoneInfo("Asia/Shanghai")
PRINTED: dict[str, str | None] = {
    "2019-08-09 10:45": "2019-08-09T10:45+08:00",
    "2019年08月09日 10:45": "2019-08-09T10:45+08:00",
    "2019年8月9日": "2019-08-09T12:00+08:00",
    "2019/08/09 10:45": "2019-08-09T10:45+08:00",
    "2019.08.09": "2019-08-09T12:00+08:00",
    "20190809104500": "2019-08-09T10:45+08:00",
    "2020/1/10 14:33:00": "2020-01-10T14:33+08:00",
    "Fri, 09 Aug 2019 10:45:00 CST": "2019-08-09T10:45+08:00",
    "Fri Aug 09 10:45:00 CST 2019": "2019-08-09T10:45+08:00",
    "Fri, 09 Aug 2019 02:45:00 GMT": "2019-08-09T02:45+00:00",
    "2019-08-09T10:45:00+08:00": "2019-08-09T10:45+08:00",
    "2019-08-09 上午10:45": "2019-08-09T10:45+08:00",
    "2019-08-09 下午3:05": "2019-08-09T15:05+08:00",
    "1565318700": "2019-08-09T02:45+00:00",
    "发布时间:2019-08-09 10:45": "2019-08-09T10:45+08:00",
    "２０１９－０８－０９　１０：４５": "2019-08-09T10:45+08:00",
    "二〇一九年八月九日": "2019-08-09T12:00+08:00",
    "08-09 10:45": None,
    "3小时前": None,
    "昨天 10:45": None,
}


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    url = request.getfixturevalue(request.param)
    with staged(tmp_path / "home", database_url=url) as stage:
        yield stage


def polled(stage: Stage, slug: str, path: str, body: bytes, content_type: str) -> Run:
    stage.partner.publish(path, body, ("Content-Type", content_type))
    stage.add(slug, path)
    return stage.services.poller.poll_now(slug)


def stored(stage: Stage, slug: str) -> list[Article]:
    with stage.services.db.read() as session:
        return articles.find(session, source=slug, limit=500)


def test_every_encoding_arrives_whole(stage: Stage) -> None:
    wanted, found = {}, {}
    for number, (case, (body, content_type, title, _)) in enumerate(ENCODINGS.items()):
        slug = f"encoding-{number}"
        # One article for each case: the same address would be the same article.
        unique = body.replace(b"p.example", b"p%02d.example" % number)
        unique = unique.replace(
            "p.example".encode("utf-16-le"), f"p{number:02}.example".encode("utf-16-le")
        )
        unique = unique.replace(
            "p.example".encode("utf-16-be"), f"p{number:02}.example".encode("utf-16-be")
        )
        run = polled(stage, slug, f"/{number}.xml", unique, content_type or "application/xml")
        assert run.error is None, (case, run.error)
        words = title.replace("&", "&amp;")
        wanted[case] = [(title, f"<p>{words}</p>", f"http://p{number:02}.example/1")]
        found[case] = [
            (article.content.title, article.content.body_html, article.link)
            for article in stored(stage, slug)
        ]
    assert found == wanted
    assert len(found) >= 20


def test_every_printed_date_is_stored_as_the_instant_that_was_meant(stage: Stage) -> None:
    items = "".join(
        f"<item><title>第{number}条</title><guid isPermaLink='false'>{number}</guid>"
        f"<pubDate>{printed}</pubDate><description>正文{number}</description></item>"
        for number, printed in enumerate(PRINTED)
    )
    feed = f"<rss version='2.0'><channel><title>青川</title>{items}</channel></rss>"
    run = polled(stage, "dates", "/dates.xml", feed.encode(), "application/xml")
    found = {
        list(PRINTED)[int(article.content.title[1:-1])]: article.published_at.astimezone(UTC)
        for article in stored(stage, "dates")
    }
    assert found == {
        printed: (
            datetime.fromisoformat(told) if told else meant(printed, run.started_at)
        ).astimezone(UTC)
        for printed, told in PRINTED.items()
    }
    assert len(found) == 20


def meant(printed: str, seen_at: datetime) -> datetime:
    """What a relative date means at the time of the fetch."""
    here = seen_at.astimezone(CHINA)
    clock = time(10, 45, tzinfo=CHINA)
    if printed == "3小时前":
        return here - timedelta(hours=3)
    if printed == "昨天 10:45":
        return datetime.combine(here - timedelta(days=1), clock)
    this_year = datetime.combine(here.replace(month=8, day=9), clock)
    return (
        this_year
        if this_year <= here + timedelta(days=1)
        else this_year.replace(year=here.year - 1)
    )


def test_agencies_lines_come_in_and_are_cancelled(stage: Stage) -> None:
    item = {
        "uri": "urn:newsml:qingchuan.example:20190809:1",
        "version": "1",
        "pubstatus": "usable",
        "versioncreated": "2019-08-09T10:45:00+08:00",
        "headline": "青川县公安局开展夏季夜间巡查",
        "body_html": "<p>8月8日夜，青川县公安局出动警力三百人次。</p>",
        "byline": "林一",
        "copyrightholder": "青川通讯社",
    }
    other = {
        **item,
        "uri": "urn:newsml:qingchuan.example:20190809:2",
        "headline": "另一条",
        "body_html": "<p>另一篇正文。</p>",
    }
    lines = "\n".join(json.dumps(each, ensure_ascii=False) for each in (item, other))
    run = polled(stage, "agency", "/news.jsonl", lines.encode(), "application/x-ndjson")
    assert (run.status, run.new) == ("ok", 2)
    ids = [article.id for article in stored(stage, "agency")]
    cancelled = {
        **item,
        "version": "2",
        "pubstatus": "canceled",
        "ednote": "事实有误",
        "versioncreated": "2019-08-09T12:00:00+08:00",
    }
    for status, source in (("canceled", item), ("withheld", other)):
        gone = {**cancelled, "uri": source["uri"], "pubstatus": status}
        stage.partner.publish(
            "/news.jsonl",
            json.dumps(gone, ensure_ascii=False),
            ("Content-Type", "application/json"),
        )
        assert stage.services.poller.poll_now("agency").withdrawn == 1
    with stage.services.db.read() as session:
        gone_ones = [articles.get(session, each) for each in ids]
    assert [(each.status, each.reason) for each in gone_ones] == [("withdrawn", "事实有误")] * 2


def test_open_news_in_gbk_comes_in_with_its_source(stage: Stage) -> None:
    document = (
        '<?xml version="1.0" encoding="GB2312"?><document><webSite>www.qingchuan.example</webSite>'
        "<webMaster>desk@qingchuan.example</webMaster><updatePeri>15</updatePeri><item>"
        "<link>http://www.qingchuan.example/1.html</link><title>朱镕镇夜间巡查</title>"
        "<text>　　8月8日夜，青川县公安局出动警力。\n　　群众表示安心。</text>"
        "<image>http://www.qingchuan.example/1.jpg</image><keywords>公安 巡查</keywords>"
        "<author>林一</author><source>青川晚报</source><pubDate>2019-08-09 10:45:00</pubDate>"
        "<category>要闻</category></item></document>"
    ).encode("gbk")
    run = polled(stage, "portal", "/news.xml", document, "text/xml")
    assert (run.status, run.new) == ("ok", 1)
    [article] = stored(stage, "portal")
    assert article.content.title == "朱镕镇夜间巡查"
    assert (
        article.content.body_html == "<p>8月8日夜，青川县公安局出动警力。</p><p>群众表示安心。</p>"
    )
    assert (article.content.attribution, article.content.authors) == ("青川晚报", ("林一",))
    assert article.published_at == datetime(2019, 8, 9, 2, 45, tzinfo=UTC)


def test_relative_addresses_start_from_the_content_location(stage: Stage) -> None:
    feed = (
        "<rss version='2.0'><channel><title>青川</title><item><title>一</title><link>n/1.html</link>"
        "<description>&lt;p&gt;正文&lt;img src='1.jpg' alt='图'&gt;&lt;/p&gt;</description></item></channel></rss>"
    )
    stage.partner.publish(
        "/feed", feed, ("Content-Type", "application/xml"), ("Content-Location", "/2019/feed.xml")
    )
    stage.add("relative", "/feed")
    assert stage.services.poller.poll_now("relative").new == 1
    [article] = stored(stage, "relative")
    assert article.link == f"{stage.partner.url}/2019/n/1.html"
    assert f'src="{stage.partner.url}/2019/1.jpg"' in article.content.body_html
