"""A third site that has no feed of ours, only our sitemap and pages: origin and credits arrive whole."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.test_journey_chain import CREDITS, DATELINE, add_source, kept, polled
from tests.partner import Story, partner_site, rss
from tests.running import service_in, started


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
