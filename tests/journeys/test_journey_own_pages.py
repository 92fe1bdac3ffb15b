"""A third site that has no feed of ours, only our sitemap and pages: all arrives whole, and so do changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_journey_chain import CREDITS, DATELINE, add_source, kept, polled
from tests.partner import Story, partner_site, rss
from tests.running import Service, eventually, service_in, started


def test_origin_and_credits_arrive_by_sitemap_and_pages(tmp_path: Path) -> None:
    middle, third = service_in(tmp_path / "middle"), service_in(tmp_path / "third")
    with partner_site() as partner:
        partner.publish("/feed", rss([Story(1, extra=CREDITS)]))
        add_source(middle, f"{partner.url}/feed")
        with started(middle, "run", "--no-demo"):
            first = polled(middle)
            read = middle.ask("inspect", f"{middle.url}/a/1", "--as", "page")
            origin = f"https://partner.example/n/{Story(1).number}.html"
            for name in (
                "title",
                "original_title",
                "credit_line",
                "dateline",
                "authors",
                "editors",
            ):
                assert read[name] == first[name]
            assert (read["attribution"], read["dateline"]) == ("云岭警务网", DATELINE)
            add_source(third, f"{middle.url}/sitemap.xml")
            assert {**kept(polled(third)), "origin_url": origin} == {
                **kept(first),
                "origin_url": origin,
            }
            assert polled(third)["origin_url"] == origin


@pytest.mark.thorough
def test_a_correction_and_a_withdrawal_arrive_by_a_sections_page_alone(tmp_path: Path) -> None:
    middle, third = service_in(tmp_path / "middle"), service_in(tmp_path / "third")
    stories = [Story(1, extra=CREDITS), *(Story(n) for n in range(2, 8))]
    with partner_site() as partner:
        partner.publish("/feed", rss(stories))
        add_source(middle, f"{partner.url}/feed")
        third.ask("categories", "add", "gongan", "--title", "公安要闻")
        rules = tmp_path / "rules.toml"
        rules.write_text('[list]\nitems = "main li:has(time)"\nlink = "a"\ndate = "time"\n')
        with started(middle, "run", "--no-demo"):
            middle.ask("sources", "poll", "partner")
            eventually(
                lambda: stories[-1].headline in middle.get("/c/gongan")[2].decode(), "it is shown"
            )
            third.ask(
                "sources", "add", f"{middle.url}/c/gongan", "--slug", "partner", "--category",
                "gongan", "--kind", "list", "--rules", str(rules), "--every", "3600",
            )  # fmt: skip
            [run] = third.ask("sources", "poll", "partner")
            assert (run["status"], run["new"]) == ("ok", len(stories))
            origin = "https://partner.example/n/1.html"
            first, there = of_origin(middle, origin, "link"), of_origin(third, origin)
            assert {**kept(there), "origin_url": None} == {**kept(first), "origin_url": None}

            number = str(first["id"])
            middle.ask(
                "articles", "correct", number, "--title", "改正后的标题", "--reason", "日期有误"
            )
            third.ask("sources", "poll", "partner")
            there = of_origin(third, origin)
            assert (there["title"], there["revision"]) == ("改正后的标题", 2)
            assert there["attribution"] == first["attribution"]
            assert there["body_html"] == first["body_html"]

            middle.ask("articles", "withdraw", number, "--reason", "内容失实")
            third.ask("sources", "poll", "partner")
            there = of_origin(third, origin)
            assert there["status"] == "withdrawn"


def of_origin(service: Service, origin: str, name: str = "origin_url") -> dict[str, Any]:
    """The one article whose original stands at an address."""
    shown = [
        service.ask("articles", "show", str(each["id"])) for each in service.ask("articles", "list")
    ]
    [found] = [each for each in shown if each[name] == origin]
    return dict(found)
