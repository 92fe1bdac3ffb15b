"""The parts of feed parsing alone: names, marks, and our own feeds read back."""

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.domain.feed import FORMATS, Entry, Feed, Site
from feedsvc.domain.item import Dateline, Enclosure, Marker
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.feeds.markers import marked_title, reason_in
from feedsvc.parse.feeds.people import split_people
from feedsvc.render.dispatch import render


@pytest.mark.parametrize(
    ("told", "names"),
    [
        (["desk@p.example (林一)"], ("林一",)),
        (["林一 <desk@p.example>"], ("林一",)),
        (["desk@p.example"], ()),
        (["林一、周二，吴三；郑四"], ("林一", "周二", "吴三", "郑四")),
        (["林一 周二"], ("林一", "周二")),
        (["王　伟 周二"], ("王伟", "周二")),
        (["Jane Q. Smith"], ("Jane Q. Smith",)),
        (["Smith, Jane"], ("Smith, Jane",)),
        (["Jane Smith、林一"], ("Jane Smith", "林一")),
        (["作者：林一", "林一", "佚名", "", "admin"], ("林一",)),
        (["阿里木·买买提"], ("阿里木·买买提",)),
    ],
)
def test_names(told: list[str], names: tuple[str, ...]) -> None:
    assert split_people(told) == names


@pytest.mark.parametrize(
    ("title", "status", "rest"),
    [
        ("【撤稿】标题", "withdrawn", "标题"),
        (" 【撤回】 标题", "withdrawn", "标题"),
        ("撤稿：标题", "withdrawn", "标题"),
        ("【更正】标题", "corrected", "标题"),
        ("更正: 标题", "corrected", "标题"),
        ("更正登记", None, "更正登记"),
        ("撤回：上诉人撤回上诉", None, "撤回：上诉人撤回上诉"),
        ("关于【撤稿】的说明", None, "关于【撤稿】的说明"),
    ],
)
def test_marks_before_titles(title: str, status: str | None, rest: str) -> None:
    assert marked_title(title) == (status, rest)


def test_the_reason_stands_after_its_label_or_is_the_whole_notice() -> None:
    assert reason_in("<p>本文已撤回。</p><p>原因：事实有误</p><p>编辑部</p>") == "事实有误"
    assert reason_in("<p>当事人要求</p>") == "当事人要求"
    assert reason_in("") == ""


AT = datetime(2019, 8, 9, 2, 45, tzinfo=UTC)
SITE = Site(base_url="https://us.example", title="我们的门户", contact="desk@us.example")
LIVE = Entry(
    guid="urn:uuid:1",
    url="https://us.example/a/1",
    title="巡查 & <服务>",
    original_title="原来的题目",
    summary="摘要",
    content_html="<p>正文 &lt;字面&gt;</p>",
    published_at=AT,
    updated_at=AT + timedelta(hours=1),
    status="live",
    reason="",
    revision=1,
    category="gongan",
    category_title="公安",
    attribution="青川晚报",
    origin_url="https://origin.example/1",
    source_title="青川警讯网",
    source_url="https://news.qingchuan.example/rss",
    authors=("林一", "周二"),
    editors=("吴三",),
    credit_line="（记者 林一 周二）",
    dateline=Dateline(place="青川", date="8月8日", agency="青川晚报"),
    rights="版权归青川晚报所有",
    language="zh-CN",
    enclosures=(Enclosure(url="https://origin.example/1.jpg", media_type="image/jpeg", length=5),),
)
GONE = Entry(
    guid="urn:uuid:2",
    url="https://us.example/a/2",
    title="【撤稿】旧题目",
    original_title="",
    summary="本文已撤回，请勿继续转载。原因：事实有误",
    content_html="<p>原因：事实有误</p>",
    published_at=AT - timedelta(hours=1),
    updated_at=AT + timedelta(hours=2),
    status="withdrawn",
    reason="事实有误",
    revision=2,
    category="gongan",
    category_title="公安",
    attribution="青川晚报",
    origin_url=None,
    source_title="青川警讯网",
    source_url="https://news.qingchuan.example/rss",
)
FEED = Feed(
    slug="gongan",
    guid="urn:uuid:f",
    title="公安",
    description="公安要闻",
    page_url="https://us.example/feeds/gongan",
    updated_at=AT + timedelta(hours=2),
    cursor=3,
    entries=(LIVE, GONE),
)


@pytest.mark.parametrize("form", FORMATS)
def test_our_own_feeds_keep_provenance_and_withdrawals_over_the_next_hop(form: str) -> None:
    document = next(render(FEED, each, SITE) for each in FORMATS if each == form)
    job = ParseJob(
        kind="feed", body=document, url=f"https://us.example/feeds/gongan.{form}", seen_at=AT
    )
    live, gone = parse_feed(job).items
    assert live.repairs == gone.repairs == ()
    assert (live.guid, live.link, live.title) == (LIVE.guid, LIVE.url, LIVE.title)
    assert (live.published_at, live.updated_at) == (LIVE.published_at, LIVE.updated_at)
    assert (live.authors, live.editors) == (LIVE.authors, LIVE.editors)
    assert (live.attribution, live.origin_url) == (LIVE.attribution, LIVE.origin_url)
    assert (live.rights, live.enclosures) == (LIVE.rights, LIVE.enclosures)
    assert live.content_html == LIVE.content_html
    assert live.original_title == LIVE.original_title
    assert (live.credit_line, live.dateline) == (LIVE.credit_line, LIVE.dateline)
    assert gone.title == "旧题目"
    assert gone.marker == Marker(status="withdrawn", reason="事实有误", at=GONE.updated_at)
