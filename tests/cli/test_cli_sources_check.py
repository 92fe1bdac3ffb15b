"""`feedsvc sources check` as an operator uses it."""

from __future__ import annotations

import json
from pathlib import Path

from feedsvc.store import sample_files
from tests.ingest.stage import publish_list
from tests.partner import partner_site
from tests.running import service_in

RULES = '[list]\nitems = "ul.news > li"\nlink = "a"\n\n[page]\ntitle = "h1"\nbody = ".content"\n'


def test_samples_are_saved_and_must_be_understood_alike(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    with partner_site() as partner:
        publish_list(partner, 1, 2)
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
        service.ask(
            "sources", "add", f"{partner.url}/list.html", "--slug", "list", "--category", "gongan",
            "--kind", "list", "--rules", str(rules),
        )  # fmt: skip
        assert service.run("sources", "check", "list").returncode == 1
        service.ask("sources", "poll", "list")
    [saved] = service.ask("sources", "check", "list", "--save")
    assert saved == {"slug": "list", "documents": 3, "differences": []}
    assert len(sample_files.read(service.home / "samples" / "list").documents) == 3
    assert service.ask("sources", "check", "list") == [saved]

    rules.write_text(RULES.replace('"h1"', '"h2"'), encoding="utf-8")
    service.ask("sources", "rules", "list", "--rules", str(rules), "--apply")
    done = service.run("sources", "check", "list", "--json")
    assert done.returncode == 1
    [told] = json.loads(done.stdout)
    assert {each["where"] for each in told["differences"]} == {"title"}
    words = service.run("sources", "check", "list")
    assert words.returncode == 1
    assert "list: 2 differences in 3 saved documents" in words.stdout


def test_without_samples_or_source_it_says_so(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    assert "none" in service.run("sources", "check", "none").stderr
    assert service.run("sources", "check", "none", "--save").returncode == 1
