"""Filters and house words from the command line to the poll, and back out by `release`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.partner import Partner, Story, partner_site, rss
from tests.running import Service, service_in

COURT = Story(2, title="江湾法院公开宣判一起涉水案", text="江湾区人民法院今天公开宣判。" * 6)
HIRING = Story(3, title="柳河派出所招聘辅警公告", text="柳河派出所面向全市招聘辅警。" * 6)


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        yield site


@pytest.fixture
def service(tmp_path: Path, partner: Partner) -> Service:
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    service.ask("categories", "add", "fayuan", "--title", "法院")
    service.ask(
        "sources", "add", f"{partner.url}/rss.xml", "--slug", "partner", "--category", "gongan"
    )
    return service


def poll(service: Service, partner: Partner, *stories: Story) -> dict[str, object]:
    partner.publish("/rss.xml", rss(stories))
    [run] = service.ask("sources", "poll", "partner")
    assert isinstance(run, dict)
    return run


def stored(service: Service) -> dict[str, tuple[str, str]]:
    """Headline → (section, state)."""
    return {
        each["title"]: (each["category"], each["status"])
        for each in service.ask("articles", "list")
    }


def test_filters_sort_block_hold_and_rewrite_what_comes_in(
    service: Service, partner: Partner
) -> None:
    service.ask("filters", "add", "--when", "title=法院", "--to", "fayuan")
    service.ask("filters", "add", "--when", "title=招聘*公告", "--then", "block", "--note", "启事")
    service.ask("filters", "add", "--source", "partner", "--replace", "title", "夜间窗口", "夜班")
    service.ask("filters", "add", "--when", "text=群众下班后", "--then", "hold")
    run = poll(service, partner, Story(1), COURT, HIRING)
    assert (run["status"], run["new"]) == ("ok", 2)
    assert run["rejections"] == [
        {"subject": "guid:story-3", "kind": "blocked_by_filter", "message": "#2 启事"}
    ]
    assert stored(service) == {
        "云岭夜班第1天": ("gongan", "held"),
        COURT.headline: ("fayuan", "live"),
    }
    [held] = service.ask("articles", "list", "--status", "held")
    assert service.ask("articles", "show", str(held["id"]))["reason"] == "#4"
    service.ask("articles", "release", str(held["id"]))
    assert stored(service)["云岭夜班第1天"] == ("gongan", "live")


def test_a_sorted_article_stands_in_the_feed_of_its_section(
    service: Service, partner: Partner
) -> None:
    service.ask("filters", "add", "--when", "title=法院", "--to", "fayuan")
    poll(service, partner, Story(1), COURT)
    service.ask("publish")
    from feedsvc.services import build_services
    from feedsvc.settings import load_settings

    services = build_services(load_settings(dict(service.environment)))
    shelved = services.shelf.load_all()
    services.close()
    assert COURT.headline in shelved["/feeds/fayuan.rss"].body.decode()
    assert COURT.headline not in shelved["/feeds/gongan.rss"].body.decode()
    assert COURT.headline in shelved["/feeds/all.rss"].body.decode()


def test_a_word_holds_a_new_article_and_keeps_a_change_from_readers(
    service: Service, partner: Partner
) -> None:
    assert poll(service, partner, Story(1))["new"] == 1
    service.ask("words", "add", "记者站", "--advice", "记者")
    changed = Story(1, title="云岭记者站夜间窗口")
    run = poll(service, partner, changed, COURT)
    assert (run["new"], run["updated"]) == (1, 0)
    assert stored(service)[Story(1).headline] == ("gongan", "live")
    [waiting] = service.ask("review", "list")
    assert (waiting["kind"], waiting["reason"]) == ("held", "记者站")
    service.ask("review", "accept", str(waiting["id"]))
    assert stored(service)[changed.headline] == ("gongan", "live")
    assert poll(service, partner, changed, COURT, HIRING)["updated"] == 0


def test_a_held_change_lapses_when_the_partner_drops_the_word(
    service: Service, partner: Partner
) -> None:
    poll(service, partner, Story(1))
    service.ask("words", "add", "记者站")
    poll(service, partner, Story(1, title="云岭记者站夜间窗口"))
    better = Story(1, title="云岭记者点夜间窗口")
    assert poll(service, partner, better)["updated"] == 1
    assert service.ask("review", "list") == []
    assert stored(service)[better.headline] == ("gongan", "live")


def test_a_withdrawal_passes_every_filter(service: Service, partner: Partner) -> None:
    poll(service, partner, Story(1))
    service.ask("filters", "add", "--source", "partner", "--then", "block")
    assert poll(service, partner, Story(1, title="【撤稿】云岭夜间窗口第1天"))["withdrawn"] == 1


def test_a_dry_run_lists_what_would_match_and_stores_nothing(
    service: Service, partner: Partner
) -> None:
    poll(service, partner, Story(1), COURT)
    [hit] = service.ask("filters", "add", "--when", "title=法院", "--to", "fayuan", "--dry-run")
    assert (hit["title"], hit["category"], hit["outcome"]) == (COURT.headline, "fayuan", "keep")
    [hit] = service.ask("words", "add", "公开宣判", "--dry-run")
    assert (hit["outcome"], [word["text"] for word in hit["words"]]) == ("hold", ["公开宣判"])
    assert service.ask("filters", "list") == []
    assert service.ask("words", "list") == []


def test_filters_test_names_every_rule_that_matches(service: Service, partner: Partner) -> None:
    poll(service, partner, Story(1), COURT)
    first = service.ask("filters", "add", "--when", "title=法院", "--then", "block")
    service.ask("words", "add", "节假日")
    tried = {each["title"]: each for each in service.ask("filters", "test")}
    assert tried[COURT.headline]["filters"] == [first["id"]]
    assert tried[COURT.headline]["outcome"] == "block"
    assert tried[Story(1).headline]["outcome"] == "hold"
    service.ask("filters", "remove", str(first["id"]))
    assert [each["title"] for each in service.ask("filters", "test")] == [Story(1).headline]


def test_words_are_read_from_a_file_in_any_charset(tmp_path: Path, service: Service) -> None:
    file = tmp_path / "words.csv"
    file.write_bytes(
        "# 用语表\n记者站,form,记者\n柳和平,name\n\n镇长,title,镇人民政府镇长\n".encode("gb18030")
    )
    assert service.ask("words", "import", str(file)) == {"words": 3, "new": 3}
    assert [each["kind"] for each in service.ask("words", "list")] == ["form", "name", "title"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["filters", "add", "--then", "hold"], "when"),
        (["filters", "add", "--when", "title=x"], "then"),
        (["filters", "add", "--when", "title=x", "--then", "hold", "--to", "fayuan"], "then"),
        (["filters", "add", "--when", "titel=x", "--then", "hold"], "titel"),
        (["filters", "add", "--when", "title=*", "--then", "hold"], "title="),
        (["filters", "add", "--when", "title=x", "--replace", "link", "a", "b"], "link"),
        (["filters", "add", "--when", "title=x", "--replace", "title", "", "b"], "rewrite"),
        (["words", "add", "字"], "字"),
    ],
)
def test_what_cannot_work_is_status_2_and_named(
    service: Service, arguments: list[str], named: str
) -> None:
    done = service.run(*arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_line_of_a_word_file_is_named_and_nothing_is_stored(
    tmp_path: Path, service: Service
) -> None:
    file = tmp_path / "words.csv"
    file.write_text("记者站\n柳和平,person\n")
    done = service.run("words", "import", str(file))
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert service.ask("words", "list") == []
