"""Three schedulers on one database: every due poll is fetched exactly once, counted at the partner."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from feedsvc.curate.registry import add_source
from feedsvc.domain.source import Source
from feedsvc.services import build_services
from feedsvc.settings import load_settings
from tests.partner import Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

SOURCES = 60
SCHEDULERS = 3


def test_every_due_poll_is_fetched_exactly_once(tmp_path: Path, postgres_url: str) -> None:
    with partner_site() as partner, ExitStack() as up:
        services = [
            service_in(tmp_path / f"home{number}", database_url=postgres_url)
            for number in range(SCHEDULERS)
        ]
        first = services[0]
        first.ask("db", "upgrade")
        first.ask("categories", "add", "gongan", "--title", "公安要闻")
        for number in range(SOURCES):
            partner.publish(f"/{number}.xml", rss([Story(number, text=f"{Story(1).text}{number}")]))
        for service in services:
            up.enter_context(started(service, "scheduler", answers=False))
        add_sources(first.environment, partner.url)
        eventually(
            lambda: sum(partner.count(f"/{number}.xml") for number in range(SOURCES)) >= SOURCES,
            "all sources are polled",
            within=60,
        )
        eventually(lambda: len(polled(first)) == SOURCES, "all polls are recorded", within=30)
        assert [partner.count(f"/{number}.xml") for number in range(SOURCES)] == [1] * SOURCES
        assert len(first.ask("articles", "list", "--limit", "1000")) == SOURCES


def add_sources(environment: Mapping[str, str], partner_url: str) -> None:
    """Add all at once in this process: sixty commands would take a minute."""
    services = build_services(load_settings(environment))
    try:
        for number in range(SOURCES):
            source = Source(
                slug=f"s{number}",
                url=f"{partner_url}/{number}.xml",
                category="gongan",
                every_seconds=3600,
            )
            add_source(services.db, source, services.clock())
    finally:
        services.close()


def polled(service: Service) -> list[str]:
    return [
        each["slug"]
        for each in service.ask("sources", "list")
        if each["last_run"] and each["last_run"]["status"] == "ok"
    ]
