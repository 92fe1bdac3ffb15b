"""What an operator says about a source's pictures, on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.running import Service, service_in


def add(service: Service, *options: str) -> None:
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    service.ask(
        "sources", "add", "https://partner.example/rss.xml", "--slug", "p", "--category", "gongan",
        *options,
    )  # fmt: skip


def test_copies_are_kept_unless_the_operator_says_otherwise(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    add(service)
    assert service.ask("sources", "show", "p")["pictures"] == "mirror"
    assert service.ask("sources", "pictures", "p", "link") == {
        "slug": "p", "pictures": "link", "feeds": [],
    }  # fmt: skip
    assert service.ask("sources", "show", "p")["pictures"] == "link"


def test_it_is_said_when_the_source_is_added(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    add(service, "--pictures", "drop")
    assert service.ask("sources", "show", "p")["pictures"] == "drop"
    wrong = service.run("sources", "pictures", "p", "steal")
    assert wrong.returncode == 2
    assert service.run("sources", "pictures", "nobody", "link").returncode == 1
