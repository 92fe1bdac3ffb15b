"""kill -9 while pictures are on their way: each arrives once, whole, and no page points to nothing."""

from __future__ import annotations

import random
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from feedsvc.services import build_services
from feedsvc.settings import load_settings
from feedsvc.store import pictures
from feedsvc.store.tables import PICTURE
from tests import pictures as made
from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

ADDRESS = re.compile(rb"/media/[0-9a-f]{40}\.png")
STORIES = 40


def slow_picture(number: int) -> Answer:
    threading.Event().wait(0.03)
    return Answer(made.png(20 + number, 20), headers=(("Content-Type", "image/png"),))


def illustrated(partner: Partner, count: int) -> str:
    return rss(
        [
            Story(
                number,
                text=f'{Story(1).text}<img src="{partner.url}/p/{number}.png" alt="图">{number}',
            )
            for number in range(count)
        ]
    )


@pytest.mark.parametrize(
    "kills", [1, pytest.param(40, marks=[pytest.mark.thorough, pytest.mark.timeout(900)])]
)
def test_pictures_arrive_whole_under_kills(tmp_path: Path, kills: int) -> None:
    dice = random.Random(kills)
    with partner_site() as partner:
        for number in range(STORIES):
            partner.pages[f"/p/{number}.png"] = lambda number=number: slow_picture(number)  # type: ignore[misc]
        partner.publish("/rss.xml", illustrated(partner, 4))
        service = service_in(tmp_path / "home", lease_seconds="1")
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
        service.ask(
            "sources", "add", f"{partner.url}/rss.xml", "--slug", "p", "--category", "gongan",
            "--every", "1",
        )  # fmt: skip
        with started(service, "web"):
            service.ask("publish")
            for kill in range(kills):
                partner.publish("/rss.xml", illustrated(partner, 4 + kill * (STORIES - 4) // kills))
                kill_scheduler(service, partner, dice)
                assert broken_addresses(service) == []
            partner.publish("/rss.xml", illustrated(partner, STORIES))
            with started(service, "scheduler", answers=False):
                eventually(
                    lambda: len(addresses(service)) == STORIES,
                    "every picture is in the feed",
                    within=60,
                )
            assert broken_addresses(service) == []
    check_files(service)


def kill_scheduler(service: Service, partner: Partner, dice: random.Random) -> None:
    before = sum(partner.requests.values())
    with started(service, "scheduler", answers=False) as process:
        eventually(lambda: sum(partner.requests.values()) > before, "it works")
        time.sleep(dice.random() * 0.6)
        process.send_signal(signal.SIGKILL)
        process.wait()


def addresses(service: Service) -> set[str]:
    body = service.get("/feeds/gongan.json")[2]
    return {found.decode() for found in ADDRESS.findall(body)}


def broken_addresses(service: Service) -> list[str]:
    """What the feed points to and is not there."""
    return [path for path in addresses(service) if service.get(path)[0] != 200]


def check_files(service: Service) -> None:
    """Each picture is one whole file, where the database says."""
    services = build_services(load_settings(service.environment))
    try:
        with services.db.read() as session:
            rows = session.execute(PICTURE.select()).all()
            names = {str(row.hash) for row in rows}
            shown = pictures.shown_names(session, names)
        assert {row.state for row in rows} == {"kept"}
        assert len(rows) == len(names) == len(shown) == STORIES
        files = [path for path in service.home.glob("media/*/??/*") if path.name[0] != "."]
        assert {path.name for path in files} == names
        assert {path.parts[-3] for path in files} == {"shown"}
        whole = {made.png(20 + number, 20) for number in range(STORIES)}
        assert {path.read_bytes() for path in files} == whole
    finally:
        services.close()
