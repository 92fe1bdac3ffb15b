"""A crowd before an empty house: each document is made once, and nobody gets an error."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source
from feedsvc.services import build_services
from feedsvc.settings import load_settings
from feedsvc.store import feeds
from tests.databases import migrated_sqlite
from tests.partner import Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

READERS = 500
# Who asks for what is made on demand: more than the application has places for.
CURIOUS = 250
STORIES = 60
WINDOWS = ("/feeds/gongan.rss", "/feeds/gongan.atom", "/feeds/gongan.json")
# Made when somebody asks: a month, what changed since, what is older.
ASKED_FOR = (
    "/feeds/gongan/2026-08.atom",
    "/feeds/gongan.json?since=3",
    "/feeds/gongan.rss?before=2",
)


@pytest.fixture
def emptied(tmp_path: Path) -> Service:
    """A service with sixty articles in its database, published once, whose documents are lost."""
    service = service_in(tmp_path / "home")
    service.home.mkdir()
    (service.home / "feedsvc.db").write_bytes(migrated_sqlite())
    with partner_site() as partner:
        partner.publish("/feed", rss([Story(number) for number in range(STORIES)]))
        services = build_services(load_settings(service.environment))
        now = services.clock()
        with services.db.write() as session:
            feeds.ensure_builtin(session, now)
        add_category(services.db, Category(slug="gongan", title="公安要闻"), now)
        source = Source(slug="partner", url=f"{partner.url}/feed", category="gongan")
        add_source(services.db, source, now)
        assert services.poller.poll_now("partner").new == STORIES
        services.publish_gathered()
        services.close()
    shutil.rmtree(service.home / "documents")
    return service


def test_five_hundred_readers_from_the_very_start_get_their_documents(emptied: Service) -> None:
    windows = [WINDOWS[number % len(WINDOWS)] for number in range(READERS)]
    with started(emptied, "run", "--no-demo", answers=False):
        eventually(lambda: listens(emptied), "the port is open")
        began = time.monotonic()
        assert asyncio.run(crowd(emptied, windows)) == Counter({200: READERS})
        took = time.monotonic() - began
        curious = [ASKED_FOR[number % len(ASKED_FOR)] for number in range(CURIOUS)]
        assert asyncio.run(crowd(emptied, curious)) == Counter({200: CURIOUS}), took
    log = (emptied.home.parent / f"{emptied.home.name}.log").read_text().splitlines()
    # What the database had needs no rendering at all.
    assert not [line for line in log if "published" in line and "feed=" in line]
    for path in ASKED_FOR:
        made = [line for line in log if "past made" in line and path in line]
        assert len(made) == 1, (path, log)


def listens(service: Service) -> bool:
    """Whether somebody can connect; nothing is asked."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", service.port), timeout=5):
        return True
    return False


async def crowd(service: Service, asked: Sequence[str]) -> Counter[int]:
    """All readers at once."""
    return Counter(await asyncio.gather(*(read(service, path) for path in asked)))


async def read(service: Service, path: str) -> int:
    """One reader, which asks once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(service.url).port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return int(answer.split(None, 2)[1])
