"""`sources preview`: what a URL would be as a source, item by item, with nothing stored."""

from __future__ import annotations

import json
import shlex
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.cli.preview_shapes import toml_of
from feedsvc.curate.slugs import slug_of
from feedsvc.demo.site import DemoSite
from tests.listing_site import HTML, PROSE, publish_list
from tests.partner import Answer, Story, partner_site, rss
from tests.running import Service, service_in


@pytest.fixture
def service(tmp_path: Path) -> Service:
    running = service_in(tmp_path / "home")
    running.ask("categories", "add", "gongan", "--title", "公安要闻")
    return running


def preview(service: Service, url: str, *options: str) -> dict[str, Any]:
    shape: dict[str, Any] = service.ask("sources", "preview", url, *options)
    return shape


def save(service: Service, shape: dict[str, Any], tmp_path: Path) -> None:
    """Do what the preview says: write the rules file and run the command."""
    words = shlex.split(shape["save"]["command"])
    if shape["save"]["rules_toml"]:
        rules = tmp_path / "rules.toml"
        rules.write_text(shape["save"]["rules_toml"], encoding="utf-8")
        words[words.index("rules.toml")] = str(rules)
    assert service.ask(*words[1:])["created"]


def test_a_list_is_previewed_saved_and_polled_as_it_was_shown(
    service: Service, tmp_path: Path
) -> None:
    with partner_site() as partner:
        publish_list(partner, 12)
        url = f"{partner.url}/ga/index.html"
        shape = preview(service, url, "--category", "gongan")
        assert (shape["looks_like"], shape["source"]["kind"]) == ("list", "list")
        assert shape["proposals"][0]["rules"] == shape["source"]["rules"]
        assert shape["proposals"][0]["confidence"] >= 0.8
        assert len(shape["items"]) == 10
        assert [item["read"] for item in shape["items"]] == [True] * 3 + [False] * 7
        first = shape["items"][0]
        assert first["title"] == "云岭镇第0次夜间窗口开放"
        assert first["published_at"] == "2026-08-08T10:05:00+08:00"
        assert first["attribution"] == "云岭警务网"
        assert first["body_length"] > 100
        assert first["confidence"]["title"] > 0.5
        assert {item["verdict"] for item in shape["items"]} == {"new"}
        assert sum(partner.requests.values()) == 4
        assert service.ask("articles", "list") == []
        assert service.ask("sources", "list") == []
        save(service, shape, tmp_path)
        slug = service.ask("sources", "list")[0]["slug"]
        [run] = service.ask("sources", "poll", slug)
        assert run["new"] == 12
        again = preview(service, url)
        assert {item["verdict"] for item in again["items"]} == {"known"}
        assert all(item["article"] for item in again["items"])


def test_a_feed_is_shown_and_saved(service: Service, tmp_path: Path) -> None:
    with partner_site() as partner:
        partner.publish("/rss.xml", rss([Story(1), Story(2)]))
        shape = preview(service, f"{partner.url}/rss.xml", "--category", "gongan")
        assert (shape["looks_like"], shape["source"]["kind"]) == ("feed", "feed")
        assert [item["title"] for item in shape["items"]] == [
            Story(2).headline,
            Story(1).headline,
        ]
        save(service, shape, tmp_path)
        [stored] = service.ask("sources", "list")
        [run] = service.ask("sources", "poll", stored["slug"])
        assert run["new"] == 2


def test_what_another_source_gave_us_is_known(service: Service) -> None:
    with partner_site() as partner:
        partner.publish("/a.xml", rss([Story(1)]))
        other = Story(
            2,
            title="望川法院审结一起渡口纠纷",
            text="两家船主为停靠先后争了三年，法官请来老渡工作证，当庭说和。",
        )
        partner.publish("/b.xml", rss([Story(1), other]))
        service.ask("sources", "add", f"{partner.url}/a.xml", "--slug", "a", "--category", "gongan")
        service.ask("sources", "poll", "a")
        [article] = service.ask("articles", "list")
        new, known = preview(service, f"{partner.url}/b.xml")["items"]
        assert (new["verdict"], new["article"]) == ("new", None)
        assert (known["verdict"], known["article"]) == ("known", article["id"])


def test_what_repeats_another_sources_article_is_told(service: Service) -> None:
    text = (
        "清晨六点，云岭镇派出所的窗口前已经有人排队，民警把热水送到每个人手里。老周在桥头支起修表的摊子，"
        "说夜间窗口开了以后，自己收摊再来办证也不迟。镇上的调解室就设在菜市场二楼，谁家有了口角，先上楼喝一杯茶。"
        "入秋以后，巡逻的路线改到了河堤，十七户靠水的人家都记下了值班电话。县里把这些做法编成小册子发到各村。"
    ) * 2
    with partner_site() as partner:
        partner.publish("/a.xml", rss([Story(1, text=text)], link_base="http://a.example/n"))
        partner.publish(
            "/b.xml",
            rss([Story(1, text=f"本网讯 {text}")], link_base="http://b.example/x").replace(
                "story-1", "other-1"
            ),
        )
        service.ask("sources", "add", f"{partner.url}/a.xml", "--slug", "a", "--category", "gongan")
        service.ask("sources", "poll", "a")
        [article] = service.ask("articles", "list")
        [item] = preview(service, f"{partner.url}/b.xml")["items"]
        assert (item["verdict"], item["article"]) == ("near", article["id"])


def test_a_page_that_names_feeds_leads_to_the_first_that_has_items(service: Service) -> None:
    with partner_site() as partner:
        declared = "".join(
            f"<link rel='alternate' type='application/rss+xml' href='{path}'>"
            for path in ("/empty.xml", "/ga.xml")
        )
        publish_list(partner, 6, declared)
        partner.publish("/empty.xml", rss([]))
        partner.publish("/ga.xml", rss([Story(1)]))
        shape = preview(service, f"{partner.url}/ga/index.html")
        assert shape["looks_like"] == "feed_links"
        assert shape["source"] == {"url": f"{partner.url}/ga.xml", "kind": "feed", "rules": {}}
        assert len(shape["feeds"]) == 2
        assert [item["title"] for item in shape["items"]] == [Story(1).headline]
        assert shape["proposals"], "the list is still there to be chosen"


def test_rules_of_the_operator_are_tried_instead_of_ours(service: Service, tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text('[list]\nitems = "li"\nlink = "a"\n', encoding="utf-8")
    with partner_site() as partner:
        publish_list(partner, 5)
        shape = preview(service, f"{partner.url}/ga/index.html", "--rules", str(rules))
        assert shape["source"]["rules"] == {"list": {"items": "li", "link": "a"}}
        assert len(shape["items"]) == 5


def test_json_is_read_by_paths(service: Service) -> None:
    rows = [
        {"title": f"云岭镇第{n}次夜间窗口开放", "url": f"/ga/2026/{4100 + n}.html", "date": "2026-08-08"}
        for n in range(5)
    ]  # fmt: skip
    with partner_site() as partner:
        body = json.dumps({"data": {"rows": rows}}, ensure_ascii=False)
        partner.publish("/list.json", body, ("Content-Type", "application/json"))
        publish_list(partner, 1)
        shape = preview(service, f"{partner.url}/list.json")
        assert shape["looks_like"] == "json"
        assert shape["source"]["rules"]["list"]["items"] == "json:data.rows"
        assert [item["title"] for item in shape["items"]] == [row["title"] for row in rows]
        assert len(shape["rejections"]) == 3, "pages that are not there are said so"


def test_an_article_and_a_challenge_cannot_be_sources(service: Service) -> None:
    with partner_site() as partner:
        partner.publish(
            "/a.html", f"<html><h1>云岭的清晨</h1><div><p>{PROSE}</p></div></html>", HTML
        )
        done = service.run("sources", "preview", f"{partner.url}/a.html", "--json")
        shape = json.loads(done.stdout)
        assert done.returncode == 1
        assert (shape["looks_like"], shape["save"]) == ("article", None)
        assert [item["title"] for item in shape["items"]] == ["云岭的清晨"]
        partner.pages["/x"] = Answer(
            b"<script>document.cookie='k=1';location.reload()</script>", status=521, headers=(HTML,)
        )
        done = service.run("sources", "preview", f"{partner.url}/x", "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["looks_like"] == "blocked"
        assert json.loads(done.stdout)["error"]["kind"] == "blocked"
        done = service.run("sources", "preview", f"{partner.url}/gone")
        assert done.returncode == 1
        assert "404" in done.stderr


def test_people_read_what_to_type(service: Service) -> None:
    with partner_site() as partner:
        publish_list(partner, 6)
        done = service.run("sources", "preview", f"{partner.url}/ga/index.html")
    assert done.returncode == 0
    assert "feedsvc sources add" in done.stdout
    assert 'items = "ul.news > li"' in done.stdout
    assert "Traceback" not in done.stderr


def test_the_demo_partners_list_needs_no_rules(service: Service) -> None:
    site = DemoSite(datetime.now(UTC))
    site.start()
    try:
        shape = preview(service, site.urls["list"])
        assert shape["looks_like"] == "list"
        assert shape["source"]["rules"]["list"]["items"] == "ul.txt-list > li"
        assert all(item["title"] for item in shape["items"])
        assert all(item["attribution"] and item["body_length"] for item in shape["items"][:3])
    finally:
        site.stop()


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://www.yunling.example/ga/index.html", "yunling-ga"),
        ("https://news.yunling.gov.cn/", "yunling"),
        ("http://127.0.0.1:8899/n3559/index.html", "127"),
        ("http://云岭.example/", "source"),
    ],
)
def test_slugs_to_begin_with(url: str, slug: str) -> None:
    assert slug_of(url) == slug


def test_rules_as_toml_read_back_the_same() -> None:
    rules = {
        "list": {
            "items": "xpath:.//li[.//a[contains(@href,'/t\\\"20')]]",
            "title": 'a[title="云"]',
        },
        "page": {"body": ".text"},
    }
    assert tomllib.loads(toml_of(rules)) == rules


def test_what_was_previewed_can_be_kept_as_cases(service: Service, tmp_path: Path) -> None:
    with partner_site() as partner:
        publish_list(partner, 12)
        url = f"{partner.url}/ga/index.html"
        shape = preview(service, url, "--category", "gongan", "--save", "yunling")
        assert "--slug yunling" in shape["save"]["command"]
    rules = tmp_path / "rules.toml"
    rules.write_text(shape["save"]["rules_toml"], encoding="utf-8")
    service.ask(
        "sources", "add", url, "--slug", "yunling", "--category", "gongan", "--kind", "list",
        "--rules", str(rules),
    )  # fmt: skip
    [checked] = service.ask("sources", "check", "yunling")
    assert checked == {"slug": "yunling", "documents": 4, "differences": []}
