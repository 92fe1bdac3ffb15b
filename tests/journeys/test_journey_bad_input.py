"""What bad input gets: a run with a typed error or a repaired item, and the others go on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.feed import Category
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import articles, feeds, schema, sources
from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.running import service_in

GOOD = rss([Story(1)])


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        site.publish("/good.xml", GOOD)
        yield site


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build_services(load_settings(service_in(tmp_path / "home").environment))
    schema.upgrade(services.db)
    with services.db.write() as session:
        feeds.ensure_builtin(session, services.clock())
    add_category(services.db, Category(slug="gongan", title="公安要闻"), services.clock())
    yield services
    services.close()


def poll(services: Services, slug: str, url: str) -> Run:
    source = Source(slug=slug, url=url, category="gongan", every_seconds=60)
    add_source(services.db, source, services.clock())
    return services.poller.poll_now(slug)


def titles(services: Services) -> list[str]:
    with services.db.read() as session:
        return sorted(each.content.title for each in articles.find(session, limit=100))


PAGE = "<!doctype html><html><head><title>云岭警务网</title></head><body><p>首页</p></body></html>"
EMPTY = '<?xml version="1.0"?><rss version="2.0"><channel><title>空</title><link>https://p.example/</link><description>空</description></channel></rss>'
CHALLENGE = b"<html><script>document.cookie='k='+f(7);location.reload();</script></html>"
BAD_ANSWERS = [
    pytest.param(Answer(b"no", status=403), "http_status", id="403"),
    pytest.param(Answer(b"no", status=404), "http_status", id="404"),
    pytest.param(Answer(b"no", status=410), "http_status", id="410"),
    pytest.param(
        Answer(b"no", status=429, headers=(("Retry-After", "120"),)), "http_status", id="429"
    ),
    pytest.param(Answer(b"no", status=503), "http_status", id="503"),
    pytest.param(
        Answer(b"", status=302, headers=(("Location", "/bad.xml"),)), "redirect_failed", id="loop"
    ),
    pytest.param(
        Answer(b"", status=302, headers=(("Location", "http://10.0.0.1/feed"),)),
        "address_refused",
        id="private",
    ),
    pytest.param(
        Answer(PAGE.encode(), headers=(("Content-Type", "text/html"),)), "not_a_feed", id="html"
    ),
    pytest.param(Answer(b"<script>x()</script>", status=521), "blocked", id="521"),
    pytest.param(Answer(CHALLENGE, status=412), "blocked", id="412-challenge"),
    pytest.param(Answer(CHALLENGE), "blocked", id="200-challenge"),
    pytest.param(Answer(b""), "not_a_feed", id="nothing"),
    pytest.param(Answer(EMPTY.encode()), "empty_feed", id="empty"),
    pytest.param(Answer(b"<rss><channel><item><title>x"), "broken_document", id="broken"),
    pytest.param(Answer(b"x" * 5_100_000), "too_large", id="large"),
    pytest.param(
        Answer(b"\x1f\x8b\x08\x00abc", headers=(("Content-Encoding", "gzip"),)),
        "truncated",
        id="gzip",
    ),
]


@pytest.mark.parametrize(("answer", "kind"), BAD_ANSWERS)
def test_bad_answer_is_a_failed_run_and_a_later_good_one_recovers(
    services: Services, partner: Partner, answer: Answer, kind: str
) -> None:
    partner.pages["/bad.xml"] = answer
    bad = poll(services, "bad", f"{partner.url}/bad.xml")
    assert bad.status == "failed"
    assert bad.error is not None
    assert bad.error.kind == kind, bad.error
    assert poll(services, "good", f"{partner.url}/good.xml").status == "ok"
    assert titles(services) == [Story(1).headline]

    partner.publish(
        "/bad.xml", rss([Story(2, text="别的文字" * 20)], link_base="https://b.example/n")
    )
    recovered = services.poller.poll_now("bad")
    assert (recovered.status, recovered.new) == ("ok", 1)


def test_failing_source_keeps_what_it_gave_before(services: Services, partner: Partner) -> None:
    assert poll(services, "good", f"{partner.url}/good.xml").new == 1
    partner.publish("/good.xml", EMPTY)
    assert services.poller.poll_now("good").status == "failed"
    assert titles(services) == [Story(1).headline]


def test_unreachable_host(services: Services) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    run = poll(services, "gone", f"http://127.0.0.1:{port}/rss.xml")
    assert run.error is not None
    assert run.error.kind == "connect_failed"


def test_retry_after_moves_the_next_poll(services: Services, partner: Partner) -> None:
    partner.pages["/busy.xml"] = Answer(b"", status=429, headers=(("Retry-After", "7200"),))
    poll(services, "busy", f"{partner.url}/busy.xml")
    with services.db.read() as session:
        due_at = sources.state(session, "busy").due_at
    assert (due_at - services.clock()).total_seconds() > 7000


def test_broken_item_costs_itself_only(services: Services, partner: Partner) -> None:
    broken = rss([Story(1), Story(2, text="第二篇的文字" * 10)]).replace(
        "</channel>", "<item><title>半截 & <b>", 1
    )
    partner.publish("/mixed.xml", broken)
    run = poll(services, "mixed", f"{partner.url}/mixed.xml")
    assert run.status == "ok"
    assert run.rejections
    assert titles(services) == sorted([Story(1).headline, Story(2).headline])


@pytest.mark.parametrize(
    ("extra", "repair"),
    [
        ("<pubDate>Wed, 01 Jan 2031 00:00:00 +0800</pubDate>", "impossible_date"),
        ("", "date_from_first_sight"),
    ],
)
def test_item_with_an_unusable_date_is_stored_at_first_sight(
    services: Services, partner: Partner, extra: str, repair: str
) -> None:
    document = rss([Story(1)])
    start, end = document.index("<pubDate>"), document.index("</pubDate>") + len("</pubDate>")
    partner.publish("/dated.xml", document[:start] + extra + document[end:])
    run = poll(services, "dated", f"{partner.url}/dated.xml")
    assert run.new == 1
    assert repair in [each.kind for each in run.repairs]
    with services.db.read() as session:
        [article] = articles.find(session, limit=1)
    assert abs((article.published_at - article.first_seen_at).total_seconds()) < 5


def test_gb18030_labelled_gb2312_is_read_right(services: Services, partner: Partner) -> None:
    text = rss([Story(1, title="朱镕喆调研云岭派出所")]).replace("utf-8", "gb2312", 1)
    partner.publish("/gb.xml", text.encode("gb18030"))
    assert poll(services, "gb", f"{partner.url}/gb.xml").new == 1
    assert titles(services) == ["朱镕喆调研云岭派出所"]


def test_unchanged_body_is_not_read_again(services: Services, partner: Partner) -> None:
    assert poll(services, "good", f"{partner.url}/good.xml").status == "ok"
    again = services.poller.poll_now("good")
    assert (again.status, again.new) == ("unchanged", 0)


def test_two_sources_with_one_article_keep_it_once(services: Services, partner: Partner) -> None:
    partner.publish("/repost.xml", GOOD)
    assert poll(services, "good", f"{partner.url}/good.xml").new == 1
    assert poll(services, "repost", f"{partner.url}/repost.xml").new == 0
    assert titles(services) == [Story(1).headline]


def test_source_without_a_name_takes_its_feeds_and_stays_the_same_source(
    services: Services, partner: Partner
) -> None:
    url = f"{partner.url}/good.xml"
    poll(services, "good", url)
    with services.db.read() as session:
        assert sources.get(session, "good").title == "云岭警务网"
    again = Source(slug="good", url=url, category="gongan", every_seconds=60)
    assert not add_source(services.db, again, services.clock())
