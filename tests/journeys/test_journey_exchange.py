"""Sources travel as OPML from one service to another and keep all that is known of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import Service, service_in

RULES = '[list]\nitems = "ul.news > li"\nlink = "a"\n'
PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>reader</title></head><body>
<outline text="公安要闻"><outline type="rss" text="云岭" xmlUrl="http://www.yunling.example/rss.xml"/></outline>
<outline text="其他"><outline type="rss" text="江湾" xmlUrl="http://www.jiangwan.example/feed"/>
<outline type="rss" text="江湾二" xmlUrl="http://news.jiangwan.example/feed"/></outline>
</body></opml>"""


@pytest.fixture
def service(tmp_path: Path) -> Service:
    running = service_in(tmp_path / "home")
    running.ask("categories", "add", "gongan", "--title", "公安要闻")
    return running


def test_sources_come_back_in_an_empty_service(service: Service, tmp_path: Path) -> None:
    rules, file = tmp_path / "rules.toml", tmp_path / "sources.opml"
    rules.write_text(RULES, encoding="utf-8")
    service.ask("sources", "add", "http://a.example/rss?a=1&b=2", "--slug", "a", "--category", "gongan",
                "--title", "云岭 & 江湾", "--policy", "review", "--every", "60")  # fmt: skip
    service.ask("sources", "add", "http://b.example/list/", "--slug", "b", "--category", "gongan",
                "--kind", "list", "--rules", str(rules), "--charset", "gb18030")  # fmt: skip
    service.ask("sources", "pause", "b")
    service.ask("sources", "export", "--to", str(file))
    assert service.ask("sources", "export")["opml"] == file.read_text(encoding="utf-8")
    other = service_in(tmp_path / "other")
    done = other.ask("sources", "import", str(file))
    assert (done["created"], done["present"], done["failed"]) == (2, 0, 0)
    kept = (
        "slug",
        "url",
        "title",
        "category",
        "kind",
        "policy",
        "every_seconds",
        "charset",
        "rules",
        "paused",
    )
    for mine, theirs in zip(
        service.ask("sources", "list"), other.ask("sources", "list"), strict=True
    ):
        assert {key: mine[key] for key in kept} == {key: theirs[key] for key in kept}
    assert other.ask("categories", "list")[0]["title"] == "公安要闻"
    assert other.ask("sources", "import", str(file))["present"] == 2


def test_another_readers_file_needs_a_section(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "reader.opml"
    file.write_text(PLAIN, encoding="utf-8")
    done = service.run("sources", "import", str(file))
    assert done.returncode == 2
    assert "--category" in done.stderr
    assert service.ask("sources", "list") == []
    service.ask("categories", "add", "other", "--title", "综合")
    done = service.ask("sources", "import", str(file), "--category", "other")
    assert [(each["slug"], each["category"]) for each in done["sources"]] == [
        ("yunling", "gongan"),
        ("jiangwan-feed", "other"),
        ("jiangwan-feed-2", "other"),
    ]
    assert service.ask("sources", "import", str(file), "--category", "other")["present"] == 3
    assert service.run("sources", "import", str(file), "--category", "nobody").returncode == 1


def test_one_bad_outline_does_not_stop_the_others(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "reader.opml"
    bad = '<outline text="坏" xmlUrl="ftp://x.example/"/>'
    file.write_text(PLAIN.replace("</body>", bad + "</body>"), encoding="utf-8")
    done = service.run("sources", "import", str(file), "--category", "gongan", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["created"], told["failed"]) == (3, 1)
    assert told["sources"][-1]["error"]["kind"] == "usage"


def test_a_file_that_is_no_opml_is_status_2(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "wrong.opml"
    file.write_text("<html></html>", encoding="utf-8")
    done = service.run("sources", "import", str(file), "--category", "gongan")
    assert done.returncode == 2
    assert "wrong.opml" in done.stderr
