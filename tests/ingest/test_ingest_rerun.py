"""Changed rules on kept answers: nothing fetched, everything told first, and stored only when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedsvc.curate.desk import Correction
from feedsvc.domain.article import Article
from feedsvc.errors import StoreBusy
from feedsvc.ingest.rerun import Rerun, Tools, rerun, store
from feedsvc.store import articles, claims
from feedsvc.store.batches import Terms
from tests.ingest.stage import HTML, RULES, Stage, page_of, publish_list, staged
from tests.partner import Story, rss

PAGE = {"title": "h1", "body": ".content"}
BETTER = {**PAGE, "title": "h2", "remove": ".tip"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "home") as stage:
        yield stage


def with_pages(stage: Stage, count: int = 5) -> None:
    """A list source of which every article is stored and kept."""
    publish_list(stage.partner, *range(1, count + 1))
    stage.add("list", "/list.html", kind="list", rules={**RULES, "page": PAGE})
    assert stage.services.poller.poll_now("list").new == count
    stage.partner.pages.clear()


def tools(stage: Stage) -> Tools:
    services = stage.services
    return Tools(
        db=services.db, archive=services.archive, parsers=services.parsers, clock=services.clock
    )


def tried(stage: Stage, slug: str, **changed: Any) -> Rerun:
    source = stage.source(slug)
    return rerun(source, replace(source, **changed), tools(stage))


def applied(stage: Stage, slug: str, **changed: Any) -> Rerun:
    source = replace(stage.source(slug), **changed)
    found = tried(stage, slug, **changed)
    terms = Terms(now=stage.services.clock(), actor="rules:文静")
    store(source, found, terms, "标题改取副题", tools(stage))
    return found


def by_link(stage: Stage) -> dict[str, Article]:
    return {article.link or "": article for article in stage.articles()}


def test_differences_are_told_by_field_and_nothing_is_fetched_or_stored(stage: Stage) -> None:
    with_pages(stage)
    before, asked = by_link(stage), sum(stage.partner.requests.values())
    found = tried(stage, "list", rules={**RULES, "page": BETTER})
    assert sum(stage.partner.requests.values()) == asked
    assert by_link(stage) == before
    assert found.stored == found.difference.compared == found.difference.changed == 5
    fields = found.difference.fields
    assert fields["title"].changed == fields["body_html"].changed == 5
    assert "窗口亮到九点" in fields["title"].samples[0].after
    assert "下载客户端" in fields["body_html"].samples[0].before
    assert found.rejections == ()


def test_the_same_rules_change_nothing(stage: Stage) -> None:
    with_pages(stage)
    found = tried(stage, "list")
    assert (found.difference.compared, found.difference.unchanged) == (5, 5)
    assert found.difference.fields == {}


def test_what_is_stored_are_revisions_with_a_reason(stage: Stage) -> None:
    with_pages(stage)
    before = by_link(stage)
    applied(stage, "list", rules={**RULES, "page": BETTER})
    for link, article in by_link(stage).items():
        old = before[link]
        assert "窗口亮到九点" in article.content.title
        assert "下载客户端" not in article.content.body_html
        assert (article.guid, article.published_at) == (old.guid, old.published_at)
        assert article.updated_at > old.updated_at
        with stage.services.db.read() as session:
            last = articles.revisions(session, article.id)[-1]
        assert (last.number, last.actor, last.reason) == (2, "rules:文静", "标题改取副题")
    again = applied(stage, "list", rules={**RULES, "page": BETTER})
    assert again.difference.unchanged == 5
    assert {article.revision for article in stage.articles()} == {2}


def test_an_editors_words_and_withdrawals_stay(stage: Stage) -> None:
    with_pages(stage, 3)
    one, two, three = sorted(stage.articles(), key=lambda each: each.link or "")
    desk = stage.services.desk
    desk.correct(one.id, Correction(title="编辑定的标题"), reason="有误", actor="editor:文静")
    desk.withdraw(two.id, reason="失实", actor="editor:文静")
    found = applied(stage, "list", rules={**RULES, "page": BETTER})
    assert (found.difference.changed, found.difference.shielded) == (2, 2)
    after = {article.id: article for article in stage.articles()}
    assert after[one.id].content.title == "编辑定的标题"
    assert "下载客户端" not in after[one.id].content.body_html
    assert (after[one.id].status, after[one.id].reason) == ("corrected", "有误")
    assert after[two.id].status == "withdrawn"
    assert after[two.id].revision == 2
    assert "窗口亮到九点" in after[three.id].content.title


def test_an_article_that_old_rules_could_not_read_is_found(stage: Stage) -> None:
    publish_list(stage.partner, 1, 2)
    page = page_of(2).replace("class='content'", "class='article'").replace("h1", "h3")
    stage.partner.publish("/n/2.html", page.encode("gbk"), HTML)
    stage.add("list", "/list.html", kind="list", rules={**RULES, "page": PAGE})
    run = stage.services.poller.poll_now("list")
    assert run.new == 1
    found = applied(stage, "list", rules={**RULES, "page": {"body": ".content, .article"}})
    assert found.difference.new == 1
    assert len(stage.articles()) == 2


def test_rows_that_other_rules_lose_or_gain_are_named(stage: Stage) -> None:
    with_pages(stage, 3)
    fewer = {"list": {"items": "ul.news > li:first-child", "link": "a"}, "page": PAGE}
    found = tried(stage, "list", rules=fewer)
    assert found.rows_before is not None
    assert found.rows is not None
    assert (len(found.rows_before.links), len(found.rows.links)) == (3, 1)
    none = tried(stage, "list", rules={"list": {"items": "ol.gone > li"}, "page": PAGE})
    assert none.rows is not None
    assert "list.items" in none.rows.error
    # Articles are found without their rows, too.
    assert none.difference.compared == 3


def test_what_is_not_kept_is_not_touched(stage: Stage) -> None:
    with_pages(stage, 3)
    for kept in stage.kept("list"):
        if kept.asked_url.endswith("/2.html"):
            next(path for path in stage.files() if path.stem == kept.body_hash).unlink()
    found = applied(stage, "list", rules={**RULES, "page": BETTER})
    assert (found.stored, found.difference.compared) == (3, 2)
    assert [each.subject.rpartition("/")[2] for each in found.rejections] == ["2.html"]
    assert sorted(article.revision for article in stage.articles()) == [1, 2, 2]


def test_of_a_feed_the_newest_words_count(stage: Stage) -> None:
    for day in range(1, 4):
        stories = [Story(1, text=f"渡口第{day}次改口。" * 9), *map(Story, range(day, day + 3))]
        stage.partner.publish("/rss.xml", rss(list({s.number: s for s in stories}.values())))
        if day == 1:
            stage.add("rss", "/rss.xml")
        stage.services.poller.poll_now("rss")
    found = applied(stage, "rss")
    assert found.stored == found.difference.compared == found.difference.unchanged == 5
    zoned = tried(stage, "rss", timezone="UTC")
    assert zoned.difference.published == 0  # these dates have their own offset
    assert zoned.rows is None


def test_documents_older_than_one_that_is_lost_are_not_believed(stage: Stage) -> None:
    for day in (1, 2):
        stage.partner.publish("/rss.xml", rss([Story(1, text=f"渡口第{day}次改口。" * 9)]))
        if day == 1:
            stage.add("rss", "/rss.xml")
        stage.services.poller.poll_now("rss")
    newest = stage.kept("rss")[0]
    next(path for path in stage.files() if path.stem == newest.body_hash).unlink()
    assert applied(stage, "rss").difference.compared == 0
    [article] = stage.articles()
    assert "第2次" in article.content.body_html


def test_a_poll_under_way_is_not_overtaken(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with_pages(stage, 2)
    monkeypatch.setattr("feedsvc.ingest.patience.LONGEST_WAIT", 0.1)
    source, now = stage.source("list"), stage.services.clock()
    found = tried(stage, "list", rules={**RULES, "page": BETTER})
    with stage.services.db.write() as session:
        assert claims.claim_one(session, "list", now, seconds=60) is not None
    with pytest.raises(StoreBusy, match="polled"):
        store(source, found, Terms(now=now), "", tools(stage))
    # Its lease has run out: the poll that fell silent is outdated.
    late = replace(tools(stage), clock=lambda: now + timedelta(minutes=5))
    store(source, found, Terms(now=now), "", late)
    assert {article.revision for article in stage.articles()} == {2}
