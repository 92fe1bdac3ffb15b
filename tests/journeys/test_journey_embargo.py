"""What is held until a minute, by real commands and a real scheduler: nothing before it, and soon after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.running import Service, eventually, service_in, started

SECRET = "守口如瓶直到这一分钟"
OUTPUTS = (
    "/", "/c/gongan", "/feeds/gongan", "/feeds/gongan.rss", "/feeds/gongan.atom",
    "/feeds/gongan.json", "/feeds/all.json", "/feeds/gongan.json?since=0", "/sitemap.xml",
)  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = service_in(tmp_path_factory.mktemp("embargo") / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    with started(service, "web"):
        yield service


def leaks(service: Service, words: str) -> list[str]:
    return [path for path in OUTPUTS if words in service.get(path)[2].decode()]


def take_in(service: Service, folder: Path, number: int, until: datetime) -> dict[str, Any]:
    item = {
        "uri": f"urn:ours:{number}",
        "headline": f"{SECRET}{number}",
        "body_html": f"<p>{SECRET}{number}，全文在此。</p>",
        "versioncreated": "2026-11-20T10:00:00+08:00",
        "embargoed": until.isoformat(),
    }
    file = folder / f"{number}.json"
    file.write_text(json.dumps(item))
    [told] = service.ask("articles", "import", str(file), "--category", "gongan")
    assert told["new"] == 1, told
    found: list[dict[str, Any]] = service.ask("articles", "list", "--scheduled")
    return next(each for each in found if each["title"] == item["headline"])


def test_an_article_is_out_within_two_seconds_of_its_minute_and_never_before(
    service: Service, tmp_path: Path
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    waiting = take_in(service, tmp_path, 1, until)
    assert waiting["status"] == "held"
    assert datetime.fromisoformat(waiting["release_at"]) == until
    assert waiting["approved"] is True
    number = str(waiting["id"])
    soon = datetime.now(UTC) + timedelta(seconds=7)
    told = service.ask("articles", "release", number, "--at", soon.isoformat())
    assert datetime.fromisoformat(told["release_at"]) == soon
    with started(service, "scheduler", answers=False):
        seen: list[datetime] = []
        wanted = f"{SECRET}1"

        def is_out() -> bool:
            at = datetime.now(UTC)
            found = wanted in service.get("/feeds/gongan.json")[2].decode()
            if at < soon - timedelta(seconds=0.5):
                assert leaks(service, wanted) == []
            if found:
                seen.append(datetime.now(UTC))
            return found

        eventually(is_out, "the released article")
        assert timedelta(0) <= seen[0] - soon <= timedelta(seconds=2)
        items = json.loads(service.get("/feeds/gongan.json")[2])["items"]
        [entry] = [each for each in items if each["title"] == wanted]
        published = datetime.fromisoformat(entry["date_published"])
        assert published == soon.replace(microsecond=0)
    left = service.ask("articles", "list", "--scheduled")
    assert wanted not in {each["title"] for each in left}


def test_a_minute_that_passed_while_no_scheduler_ran_is_made_good_at_the_next_start(
    service: Service, tmp_path: Path
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    take_in(service, tmp_path, 2, until)
    eventually(lambda: datetime.now(UTC) > until, "the minute")
    wanted = f"{SECRET}2"
    assert wanted not in service.get("/feeds/gongan.json")[2].decode()
    with started(service, "scheduler", answers=False):
        eventually(
            lambda: wanted in service.get("/feeds/gongan.json")[2].decode(), "the late article"
        )


def test_an_editor_lets_it_go_at_once(service: Service, tmp_path: Path) -> None:
    waiting = take_in(service, tmp_path, 3, datetime.now(UTC) + timedelta(hours=9))
    refused = service.run("articles", "release", str(waiting["id"]))
    assert refused.returncode == 1
    service.ask("articles", "release", str(waiting["id"]), "--now")
    assert f"{SECRET}3" in service.get("/feeds/gongan.json")[2].decode()
