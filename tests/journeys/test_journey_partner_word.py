"""A partner corrects, then withdraws, in every way there is: our feeds follow within one poll."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

OLD = "这句话在撤稿之后不得出现在任何公开页面上，也不得出现在任何订阅源里，无论以什么格式。"
NEW = "更正后的这句话同样不得在撤稿之后出现，读者只应看到撤稿说明，看不到文章的一个字。"
OTHER = "河口镇渡船恢复通航，两岸居民出行不再绕路，渡口增设候船棚，早晚各加开一班。"
REASON = "内容失实"
TITLE = "云岭夜间窗口第1天"
PUBLIC = (
    "/", "/feeds/", "/feeds/gongan", "/feeds/all", "/c/gongan", "/a/1",
    "/feeds/gongan.rss", "/feeds/gongan.atom", "/feeds/gongan.json",
    "/feeds/all.rss", "/feeds/all.atom", "/feeds/all.json",
)  # fmt: skip
HTML = (("Content-Type", "text/html; charset=utf-8"),)
LIST_RULES = '[list]\nitems = "li"\n'


@dataclass(frozen=True, slots=True)
class Way:
    """How a partner publishes, corrects and withdraws its article number 1; number 2 stays.

    `announced` says that the format has a word for a correction; else the text merely changes.
    """

    first: Callable[[Partner], None]
    correct: Callable[[Partner], None]
    withdraw: Callable[[Partner], None]
    options: tuple[str, ...] = ()
    announced: bool = True


def feed(partner: Partner, body: str) -> None:
    partner.pages["/source"] = Answer(body.encode(), headers=(("Content-Type", ""),))


def rss_first(partner: Partner) -> None:
    feed(partner, rss([Story(1, text=OLD), Story(2, text=OTHER)]))


def rss_correct(partner: Partner) -> None:
    feed(partner, rss([Story(1, title=f"【更正】{TITLE}", text=NEW), Story(2, text=OTHER)]))


def rss_title(partner: Partner) -> None:
    gone = Story(1, title=f"【撤稿】{TITLE}", text=f"撤稿原因：{REASON}")
    feed(partner, rss([gone, Story(2, text=OTHER)]))


def tombstone(partner: Partner) -> None:
    feed(
        partner,
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        "<title>云岭警务网</title><id>urn:x:feed</id><updated>2026-08-09T00:00:00Z</updated>"
        '<at:deleted-entry ref="story-1" when="2026-08-09T00:00:00Z">'
        f"<at:comment>{REASON}</at:comment></at:deleted-entry></feed>",
    )


def json_item(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"story-{number}", "url": f"https://partner.example/n/{number}.html",
        "title": f"云岭夜间窗口第{number}天", "content_text": text,
        "date_published": "2026-08-08T02:00:00Z", **more,
    }  # fmt: skip


def json_feed(partner: Partner, text: str, **more: Any) -> None:
    items = [json_item(1, text, **more), json_item(2, OTHER)]
    version = "https://jsonfeed.org/version/1.1"
    feed(partner, json.dumps({"version": version, "title": "云岭警务网", "items": items}))


def json_marker(partner: Partner) -> None:
    json_feed(partner, "已撤", _feedsvc={"status": "withdrawn", "reason": REASON})


def json_correct(partner: Partner) -> None:
    json_feed(partner, NEW, _feedsvc={"status": "corrected", "reason": "日期有误"})


def ninjs(partner: Partner, text: str, **more: Any) -> None:
    items = [
        {
            "uri": f"tag:partner.example,2026:{number}",
            "headline": f"云岭夜间窗口第{number}天",
            "body_text": words,
            "pubstatus": "usable",
            "versioncreated": "2026-08-08T02:00:00Z",
            **(more if number == 1 else {}),
        }
        for number, words in ((1, text), (2, OTHER))
    ]
    feed(partner, "\n".join(json.dumps(item, ensure_ascii=False) for item in items))


def ninjs_status(status: str) -> Callable[[Partner], None]:
    return lambda partner: ninjs(partner, OLD, pubstatus=status, ednote=REASON)


def article(title: str, text: str) -> str:
    return (
        f"<html><head><title>{title}_云岭警务网</title></head><body><h1>{title}</h1>"
        f"<div>2026-08-08 09:30 来源：云岭警务网</div><div class='article-content'><p>{text * 3}</p>"
        "</div><div>责任编辑：文静</div></body></html>"
    )


def site(partner: Partner, title: str, text: str) -> None:
    rows = "".join(
        f"<li><a href='/n/{number}.html'>云岭夜间窗口第{number}天</a></li>" for number in (2, 1)
    )
    partner.publish("/source", f"<html><body><ul>{rows}</ul></body></html>", *HTML)
    partner.publish("/n/1.html", article(title, text), *HTML)
    partner.publish("/n/2.html", article("云岭夜间窗口第2天", OTHER), *HTML)


def page_first(partner: Partner) -> None:
    site(partner, TITLE, OLD)


def page_correct(partner: Partner) -> None:
    partner.publish("/n/1.html", article(f"【更正】{TITLE}", NEW), *HTML)


def page_title(partner: Partner) -> None:
    partner.publish("/n/1.html", article(f"【撤稿】{TITLE}", f"撤稿原因：{REASON}。"), *HTML)


def page_status(status: int) -> Callable[[Partner], None]:
    def withdraw(partner: Partner) -> None:
        partner.pages["/n/1.html"] = Answer(b"<html><body>none</body></html>", status=status)

    return withdraw


def left_the_list(partner: Partner) -> None:
    row = "<li><a href='/n/2.html'>云岭夜间窗口第2天</a></li>"
    partner.publish("/source", f"<html><body><ul>{row}</ul></body></html>", *HTML)
    page_status(404)(partner)


LIST = ("--kind", "list")
WAYS = {
    "tombstone": Way(rss_first, rss_correct, tombstone),
    "rss title": Way(rss_first, rss_correct, rss_title),
    "json marker": Way(lambda partner: json_feed(partner, OLD), json_correct, json_marker),
    "ninjs canceled": Way(
        lambda partner: ninjs(partner, OLD),
        lambda partner: ninjs(partner, NEW),
        ninjs_status("canceled"),
        announced=False,
    ),
    "ninjs withheld": Way(
        lambda partner: ninjs(partner, OLD),
        lambda partner: ninjs(partner, NEW),
        ninjs_status("withheld"),
        announced=False,
    ),
    "page title": Way(page_first, page_correct, page_title, LIST),
    "page 404": Way(page_first, page_correct, page_status(404), LIST),
    "page 410": Way(page_first, page_correct, page_status(410), LIST),
    "left the list": Way(page_first, page_correct, left_the_list, LIST),
}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        yield site


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    with started(service, "web"):
        yield service


def answers(service: Service) -> str:
    return "".join(service.get(path)[2].decode() for path in PUBLIC)


def polled(service: Service) -> dict[str, Any]:
    [run] = service.ask("sources", "poll", "partner")
    assert run["status"] in {"ok", "unchanged"}, run
    return dict(run)


def shown(service: Service, words: str) -> bool:
    return words[:15] in answers(service)


# With an editor in between the ways differ no more; the quick run takes one feed and one page.
FEW = [
    name if name in {"tombstone", "page 404"} else pytest.param(name, marks=pytest.mark.thorough)
    for name in WAYS
]


@pytest.fixture
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    way = WAYS[request.param]
    if not way.options:
        return way
    rules = tmp_path / "rules.toml"
    rules.write_text(LIST_RULES)
    return Way(way.first, way.correct, way.withdraw, (*way.options, "--rules", str(rules)))


def begin(service: Service, partner: Partner, way: Way, policy: str) -> None:
    way.first(partner)
    service.ask(
        "sources", "add", f"{partner.url}/source", "--slug", "partner", "--category", "gongan",
        "--on-withdrawal", policy, *way.options,
    )  # fmt: skip
    assert polled(service)["new"] == 2
    [target] = [each for each in service.ask("articles", "list") if each["title"] == TITLE]
    assert target["revision"] == 1
    eventually(lambda: shown(service, OLD) and shown(service, OTHER), "both are public")


def article_one(service: Service) -> dict[str, Any]:
    [found] = [each for each in service.ask("articles", "list") if each["title"] == TITLE]
    return dict(service.ask("articles", "show", str(found["id"])))


def assert_withdrawn(service: Service) -> None:
    eventually(lambda: not shown(service, OLD) and not shown(service, NEW), "both texts are gone")
    found = article_one(service)
    assert found["status"] == "withdrawn"
    assert service.get(f"/a/{found['id']}")[0] == 410
    for format in ("rss", "atom", "json"):
        body = service.get(f"/feeds/gongan.{format}")[2].decode()
        assert f"【撤稿】{TITLE}" in body
        assert OTHER[:15] in body, "the other article stays"
    assert shown(service, OTHER)


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_carried_out_within_one_poll(service: Service, partner: Partner, way: Way) -> None:
    begin(service, partner, way, "auto")
    way.correct(partner)
    assert polled(service)["updated"] == 1
    eventually(lambda: shown(service, NEW) and not shown(service, OLD), "the correction is public")
    assert article_one(service)["status"] == ("corrected" if way.announced else "live")
    way.withdraw(partner)
    assert polled(service)["withdrawn"] == 1
    assert_withdrawn(service)
    assert polled(service)["withdrawn"] == 0
    assert service.ask("review", "list", "--state", "any") == []


@pytest.mark.parametrize("way", FEW, indirect=True)
def test_put_before_an_editor(service: Service, partner: Partner, way: Way) -> None:
    begin(service, partner, way, "review")
    way.correct(partner)
    run = polled(service)
    if way.announced:
        assert run["updated"] == 0
        [correction] = service.ask("review", "list")
        assert (correction["kind"], correction["title"]) == ("corrected", TITLE)
        assert shown(service, OLD)
        assert not shown(service, NEW)
        assert polled(service)["updated"] == 0
        assert service.ask("review", "list") == [correction], "the same word is not put up twice"
        done = service.ask("review", "accept", str(correction["id"]))
        assert (done["state"], done["article_status"]) == ("accepted", "corrected")
    eventually(lambda: shown(service, NEW) and not shown(service, OLD), "the correction is public")
    way.withdraw(partner)
    assert polled(service)["withdrawn"] == 0
    [withdrawal] = service.ask("review", "list")
    assert withdrawal["kind"] == "withdrawn"
    assert withdrawal["evidence"]
    assert shown(service, NEW)
    service.ask("review", "accept", str(withdrawal["id"]))
    assert_withdrawn(service)
    assert polled(service)["withdrawn"] == 0
    assert service.ask("review", "list") == []


@pytest.mark.parametrize("way", FEW, indirect=True)
def test_dismissed_it_stays(service: Service, partner: Partner, way: Way) -> None:
    begin(service, partner, way, "review")
    way.withdraw(partner)
    polled(service)
    [withdrawal] = service.ask("review", "list")
    service.ask("review", "dismiss", str(withdrawal["id"]))
    polled(service)
    assert service.ask("review", "list") == []
    assert shown(service, OLD)
    assert article_one(service)["status"] == "live"


@pytest.mark.parametrize("policy", ["auto", "review"])
def test_the_other_members_of_its_cluster_stay(
    service: Service, partner: Partner, policy: str
) -> None:
    """A repost at another source is hidden behind the entry; it stays when the entry goes."""
    long = OLD + "".join(
        f"第{number}位居民说，夜间窗口办事方便，来回只要{number + 5}分钟。"
        for number in range(1, 9)
    )
    feed(partner, rss([Story(1, text=long)]))
    repost = rss([Story(9, title="转载：云岭夜间窗口", text=long + "（本报转载）")])
    partner.pages["/repost"] = Answer(repost.encode(), headers=(("Content-Type", ""),))
    for slug, path in (("partner", "/source"), ("other", "/repost")):
        service.ask(
            "sources", "add", partner.url + path, "--slug", slug, "--category", "gongan",
            "--on-withdrawal", policy,
        )  # fmt: skip
        [run] = service.ask("sources", "poll", slug)
        assert run["new"] == 1
    [cluster] = service.ask("articles", "clusters")
    assert [each["shown"] for each in cluster["members"]] == [True, False]
    tombstone(partner)
    polled(service)
    if policy == "review":
        [candidate] = service.ask("review", "list")
        service.ask("review", "accept", str(candidate["id"]))
    members = {each["source"]: each for each in service.ask("articles", "list")}
    assert members["partner"]["status"] == "withdrawn"
    assert members["other"]["status"] == "live"
    eventually(
        lambda: OLD[:15] not in service.get("/feeds/gongan.json")[2].decode(), "the text is gone"
    )
    assert service.get(f"/a/{members['other']['id']}")[0] == 200
    [waiting] = service.ask("articles", "clusters", "--review")
    assert waiting["cluster"] == cluster["cluster"], "an editor is to say what is shown instead"
