"""A section moves and ends while a real reader follows it, by real commands over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.test_journey_reader import Newsboat
from tests.needs import require_program
from tests.partner import Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        site.publish("/rss.xml", rss([Story(1), Story(2)]))
        yield site


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, partner: Partner) -> Iterator[Service]:
    service = service_in(tmp_path_factory.mktemp("sections") / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    service.ask("categories", "add", "zonghe", "--title", "综合")
    with started(service, "run", "--no-demo"):
        service.ask(
            "sources", "add", f"{partner.url}/rss.xml", "--slug", "partner", "--category", "gongan",
            "--every", "1",
        )  # fmt: skip
        eventually(lambda: Story(2).headline in text(service, "gongan"), "the first articles")
        yield service


def text(service: Service, slug: str) -> str:
    return service.get(f"/feeds/{slug}.rss")[2].decode()


def test_a_reader_follows_a_section_to_its_new_name_and_to_its_end(
    tmp_path: Path, service: Service, partner: Partner
) -> None:
    require_program("newsboat")
    reader = Newsboat(tmp_path / "reader", f"{service.url}/feeds/gongan.rss")
    before = reader.reload()
    assert len(before) == 2

    service.ask("categories", "rename", "gongan", "--slug", "jingwu", "--title", "警务要闻")
    partner.publish("/rss.xml", rss([Story(1), Story(2), Story(3)]))
    eventually(lambda: Story(3).headline in text(service, "jingwu"), "news under the new name")
    after = reader.reload()
    assert len(after) == 3, "the same guids, and one more"
    assert before.keys() < after.keys()
    refused = service.run("categories", "add", "gongan", "--title", "别的")
    assert refused.returncode == 1, "a former name is given to no other"

    refused = service.run("categories", "retire", "jingwu", "--reason", "栏目合并")
    assert refused.returncode == 1
    assert "partner" in refused.stderr, "the source that fills it is named"
    told = service.ask(
        "categories", "retire", "jingwu", "--reason", "栏目合并", "--to", "zonghe"
    )  # fmt: skip
    assert told["to"] == "zonghe"
    last = [each for each in reader.reload().items() if each[0] not in after]
    [(_, (title, content))] = last
    assert title == "【停更】警务要闻"
    assert "/feeds/zonghe" in content
    partner.publish("/rss.xml", rss([Story(1), Story(2), Story(3), Story(4)]))
    eventually(lambda: Story(4).headline in text(service, "zonghe"), "news in the other section")
    assert Story(4).headline not in text(service, "jingwu")
    assert [each["slug"] for each in service.ask("categories", "list") if each["retired_at"]] == [
        "jingwu"
    ]
