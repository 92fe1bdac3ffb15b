"""What the service publishes breaks no rule, whatever its partners send: over HTTP, in every document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.hostile_news import atom_feed, hostile_items, ill_formed, json_feed, rss_of
from tests.journeys.published import FORMATS, Reading
from tests.partner import Partner, partner_site
from tests.running import Service, eventually, service_in, started

JSON_MARKS = {"json-nul", "json-surrogate", "json-plain"}
ATOM_MARKS = {"atom-xhtml", "atom-html", "atom-text"}


@dataclass(frozen=True, slots=True)
class Stage:
    service: Service
    partner: Partner
    marks: set[str]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    service = service_in(
        tmp_path_factory.mktemp("hostile") / "home", site_contact="desk@news.example"
    )
    items = hostile_items()
    with partner_site() as partner:
        partner.publish("/hostile.rss", rss_of(items))
        partner.publish("/hostile.json", json_feed(), ("Content-Type", "application/feed+json"))
        partner.publish("/hostile.atom", atom_feed())
        for mark, body in ill_formed().items():
            partner.publish(f"/{mark}.rss", body)
        service.ask("db", "upgrade")
        for slug, title in (("gongan", "公安 & 交通"), ("jiaotong", "交通")):
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
            yield Stage(service, partner, marks)


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


def marks_in(service: Service) -> str:
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in everything(service))


def test_a_hostile_partner_breaks_no_document_and_loses_no_item(stage: Stage) -> None:
    def look() -> bool:
        text = marks_in(stage.service)
        return all(mark in text for mark in stage.marks)

    eventually(look, "every hostile item is published")
    reading = Reading(stage.service)
    reading.read_all()
    assert reading.faults == []
    assert len(reading.bodies) > 20


def test_a_correction_and_a_withdrawal_break_no_document_and_no_delta(stage: Stage) -> None:
    service = stage.service
    eventually(lambda: "link-odd" in marks_in(service), "the hostile items are published")
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
