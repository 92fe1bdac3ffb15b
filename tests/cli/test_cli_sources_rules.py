"""`feedsvc sources rules` as an editor uses it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.ingest.stage import publish_list
from tests.partner import Partner, partner_site
from tests.running import Service, service_in

OLD = '[list]\nitems = "ul.news > li"\nlink = "a"\n\n[page]\ntitle = "h1"\nbody = ".content"\n'
NEW = OLD.replace('"h1"', '"h2"') + 'remove = ".tip"\n'


@pytest.fixture
def polled(tmp_path: Path) -> tuple[Service, Path]:
    """A service that has polled a list of three articles; the partner is gone since."""
    service = service_in(tmp_path / "home")
    rules = tmp_path / "rules.toml"
    rules.write_text(OLD, encoding="utf-8")
    with partner_site() as partner:
        set_up(service, partner, rules)
    rules.write_text(NEW, encoding="utf-8")
    return service, rules


def set_up(service: Service, partner: Partner, rules: Path) -> None:
    publish_list(partner, 1, 2, 3)
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    service.ask(
        "sources", "add", f"{partner.url}/list.html", "--slug", "list", "--category", "gongan",
        "--kind", "list", "--rules", str(rules),
    )  # fmt: skip
    assert service.ask("sources", "poll", "list")[0]["new"] == 3


def titles(service: Service) -> set[str]:
    return {row["title"] for row in service.ask("articles", "list")}


def test_rules_are_printed_as_a_file_that_can_be_edited(polled: tuple[Service, Path]) -> None:
    service, _ = polled
    done = service.run("sources", "rules", "list")
    assert tomllib.loads(done.stdout) == tomllib.loads(OLD)
    assert service.ask("sources", "rules", "list")["rules"] == tomllib.loads(OLD)


def test_what_differs_is_shown_first_and_stored_when_asked(polled: tuple[Service, Path]) -> None:
    service, rules = polled
    before = titles(service)
    shown = service.ask("sources", "rules", "list", "--rules", str(rules))
    assert (shown["applied"], shown["stored"], shown["changed"]) == (False, 3, 3)
    assert shown["fields"]["title"]["changed"] == 3
    assert len(shown["fields"]["title"]["samples"]) == 3
    assert shown["rows"] == {"before": 3, "after": 3, "lost": [], "gained": [], "error": None}
    assert titles(service) == before
    assert service.ask("sources", "rules", "list")["rules"] == tomllib.loads(OLD)

    service.ask(
        "sources", "rules", "list", "--rules", str(rules), "--apply", "--reason", "改取副题"
    )
    assert not titles(service) & before
    assert service.ask("sources", "rules", "list")["rules"] == tomllib.loads(NEW)
    [first, *_] = service.ask("articles", "list")
    last = service.ask("articles", "show", str(first["id"]))["revisions"][-1]
    assert last["reason"] == "改取副题"
    assert last["actor"].startswith("rules:")


def test_rules_can_be_meant_for_new_articles_only(polled: tuple[Service, Path]) -> None:
    service, rules = polled
    before = titles(service)
    service.ask("sources", "rules", "list", "--rules", str(rules), "--apply", "--keep-articles")
    assert titles(service) == before
    assert service.ask("sources", "rules", "list")["rules"] == tomllib.loads(NEW)


def test_words_for_people(polled: tuple[Service, Path]) -> None:
    service, rules = polled
    done = service.run("sources", "rules", "list", "--rules", str(rules))
    assert done.returncode == 0
    assert "3 would change" in done.stdout
    assert "title: 3 differ" in done.stdout
    assert "--apply" in done.stdout


def test_rules_that_cannot_work_change_nothing(polled: tuple[Service, Path]) -> None:
    service, rules = polled
    rules.write_text('[list]\nitems = "ol.gone > li"\n', encoding="utf-8")
    shown = service.ask("sources", "rules", "list", "--rules", str(rules))
    assert (shown["rows"]["after"], len(shown["rows"]["lost"])) == (0, 3)
    assert service.run("sources", "rules", "list", "--rules", str(rules), "--apply").returncode == 1
    rules.write_text('[list]\nitem = "li"\n', encoding="utf-8")
    assert service.run("sources", "rules", "list", "--rules", str(rules)).returncode == 2
    assert service.run("sources", "rules", "none").returncode == 1
    assert service.ask("sources", "rules", "list")["rules"] == tomllib.loads(OLD)
