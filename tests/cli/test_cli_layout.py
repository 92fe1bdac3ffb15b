"""A redesign as an operator meets it: told in words, and mended with one command."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.drifting import Told, case, show
from tests.partner import partner_site
from tests.running import service_in

RULES = """
[list]
items = "ul.news > li"
link = "a"
title = "a"
date = "span.date"
"""


def test_a_redesign_is_shown_with_proposed_rules_and_accepted(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    site = case("class_renamed")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    with partner_site() as partner:
        show(partner, "", site["before"], [Told(number, 1) for number in range(8)])
        service.ask(
            "sources", "add", f"{partner.url}/index.html", "--slug", "partner", "--kind", "list",
            "--category", "gongan", "--rules", str(rules),
        )  # fmt: skip
        assert service.ask("sources", "poll", "partner")[0]["new"] == 8
        assert service.ask("sources", "show", "partner")["layout"]["state"] == "steady"
        show(partner, "", site["after"], [Told(number, 1) for number in range(9)])
        polled = service.run("sources", "poll", "partner", "--json")
        assert polled.returncode == 1
        assert '"layout_changed"' in polled.stdout
        layout = service.ask("sources", "show", "partner")["layout"]
        assert (layout["state"], layout["reasons"]) == ("changed", ["empty"])
        assert layout["proposal"]["list"]["items"] == "ul.m-list > li"
        words = service.run("sources", "show", "partner").stdout
        assert "layout: changed" in words
        assert "the rules find no row on the list page" in words
        assert "accept-layout partner" in words
        done = service.ask("sources", "accept-layout", "partner")
        assert (done["run"]["status"], done["run"]["new"]) == ("ok", 1)
        assert done["rules"]["list"]["items"] == "ul.m-list > li"
        refused = service.run("sources", "accept-layout", "partner")
        assert refused.returncode == 1
        assert "no rules are proposed" in refused.stderr
        service.ask("sources", "accept-layout", "partner", "--keep-rules")
