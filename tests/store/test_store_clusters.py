"""Near-equal articles of several sources: one entry in the feeds, all of them kept; merged and split by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from feedsvc.curate.clusters import Grouper
from feedsvc.curate.desk import Correction, Desk
from feedsvc.domain.article import Article, Content, Draft, Keys
from feedsvc.domain.decision import Decision, New
from feedsvc.domain.feed import Selection
from feedsvc.errors import Conflict, NotFound, UsageError
from feedsvc.ingest.grouping import grouped
from feedsvc.store import articles, clusters, feeds, fingerprints, kin, removing, sources
from feedsvc.store.engine import Database
from feedsvc.store.feeds import Window
from tests.store.samples import DAY, HOUR, NOW, add_catalogue, poll

FERRY = (
    "<p>停航三天的云栖渡口昨天上午恢复通航，首班渡轮载着六十多名乘客驶向对岸。</p>"
    "<p>渡口负责人说，这次检修更换了两台主机，码头的防滑板也全部换新，老人孩子上下船更稳当了。</p>"
    "<p>对岸的菜农老曹一早挑着两筐青菜过江，他说前几天绕行大桥要多走十八公里，菜到市场已经不新鲜。</p>"
    "<p>镇里还调整了班次，早晚高峰每十五分钟一班，夜间末班延长到晚上九点半，方便下班的人回家。</p>"
)
MARKET = (
    "<p>柳河县城的旧货市场搬进了新棚子，一百二十个摊位按旧书、家具、钟表、农具分了四个区。</p>"
    "<p>修了三十年钟表的邱师傅分到靠门的位置，他把一面墙挂满了座钟，整点时此起彼伏地响成一片。</p>"
    "<p>管理方每月请人来讲一次怎样看旧物的年份，不收钱，上个月来听的人把过道都站满了。</p>"
    "<p>市场逢单日开门，停车场设在河堤东侧，公交七路可以直达，周末加开两班。</p>"
)
CUT = FERRY[: FERRY.index("对岸的菜农")] + "</p>"


def draft(name: str, body: str, *, title: str = "云栖渡口恢复通航", hours: float = 0) -> Draft:
    return Draft(
        keys=Keys(guid=name),
        content=Content(title=title, body_html=body),
        published_at=NOW + hours * HOUR,
        published_precision="minute",
        updated_at=NOW + hours * HOUR,
        source_hash=f"hash of {name}",
    )


def take_in(
    db: Database, slug: str, drafts: Sequence[Draft], *, held: bool = False, now: datetime = NOW
) -> list[int]:
    """Store drafts as one poll of `slug` does; returns their numbers."""
    new: list[Decision] = [New(draft=one, status="held" if held else "live") for one in drafts]
    with db.write() as session:
        from_source = sources.get(session, slug)
        look_up = partial(fingerprints.neighbourhood, session, from_source.id)
        decided = grouped(new, from_source, look_up)
    poll(db, slug, decided, now=now)
    with db.read() as session:
        known = articles.known(session, from_source.id, [one.keys for one in drafts])
    return [each.article.id for each in known if each is not None]


def shown(db: Database) -> list[int]:
    with db.read() as session:
        snapshot = feeds.snapshot(session, "all", Window())
        latest = articles.latest(session, selection=Selection(category="zhen"), limit=50)
    live = [each.id for each in snapshot.articles if each.status != "withdrawn"]
    assert live == [each.id for each in latest]
    return sorted(each.id for each in snapshot.articles)


def members(db: Database, number: int) -> list[int]:
    with db.read() as session:
        return [each.article for each in kin.read(session, number).cluster.members]


def get(db: Database, number: int) -> Article:
    with db.read() as session:
        return articles.get(session, number)


@pytest.fixture
def town(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, ["paper", "radio", "gazette"])
    return db


@pytest.fixture
def grouper(town: Database) -> Grouper:
    return Grouper(town, lambda _: None, lambda: NOW + 9 * HOUR)


@pytest.fixture
def desk(town: Database) -> Desk:
    return Desk(town, lambda _: None, lambda: NOW + 9 * HOUR)


def test_a_repost_is_kept_and_feeds_show_the_one_that_readers_have(town: Database) -> None:
    [first] = take_in(town, "paper", [draft("a", FERRY)])
    [second] = take_in(town, "radio", [draft("b", CUT, title="渡口通航", hours=-2)])
    [third] = take_in(town, "gazette", [draft("c", f"<p>本报转载</p>{FERRY}", hours=1)])
    assert shown(town) == [first]
    assert members(town, first) == members(town, third) == [first, second, third]
    assert get(town, second).status == "live"
    with town.read() as session:
        scores = {each.article: each.score for each in kin.read(session, second).alike}
    assert scores[first] == 1.0


def test_other_news_stand_alone(town: Database) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", MARKET, title="旧货市场搬家")])
    assert shown(town) == [one, other]
    assert members(town, one) == [one]


def test_a_source_does_not_repeat_itself(town: Database) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [repost] = take_in(town, "radio", [draft("b", FERRY, title="转：渡口")])
    [longer] = take_in(town, "paper", [draft("c", FERRY + MARKET, title="渡口和市场")])
    assert shown(town) == [one, longer]
    assert members(town, repost) == [one, repost]
    with town.read() as session:
        assert kin.read(session, longer).alike


def test_the_same_words_a_month_later_are_news_again(town: Database) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [again] = take_in(town, "radio", [draft("b", FERRY, title="渡口又通航", hours=31 * 24)])
    assert shown(town) == [one, again]


def test_short_texts_go_by_title_and_day(town: Database) -> None:
    title = "云栖镇明日起供暖价格不变"
    [one] = take_in(town, "paper", [draft("a", "<p>价格不变。</p>", title=title)])
    [same] = take_in(town, "radio", [draft("b", "", title=f"{title}！", hours=1)])
    [later] = take_in(town, "gazette", [draft("c", "", title=title, hours=24)])
    assert members(town, one) == [one, same]
    assert shown(town) == [one, later]


def test_one_title_over_two_long_texts_says_nothing(town: Database) -> None:
    take_in(town, "paper", [draft("a", FERRY, title="一周城乡见闻录")])
    take_in(town, "radio", [draft("b", MARKET, title="一周城乡见闻录")])
    assert len(shown(town)) == 2


def test_held_articles_give_way_to_what_can_be_read(town: Database, desk: Desk) -> None:
    [held] = take_in(town, "paper", [draft("a", FERRY)], held=True)
    [live] = take_in(town, "radio", [draft("b", FERRY, title="渡口")])
    assert shown(town) == [live]
    desk.release(held, actor="editor:li")
    assert shown(town) == [live]


def test_of_two_held_ones_the_released_one_is_shown(town: Database, desk: Desk) -> None:
    [first] = take_in(town, "paper", [draft("a", FERRY)], held=True)
    [second] = take_in(town, "radio", [draft("b", FERRY, title="渡口")], held=True)
    receipt = desk.release(second, actor="editor:li")
    assert shown(town) == [second]
    assert receipt.feeds == ("all", "zhen")
    assert desk.release(first, actor="editor:li").feeds == ()
    assert shown(town) == [second]


def test_the_named_outlet_is_preferred_while_nobody_has_an_entry(town: Database) -> None:
    repost = draft("a", FERRY, hours=-1)
    repost = replace(repost, content=replace(repost.content, attribution="radio 报"))
    [held] = take_in(town, "paper", [repost], held=True)
    [own] = take_in(town, "radio", [draft("b", FERRY, title="渡口")], held=True)
    with town.read() as session:
        cluster = kin.read(session, held).cluster
    assert [each.article for each in cluster.members if each.shown] == [own]


def test_a_withdrawn_entry_leaves_the_others_for_an_editor(
    town: Database, desk: Desk, grouper: Grouper
) -> None:
    [entry] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", FERRY, title="渡口")])
    with town.read() as session:
        assert clusters.bereft(session) == []
    desk.withdraw(entry, reason="内容失实", actor="editor:li")
    assert shown(town) == [entry]
    assert get(town, other).status == "live"
    with town.read() as session:
        [waiting] = clusters.bereft(session)
    assert [each.article for each in waiting.members] == [entry, other]
    grouper.split(other, reason="另有采访", actor="editor:li")
    assert shown(town) == [entry, other]
    with town.read() as session:
        assert clusters.bereft(session) == []


def test_withdrawing_a_member_that_was_never_an_entry_leaves_no_notice(
    town: Database, desk: Desk
) -> None:
    [entry] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", FERRY, title="渡口")])
    assert desk.withdraw(other, reason="x", actor="editor:li").feeds == ()
    assert shown(town) == [entry]


def test_merging_by_hand_sticks_and_tells_the_feeds(
    town: Database, desk: Desk, grouper: Grouper
) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", MARKET, title="旧货市场搬家")])
    made = grouper.merge([one, other], reason="同一件事", actor="editor:li", canonical=other)
    assert made.feeds == ("all", "zhen")
    assert shown(town) == [other]
    # A later poll that says more, and a repost of either, change nothing about it.
    [repost] = take_in(town, "gazette", [draft("c", FERRY, title="渡口", hours=1)])
    assert members(town, one) == [one, other, repost]
    assert shown(town) == [other]
    # Readers had it as an entry, so its withdrawal is told although feeds passed it over.
    assert desk.withdraw(one, reason="x", actor="editor:li").feeds == (
        "all",
        "corrections",
        "zhen",
    )
    assert shown(town) == [one, other]
    with town.read() as session:
        history = kin.read(session, one).history
    assert [(each.article, each.act, each.reason) for each in history[:2]] == [
        (one, "merged", "同一件事"),
        (other, "merged", "同一件事"),
    ]


def test_splitting_by_hand_sticks(town: Database, grouper: Grouper) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", FERRY, title="渡口")])
    made = grouper.split(other, reason="独立采访", actor="editor:li")
    assert made.feeds == ("all", "zhen")
    assert shown(town) == [one, other]
    assert members(town, other) == [other]


def test_splitting_the_entry_off_brings_up_another(town: Database, grouper: Grouper) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", FERRY, title="渡口")])
    [third] = take_in(town, "gazette", [draft("c", FERRY, title="渡口通航", hours=2)])
    grouper.split(one, reason="x", actor="editor:li")
    assert shown(town) == [one, other]
    assert members(town, third) == [other, third]


def test_what_cannot_be_merged_or_split(town: Database, grouper: Grouper) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    with pytest.raises(UsageError):
        grouper.merge([one, one], reason="x", actor="editor:li")
    with pytest.raises(UsageError):
        grouper.merge([one, one], reason=" ", actor="editor:li")
    with pytest.raises(NotFound):
        grouper.merge([one, 999], reason="x", actor="editor:li")
    with pytest.raises(Conflict):
        grouper.split(one, reason="x", actor="editor:li")


def test_boilerplate_of_one_source_makes_no_cluster(town: Database) -> None:
    """A site's navigation in every text: after a while it counts for nothing, and is no longer stored."""
    furniture = MARKET
    texts = [
        f"<p>第{n}号公告：{chr(0x4E00 + 97 * n) * 3}处道路封闭。</p>{furniture}" for n in range(30)
    ]
    numbers = [
        take_in(town, "paper", [draft(f"a{n}", text, title=f"第{n}号公告")])[0]
        for n, text in enumerate(texts)
    ]
    [other] = take_in(
        town, "radio", [draft("b", f"{furniture}<p>另一则消息。</p>", title="另一则")]
    )
    assert members(town, other) == [other]
    assert members(town, numbers[-1]) == [numbers[-1]]


def test_changed_words_are_found_by_their_new_print(town: Database, desk: Desk) -> None:
    [one] = take_in(town, "paper", [draft("a", MARKET, title="旧货市场")])
    desk.correct(one, Correction(title="渡口", body=FERRY), reason="x", actor="editor:li")
    [repost] = take_in(town, "radio", [draft("b", FERRY)])
    [strange] = take_in(town, "gazette", [draft("c", MARKET, title="市场")])
    assert members(town, repost) == [one, repost]
    assert members(town, strange) == [strange]


def test_removing_a_source_shows_what_its_entry_stood_for(town: Database) -> None:
    [one] = take_in(town, "paper", [draft("a", FERRY)])
    [other] = take_in(town, "radio", [draft("b", FERRY, title="渡口")])
    assert one < other
    with town.write() as session:
        removing.remove_source(session, "paper", NOW + DAY)
    assert shown(town) == [other]


def test_many_drafts_take_no_more_statements_than_few(sqlite_db: Database) -> None:
    with sqlite_db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    take_in(sqlite_db, "radio", [draft("r", FERRY)])
    executed: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        executed.append(statement)

    counts: list[int] = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        for bodies in ([FERRY], [CUT, *(f"{MARKET}<p>{n}</p>" for n in range(20))]):
            new = [
                draft(f"{len(counts)}{n}", body, title=f"见闻之{n}号一览")
                for n, body in enumerate(bodies)
            ]
            executed.clear()
            take_in(sqlite_db, "paper", new)
            counts.append(len(executed))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    # What a poll finds may take some statements more, as for labels that are new; twenty drafts
    # take none each.
    assert counts[1] <= counts[0] + 10
