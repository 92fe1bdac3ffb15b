"""From a bare URL to a working source: the first poll finds out what it is, later polls are the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.listing_site import HTML, PROSE, publish_list
from tests.partner import Story, partner_site, rss
from tests.running import Service, service_in


@pytest.fixture
def service(tmp_path: Path) -> Service:
    running = service_in(tmp_path / "home")
    running.ask("categories", "add", "gongan", "--title", "公安要闻")
    return running


def add(service: Service, url: str, *options: str) -> dict[str, Any]:
    shape: dict[str, Any] = service.ask(
        "sources", "add", url, "--slug", "yunling", "--category", "gongan", *options
    )
    return shape


def poll(service: Service) -> dict[str, Any]:
    [run] = service.ask("sources", "poll", "yunling")
    return dict(run)


def failed_poll(service: Service) -> dict[str, Any]:
    done = service.run("sources", "poll", "yunling", "--json")
    assert done.returncode == 1
    [run] = json.loads(done.stdout)
    return dict(run)


def test_a_page_that_names_a_feed_is_followed_to_the_feed(service: Service) -> None:
    with partner_site() as partner:
        declared = "<link rel='alternate' type='application/rss+xml' href='/ga.xml'>"
        publish_list(partner, 6, declared)
        partner.publish("/ga.xml", rss([Story(1), Story(2)]))
        url = f"{partner.url}/ga/index.html"
        add(service, url)
        run = poll(service)
        assert (run["status"], run["new"], run["error"]) == ("ok", 2, None)
        assert {"kind": "discovered_feed", "detail": f"{partner.url}/ga.xml"} in run["repairs"]
        shown = service.ask("sources", "show", "yunling")
        assert (shown["kind"], shown["url"], shown["rules"]) == (
            "feed",
            f"{partner.url}/ga.xml",
            {},
        )
        assert shown["given_url"] == url
        assert poll(service)["status"] == "unchanged"
        assert partner.count("/ga/index.html") == 1
        assert not add(service, url)["created"]
        assert service.run("sources", "add", url, "--slug", "yunling", "--category", "gongan",
                           "--every", "60").returncode == 1  # fmt: skip


def test_a_list_page_is_read_by_the_proposal_that_the_first_poll_settles(service: Service) -> None:
    with partner_site() as partner:
        publish_list(partner, 8)
        url = f"{partner.url}/ga/index.html"
        add(service, url)
        run = poll(service)
        assert (run["status"], run["new"], run["error"]) == ("ok", 8, None)
        [note] = [each for each in run["repairs"] if each["kind"] == "discovered_list"]
        assert note["detail"].startswith("ul.news > li (")
        shown = service.ask("sources", "show", "yunling")
        assert (shown["kind"], shown["url"]) == ("list", url)
        assert shown["rules"]["list"]["items"] == "ul.news > li"
        publish_list(partner, 9)
        again = poll(service)
        assert (again["status"], again["new"]) == ("ok", 1)
        assert all(each["kind"] != "discovered_list" for each in again["repairs"])
        assert not add(service, url)["created"]


def test_page_rules_of_the_operator_stay_beside_the_proposed_list(
    service: Service, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[page]\nbody = ".text"\n', encoding="utf-8")
    with partner_site() as partner:
        publish_list(partner, 8)
        url = f"{partner.url}/ga/index.html"
        add(service, url, "--rules", str(rules))
        assert poll(service)["new"] == 8
        shown = service.ask("sources", "show", "yunling")["rules"]
        assert shown["page"] == {"body": ".text"}
        assert "items" in shown["list"]
        assert not add(service, url, "--rules", str(rules))["created"]


def test_a_feed_that_nobody_names_is_found_at_a_usual_path(service: Service) -> None:
    with partner_site() as partner:
        partner.publish("/", "<html><body><p>云岭警务网</p></body></html>", HTML)
        partner.publish("/feed", rss([Story(1)]))
        add(service, f"{partner.url}/")
        assert poll(service)["new"] == 1
        assert service.ask("sources", "show", "yunling")["url"] == f"{partner.url}/feed"


def test_named_feeds_that_are_none_lead_back_to_the_list(service: Service) -> None:
    with partner_site() as partner:
        declared = "".join(
            f"<link rel='alternate' type='application/rss+xml' href='{path}'>"
            for path in ("/gone.xml", "/empty.xml", "/ga/index.html?rss")
        )
        publish_list(partner, 8, declared)
        partner.publish("/empty.xml", rss([]))
        add(service, f"{partner.url}/ga/index.html")
        assert poll(service)["new"] == 8


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (f"<h1>云岭的清晨</h1><div><p>{PROSE}</p></div>", "not_a_feed", "one article"),
        ("<p>改版中</p>", "not_a_feed", "sources preview"),
        (
            "".join(f"<p><a href='/p{n}'>云岭镇便民服务栏目第{n}页</a></p>" for n in range(4)),
            "rules_mismatch",
            "--kind list",
        ),
    ],
)
def test_what_cannot_be_settled_says_what_to_do_and_stays_open(
    service: Service, body: str, kind: str, words: str
) -> None:
    with partner_site() as partner:
        partner.publish("/x/", f"<html><body>{body}</body></html>", HTML)
        add(service, f"{partner.url}/x/")
        run = failed_poll(service)
        assert run["status"] == "failed"
        assert run["error"]["kind"] == kind
        assert words in run["error"]["message"]
        assert service.ask("sources", "show", "yunling")["kind"] == "auto"
        publish_list(partner, 8, path="/x/")
        assert poll(service)["new"] == 8
