"""What the service publishes breaks no rule, whatever its partners send: over HTTP, in every document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.journeys.hostile_news import atom_feed, hostile_items, ill_formed, json_feed, rss_of
from tests.journeys.published import FORMATS, Reading
from tests.partner import Partner, partner_site
from tests.running import Service, eventually, service_in, started

JSON_MARKS = {"json-nul", "json-surrogate", "json-plain"}
ATOM_MARKS = {"atom-xhtml", "atom-html", "atom-text"}
SECTIONS = {
    "gongan": "公安 & 交通",
    "jiaotong": "交通",
    "marked": '<&>" 与 </title>]]>',
    "empty": "尚无文章",
    "ending": "即将停更 <b>",
}
ODD_WORDS = '&<b>云岭" 镇'
# The searches as they are written, in Chinese and with what must be escaped.
SEARCHES = (
    f"q={quote('夜间窗口')}",
    f"category=gongan&full=0&n=3&q={quote('云岭镇')}&source=hostile-rss",
    f"q={quote(ODD_WORDS)}",
    f"n=200&q={quote('云岭')}",
    f"q={quote('无人写过的话')}",
)


@dataclass(frozen=True, slots=True)
class Stage:
    service: Service
    partner: Partner


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    service = service_in(
        tmp_path_factory.mktemp("hostile") / "home",
        site_contact="desk@news.example",
        search_feeds_per_minute="1000",
    )
    items = hostile_items()
    with partner_site() as partner:
        partner.publish("/hostile.rss", rss_of(items))
        partner.publish("/hostile.json", json_feed(), ("Content-Type", "application/feed+json"))
        partner.publish("/hostile.atom", atom_feed())
        for mark, body in ill_formed().items():
            partner.publish(f"/{mark}.rss", body)
        service.ask("db", "upgrade")
        for slug, title in SECTIONS.items():
            service.ask("categories", "add", slug, "--title", title)
        for name in (
            "hostile.rss",
            "hostile.json",
            "hostile.atom",
            *(f"{m}.rss" for m in ill_formed()),
        ):
            service.ask(
                "sources", "add", f"{partner.url}/{name}", "--slug", name.replace(".", "-"),
                "--category", "gongan", "--every", "3600",
            )  # fmt: skip
        with started(service, "run", "--no-demo"):
            marks = {each.mark for each in items} | JSON_MARKS | ATOM_MARKS | ill_formed().keys()
            eventually(lambda: all_shown(service, marks), "every hostile item is published")
            yield Stage(service, partner)


def everything(service: Service, slug: str = "all") -> list[dict[str, object]]:
    """All articles that a feed has ever shown, by the cursor."""
    path, found = f"/feeds/{slug}.json?since=0", []
    while path:
        status, _, body = service.get(path)
        assert status == 200
        told = json.loads(body)
        found += told["items"]
        path = told.get("next_url", "").removeprefix(service.url)
    return found


def all_shown(service: Service, marks: set[str]) -> bool:
    """Whether all is stored, and the published document knows of it."""
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in everything(service))
    status, _, published = service.get("/feeds/gongan.json")
    if status != 200 or not all(mark in text for mark in marks):
        return False
    cursor = json.loads(published)["_feedsvc"]["cursor"]
    _, _, later = service.get(f"/feeds/gongan.json?since={cursor}")
    return not json.loads(later)["items"]


def test_a_hostile_partner_breaks_no_document_and_loses_no_item(stage: Stage) -> None:
    reading = Reading(stage.service)
    reading.read_all()
    assert reading.faults == []
    assert len(reading.bodies) > 20


def test_a_correction_and_a_withdrawal_break_no_document_and_no_delta(stage: Stage) -> None:
    service = stage.service
    reading = Reading(service)
    paths = [f"/feeds/gongan.{fmt}" for fmt in FORMATS]
    known = {path: service.get(path) for path in paths}
    first, second, *_ = [
        item["url"].rpartition("/")[2]
        for item in json.loads(known["/feeds/gongan.json"][2])["items"]
        if item["_feedsvc"]["status"] == "live"
    ]
    service.ask(
        "articles",
        "correct",
        first,
        "--reason",
        "<b>]]> & \u0001误",
        "--title",
        "更正 <b>",
    )
    service.ask("articles", "withdraw", second, "--reason", "</p>&nbsp;内容失实")
    for path, (_, headers, body) in known.items():
        assert reading.read_delta(path, headers["etag"], body) == 226
    reading.read_all()
    assert reading.faults == []


def test_feeds_that_no_directory_lists_break_no_rule(stage: Stage) -> None:
    service = stage.service
    reading = Reading(service)
    reading.read_feeds(["all", "corrections"])
    slugs = reading.labelled()
    chinese = {f"tag/{quote('类')}", f"author/{quote('王五')}", "source/hostile-rss"}
    assert chinese <= set(slugs), slugs
    reading.read_feeds(slugs)
    reading.read_searches(SEARCHES)
    assert reading.faults == []
    shown = json.loads(reading.bodies[f"/feeds/search.json?{SEARCHES[0]}"])["items"]
    assert len(shown) > 20


def test_summaries_pins_odd_titles_and_a_farewell_break_no_rule(stage: Stage) -> None:
    service = stage.service
    oldest = min(
        service.ask("articles", "list", "--limit", "200"),
        key=lambda each: str(each["published_at"]),
    )
    service.ask("feeds", "pin", "gongan", str(oldest["id"]))
    service.ask("feeds", "set", "all", "--content", "summary")
    service.ask(
        "categories", "retire", "ending", "--reason", "<b>并入</b> & 停办", "--to", "jiaotong"
    )
    eventually(
        lambda: "停更" in service.get("/feeds/ending.rss")[2].decode(), "the farewell is out"
    )
    reading = Reading(service)
    reading.read_all()
    reading.read_feeds(["ending"])
    assert reading.faults == []
    every = json.loads(reading.bodies["/feeds/all.json"])["items"]
    assert every
    assert not any("content_html" in each for each in every)
    pinned = json.loads(reading.bodies["/feeds/gongan.json"])["items"]
    assert [each["_feedsvc"].get("pinned") for each in pinned].count(True) == 1
    assert json.loads(reading.bodies["/feeds/ending.json"])["expired"] is True
    assert json.loads(reading.bodies["/feeds/empty.json"])["items"] == []
    service.ask("feeds", "set", "all", "--content", "full")


@pytest.mark.thorough
def test_the_demo_breaks_no_rule(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    with started(service, "run"):
        eventually(lambda: len(everything(service)) > 15, "the demo has published")
        for source in service.ask("sources", "list"):
            service.ask("sources", "pause", source["slug"])
        eventually(lambda: not service.ask("sources", "list")[0].get("running"), "polls are over")
        reading = Reading(service)
        reading.read_all()
        assert reading.faults == []
        assert len(reading.bodies) > 20
