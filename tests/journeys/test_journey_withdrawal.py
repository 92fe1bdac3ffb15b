"""A withdrawn text is in no public answer one second later, whoever withdraws it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

SECRET = "这句话在撤稿之后不得出现在任何公开页面上，也不得出现在任何订阅源里，无论以什么格式。"
PUBLIC = (
    "/", "/feeds/", "/feeds/gongan", "/feeds/all", "/c/gongan", "/a/1",
    "/feeds/gongan.rss", "/feeds/gongan.atom", "/feeds/gongan.json",
    "/feeds/all.rss", "/feeds/all.atom", "/feeds/all.json",
)  # fmt: skip
CODINGS = ("identity", "gzip", "br")
TOMBSTONES = {
    "title": rss([Story(1, title="【撤稿】云岭夜间窗口第1天", text="撤稿原因：内容失实。")]),
    "tombstone": (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        "<title>云岭警务网</title><id>urn:x:feed</id><updated>2026-08-09T00:00:00Z</updated>"
        '<at:deleted-entry ref="story-1" when="2026-08-09T00:00:00Z"><at:comment>内容失实</at:comment>'
        "</at:deleted-entry></feed>"
    ),
    "marker": (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "云岭警务网", "items": [{"id": '
        '"story-1", "title": "云岭夜间窗口第1天", "content_text": "已撤", "_feedsvc": {"status": '
        '"withdrawn", "reason": "内容失实", "at": "2026-08-09T00:00:00Z"}}]}'
    ),
}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        site.publish("/feed", rss([Story(1, text=SECRET)]))
        yield site


@pytest.fixture
def service(tmp_path: Path, partner: Partner) -> Iterator[Service]:
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    service.ask(
        "sources", "add", f"{partner.url}/feed", "--slug", "partner", "--category", "gongan",
        "--every", "3600",
    )  # fmt: skip
    with started(service, "run", "--no-demo"):
        eventually(lambda: SECRET[:10] in answers(service), "the article is public")
        yield service


def answers(service: Service) -> str:
    """Every public answer in one text; feeds as they are, because a reader may ask for any coding."""
    return "".join(service.get(path)[2].decode() for path in PUBLIC)


def answers_without_it(service: Service) -> str:
    """Every public answer once the text is in none, which is at most a second later."""

    def look() -> str:
        text = answers(service)
        return "" if SECRET[:10] in text else text

    return eventually(look, "the text is in no answer", within=1)


def test_withdrawn_by_an_editor(service: Service) -> None:
    before = {path: service.get(path)[1].get("etag") for path in PUBLIC if "." in path}
    service.ask("articles", "withdraw", "1", "--reason", "内容失实")
    text = answers_without_it(service)
    assert "【撤稿】" in text
    for path, etag in before.items():
        for coding in CODINGS:
            status, headers, _ = service.get(path, If_None_Match=etag or "", Accept_Encoding=coding)
            assert status == 200, "the old document is not confirmed"
            assert headers["etag"] != etag


@pytest.mark.parametrize("way", TOMBSTONES)
def test_withdrawn_by_the_partner(service: Service, partner: Partner, way: str) -> None:
    partner.pages["/feed"] = Answer(TOMBSTONES[way].encode(), headers=(("Content-Type", ""),))
    [run] = service.ask("sources", "poll", "partner")
    assert (run["status"], run["withdrawn"]) == ("ok", 1)
    answers_without_it(service)
    assert service.get("/a/1")[0] == 410
    [article] = service.ask("articles", "list")
    assert article["status"] == "withdrawn"
    assert "失实" in service.ask("articles", "show", "1")["reason"]


def test_what_an_editor_withdrew_does_not_come_back_with_the_next_poll(
    service: Service, partner: Partner
) -> None:
    service.ask("articles", "withdraw", "1", "--reason", "内容失实")
    partner.publish("/feed", rss([Story(1, text=SECRET + "又来了。"), Story(2)]))
    [run] = service.ask("sources", "poll", "partner")
    assert (run["new"], run["updated"]) == (1, 0)
    eventually(lambda: Story(2).headline in answers(service), "the next poll is published")
    assert SECRET[:10] not in answers(service)
