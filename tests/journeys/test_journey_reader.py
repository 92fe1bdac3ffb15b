"""The main job: a partner's article reaches a real feed reader, and so do its correction and withdrawal."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from tests.needs import require_program
from tests.partner import Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

SECOND_TEXT = (
    "江湾区公安分局在三处集市设点，为商户现场办理居住登记，全天接待群众二百余人次，并发放防骗提示。"
)


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        site.publish("/rss.xml", rss([Story(1), Story(2)]))
        yield site


@pytest.fixture
def service(tmp_path: Path, partner: Partner) -> Iterator[Service]:
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    with started(service, "run", "--no-demo"):
        service.ask(
            "sources", "add", f"{partner.url}/rss.xml", "--slug", "partner", "--category", "gongan",
            "--every", "1",
        )  # fmt: skip
        yield service


class Newsboat:
    """A subscriber with a cache of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self._folder = folder
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").write_text("download-retries 1\nmax-items 0\n")

    def reload(self) -> dict[str, tuple[str, str]]:
        """Reload as a person would with `newsboat -x reload`; return guid → (title, content)."""
        folder = self._folder
        subprocess.run(
            [
                "newsboat", "-q", "-u", folder / "urls", "-c", folder / "cache.db",
                "-C", folder / "config", "-x", "reload",
            ],
            check=True,
            timeout=60,
            env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            capture_output=True,
        )  # fmt: skip
        with sqlite3.connect(folder / "cache.db") as cache:
            rows = cache.execute("SELECT guid, title, content FROM rss_item").fetchall()
        assert len({guid for guid, _, _ in rows}) == len(rows), "an item stands twice"
        return {guid: (title, content) for guid, title, content in rows}


def shown(service: Service, title: str, format: str) -> str:
    """Wait until the feed shows a title; return the document."""

    def look() -> str:
        status, _, body = service.get(f"/feeds/gongan.{format}")
        text = body.decode()
        return text if status == 200 and title in text else ""

    return eventually(look, f"{title} in gongan.{format}")


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_newsboat_follows_news_correction_and_withdrawal(
    tmp_path: Path, service: Service, partner: Partner, format: str
) -> None:
    require_program("newsboat")
    reader = Newsboat(tmp_path / "reader", f"{service.url}/feeds/gongan.{format}")
    shown(service, Story(2).headline, format)
    assert {title for title, _ in reader.reload().values()} == {
        Story(1).headline,
        Story(2).headline,
    }

    partner.publish("/rss.xml", rss([Story(1), Story(2), Story(3, text=SECOND_TEXT)]))
    shown(service, Story(3).headline, format)
    assert len(reader.reload()) == 3

    [article] = [
        each for each in service.ask("articles", "list") if each["title"] == Story(3).headline
    ]
    service.ask(
        "articles", "correct", str(article["id"]), "--title", "集市窗口今起每周三开放",
        "--reason", "开放日期有误",
    )  # fmt: skip
    after = reader.reload()
    assert len(after) == 3, "a correction is not a new item"
    title, content = after[article["guid"]]
    assert title == "集市窗口今起每周三开放"
    assert "开放日期有误" in content

    service.ask("articles", "withdraw", str(article["id"]), "--reason", "内容失实")
    after = reader.reload()
    assert len(after) == 3
    title, content = after[article["guid"]]
    assert "撤稿" in title
    assert "江湾区公安分局" not in content
    assert "内容失实" in content
    assert service.get(f"/a/{article['id']}")[0] == 410


def test_feedparser_reads_back_what_is_stored(service: Service) -> None:
    shown(service, Story(2).headline, "rss")
    stored = {
        each["guid"]: service.ask("articles", "show", str(each["id"]))
        for each in service.ask("articles", "list")
    }
    for format in ("rss", "atom"):
        feed = feedparser.parse(service.get(f"/feeds/gongan.{format}")[2])
        assert not feed.bozo
        assert {entry.id for entry in feed.entries} == stored.keys()
        for entry in feed.entries:
            article = stored[entry.id]
            assert entry.title == article["title"]
            assert entry.link == f"{service.url}/a/{article['id']}"
            assert (
                entry.published_parsed[:5]
                == Story(
                    int(article["link"].rsplit("/", 1)[1].removesuffix(".html"))
                ).published_at.timetuple()[:5]
            )
            assert article["body_html"] in entry.content[0].value


LIST_RULES = """
[list]
items = "ul.news > li"
link = "a"
date = "span"

[page]
title = "h1"
date = ".time"
body = ".text"
"""


@pytest.mark.parametrize("kind", ["feed", "list"])
def test_source_added_while_running_is_in_the_feeds_two_seconds_after_its_poll(
    tmp_path: Path, service: Service, partner: Partner, kind: str
) -> None:
    story = Story(7, text=SECOND_TEXT)
    rules = tmp_path / "rules.toml"
    rules.write_text(LIST_RULES)
    publish_second(partner, story)
    wanted = ["--kind", "list", "--rules", str(rules)] if kind == "list" else []
    service.ask(
        "sources", "add", f"{partner.url}/second.{kind}", "--slug", "second",
        "--category", "gongan", *wanted,
    )  # fmt: skip
    shown(service, story.headline, "json")
    seen_at = datetime.now(UTC)
    [run] = service.ask("sources", "show", "second")["runs"]
    assert (run["status"], run["new"]) == ("ok", 1)
    polled_at = datetime.fromisoformat(run["finished_at"])
    assert (seen_at - polled_at).total_seconds() <= 2
    for format in ("rss", "atom"):
        assert SECOND_TEXT in shown(service, story.headline, format)


def publish_second(partner: Partner, story: Story) -> None:
    """The same article behind a feed and behind a list page."""
    html = ("Content-Type", "text/html; charset=utf-8")
    partner.publish("/second.feed", rss([story], link_base="https://other.example/n"))
    partner.publish(
        "/second.list",
        f'<html><body><ul class="news"><li><a href="/n/7.html">{story.headline}</a>'
        "<span>2026-08-08</span></li></ul></body></html>",
        html,
    )
    partner.publish(
        "/n/7.html",
        f'<html><body><h1>{story.headline}</h1><div class="time">2026-08-08 10:07</div>'
        f'<div class="text"><p>{story.text}</p></div></body></html>',
        html,
    )
