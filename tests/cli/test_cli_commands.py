"""The command line as a user meets it: statuses, one-sentence errors, JSON shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.partner import Story, partner_site, rss
from tests.running import Service, service_in


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return service_in(tmp_path / "home")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["sources", "add"], "URL"),
        (["sources", "add", "ftp://x", "--slug", "s", "--category", "c"], "url"),
        (["sources", "add", "http://x/", "--slug", "Über", "--category", "c"], "slug"),
        (["sources", "add", "http://x/", "--slug", "s", "--category", "c", "--every", "0"], "every"),
        (["sources", "add", "http://x/", "--slug", "s", "--category", "c", "--timezone", "CST6"], "timezone"),
        (["sources", "add", "http://x/", "--slug", "s", "--category", "c", "--charset", "utf-9"], "charset"),
        (["sources", "add", "http://x/", "--slug", "s", "--category", "c", "--kind", "list"], "rules"),
        (["sources", "add", "http://x/", "--slug", "s", "--category", "c", "--kind", "page"], "--kind"),
        (["categories", "add", "all", "--title", "全部"], "slug"),
        (["articles", "withdraw", "1"], "--reason"),
        (["nonsense"], "nonsense"),
        (["inspect", "no-such-file", "--as", "page"], "no-such-file"),
        (["inspect", __file__, "--as", "page", "--charset", "utf-9"], "charset"),
        (["inspect", __file__, "--as", "page", "--charset", "hex"], "charset"),
    ],
)  # fmt: skip
def test_misuse_is_status_2_and_names_the_argument(
    service: Service, arguments: list[str], named: str
) -> None:
    done = service.run(*arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["FEEDSVC_PROT", "FEEDSVC_SECRET_FILE"])
def test_unknown_setting_is_status_2_and_named(service: Service, key: str) -> None:
    wrong = Service(service.home, service.port, {**service.environment, key: "1"})
    done = wrong.run("sources", "list")
    assert done.returncode == 2
    assert key in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["sources", "show", "nobody"],
        ["sources", "poll", "nobody"],
        ["sources", "pause", "nobody"],
        ["categories", "rename", "nobody", "--title", "x"],
        ["articles", "show", "4711"],
        ["articles", "withdraw", "4711", "--reason", "失实"],
        ["sources", "add", "http://x/", "--slug", "s", "--category", "nobody"],
    ],
)
def test_what_is_not_there_is_status_1(service: Service, arguments: list[str]) -> None:
    done = service.run(*arguments)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    told = service.run(*arguments, "--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["kind"] == "not_found"


def test_adding_again_is_done_with_equal_values_and_fails_with_others(service: Service) -> None:
    assert service.ask("categories", "add", "gongan", "--title", "公安要闻")["created"]
    assert not service.ask("categories", "add", "gongan", "--title", "公安要闻")["created"]
    assert service.run("categories", "add", "gongan", "--title", "别的").returncode == 1
    source = ["sources", "add", "http://partner.example/rss", "--slug", "s", "--category", "gongan"]
    assert service.ask(*source)["created"]
    assert not service.ask(*source)["created"]
    assert service.run(*source, "--every", "60").returncode == 1


def test_poll_reports_each_source_and_fails_when_one_failed(service: Service) -> None:
    with partner_site() as partner:
        partner.publish("/good.xml", rss([Story(1)]))
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
        for slug in ("good", "bad"):
            service.ask(
                "sources",
                "add",
                f"{partner.url}/{slug}.xml",
                "--slug",
                slug,
                "--category",
                "gongan",
            )
        done = service.run("sources", "poll", "good", "bad", "--json")
    assert done.returncode == 1
    good, bad = json.loads(done.stdout)
    assert (good["source"], good["status"], good["new"], good["error"]) == ("good", "ok", 1, None)
    assert (bad["status"], bad["error"]["kind"]) == ("failed", "http_status")
    [article] = service.ask("articles", "list")
    assert article["title"] == Story(1).headline
    shown = service.ask("articles", "show", article["guid"])
    assert shown["revisions"][0]["actor"] == "source:good"


def test_rules_file_that_is_no_toml_is_named(service: Service, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[list\n")
    done = service.run(
        "sources", "add", "http://x/", "--slug", "s", "--category", "c", "--rules", str(rules)
    )
    assert done.returncode == 2
    assert "rules.toml" in done.stderr


def test_review_policy_holds_until_released(service: Service) -> None:
    with partner_site() as partner:
        partner.publish("/rss.xml", rss([Story(1)]))
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
        service.ask(
            "sources", "add", f"{partner.url}/rss.xml", "--slug", "s", "--category", "gongan",
            "--policy", "review",
        )  # fmt: skip
        service.ask("sources", "poll", "s")
    [held] = service.ask("articles", "list", "--status", "held")
    assert service.ask("articles", "release", str(held["id"]))["status"] == "live"
    assert service.run("articles", "release", str(held["id"])).returncode == 1


def test_inspect_needs_no_database(service: Service, tmp_path: Path) -> None:
    saved = tmp_path / "feed.xml"
    saved.write_text(rss([Story(1)]), encoding="utf-8")
    shape = service.ask("inspect", str(saved), "--as", "feed")
    [item] = shape["items"]
    assert (shape["format"], item["key"], item["title"]) == (
        "rss-2.0",
        "story-1",
        Story(1).headline,
    )
    assert item["published_at"] == "2026-08-08T10:01:00+08:00"
    assert not service.home.exists()


def test_inspect_reads_a_list_without_rules_by_our_top_proposal(
    service: Service, tmp_path: Path
) -> None:
    rows = "".join(
        f"<li><a href='./202608/t20260808_{n}.html'>云岭镇第{n}次开放日活动举行</a><span>2026-08-08</span></li>"
        for n in range(101, 109)
    )
    saved = tmp_path / "list.html"
    saved.write_text(f"<ul class='news'>{rows}</ul>", encoding="utf-8")
    base = "http://partner.example/n1/index.html"
    shape = service.ask("inspect", str(saved), "--as", "list", "--url", base)
    assert shape["rules"]["list"]["items"] == "ul.news > li"
    assert shape["items"][0] == {
        "title": "云岭镇第101次开放日活动举行",
        "link": "http://partner.example/n1/202608/t20260808_101.html",
        "published_at": "2026-08-08",
    }
    told = service.ask("inspect", str(saved), "--url", base)
    assert told["looks_like"] == "list"
    assert told["proposals"][0]["rules"] == shape["rules"]
    assert told["proposals"][0]["samples"][0] == shape["items"][0]
    words = service.run("inspect", str(saved), "--url", base)
    assert words.returncode == 0
    assert "ul.news > li" in words.stdout


def test_inspect_of_a_list_without_any_list_says_what_to_do(
    service: Service, tmp_path: Path
) -> None:
    saved = tmp_path / "page.html"
    saved.write_text("<html><body><p>首页</p></body></html>", encoding="utf-8")
    done = service.run("inspect", str(saved), "--as", "list", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "rules_mismatch"
    assert "give rules" in error["message"]


def test_inspect_refusal_is_an_error_on_standard_output(service: Service, tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    saved.write_text("<html><body><p>首页</p></body></html>", encoding="utf-8")
    done = service.run("inspect", str(saved), "--as", "feed", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "not_a_feed"
    assert error["message"].startswith(str(saved))


def test_configuration_shows_where_a_value_comes_from(service: Service) -> None:
    shown = service.ask("config", "show")
    assert shown["port"] == {"value": service.port, "from": "environment"}
    assert shown["poll_workers"]["from"] == "default"
    assert service.ask("config", "check") == {"ok": True}


def test_database_is_checked_before_and_after_its_upgrade(service: Service) -> None:
    assert service.run("db", "check").returncode == 1
    assert service.ask("db", "upgrade")["before"] is None
    assert service.ask("db", "check")["ok"]


def test_messages_are_chinese_unless_english_is_asked_for(service: Service) -> None:
    chinese = Service(service.home, service.port, {**service.environment, "FEEDSVC_LANGUAGE": "zh"})
    assert chinese.run("sources", "show", "nobody").stderr.startswith("错误")
    assert service.run("sources", "show", "nobody").stderr.startswith("Error")
