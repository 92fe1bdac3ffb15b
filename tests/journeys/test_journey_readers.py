"""Real readers follow the feed over HTTP: 304, a correction once as changed, a withdrawn text gone.

What each does was recorded here:
- feedparser sends validators where its caller hands them over, and `A-IM: feed`; it takes a 226.
- lemon24/reader sends both and `A-IM: feed`, takes a 226, updates entries under their guid.
- sfeed sends no validators (200 at every poll) and never updates a line: it tells items apart by id,
  link and title, so a correction and a withdrawal come as one more line beside the old one.
- newsboat (2.21) has no place for the validators of a feed's first reload; from the third on it sends
  both and `A-IM: feed`, takes a 226, updates items under their guid.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import feedparser
import feedparser_sgmllib
import pytest
from reader import Reader, make_reader

from tests.journeys.test_journey_reader import Newsboat
from tests.needs import require_program
from tests.partner import Story, partner_site, rss
from tests.recording import Recorder, recording
from tests.running import Service, eventually, service_in, started

# lemon24/reader brings a feedparser of its own that still asks for the module by its old name.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)
SECRET = "江湾区公安分局在三处集市设点"
OLD = Story(
    3, title="集市设点办证", text=f"{SECRET}，为商户现场办理居住登记，全天接待群众二百余人次。"
)
MOVED = [
    Story(
        11, title="雾桥河岸栏杆换新", text="雾桥镇把河岸三百米旧栏杆全部换成石栏，雨季之前完工。"
    ),
    Story(
        12,
        title="雾桥小学护学岗增员",
        text="雾桥派出所在小学门口增设两名护学民警，早晚各值守一小时。",
    ),
]
NEW_TITLE = "集市窗口今起每周三开放"


@dataclass(slots=True)
class Parser:
    """feedparser as a subscriber that keeps the validators, as aggregators use it."""

    url: str
    last: Any = None
    entries: dict[str, tuple[str, str]] = field(default_factory=dict)

    def poll(self) -> None:
        known = self.last or {}
        read = feedparser.parse(self.url, etag=known.get("etag"), modified=known.get("modified"))
        if read.status in {200, 226, 301}:
            self.last = read
        for each in read.entries:
            self.entries[each.id] = (each.title, each.content[0].value)


@dataclass(slots=True)
class Lemon:
    """lemon24/reader."""

    url: str
    reader: Reader
    counts: tuple[int, int] = (0, 0)

    def poll(self) -> None:
        if self.reader.get_feed(self.url, None) is None:
            self.reader.add_feed(self.url)
        told = self.reader.update_feed(self.url)
        self.counts = (0, 0) if told is None else (told.new, told.modified)

    @property
    def entries(self) -> dict[str, tuple[str, str]]:
        return {
            each.id: (each.title or "", "".join(c.value for c in each.content))
            for each in self.reader.get_entries(feed=self.url)
        }


@dataclass(slots=True)
class Sfeed:
    """sfeed_update, with the lines that it keeps."""

    url: str
    folder: Path

    def poll(self) -> None:
        self.folder.mkdir(exist_ok=True)
        rc = self.folder / "sfeedrc"
        rc.write_text(f'sfeedpath="{self.folder}/feeds"\nfeeds() {{ feed "f" "{self.url}"; }}\n')
        subprocess.run(
            ["sfeed_update", rc], check=True, timeout=60, capture_output=True,
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    @property
    def lines(self) -> list[list[str]]:
        return [line.split("\t") for line in (self.folder / "feeds" / "f").read_text().splitlines()]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Recorder]]:
    service = service_in(tmp_path_factory.mktemp("readers") / "home")
    service.ask("db", "upgrade")
    with partner_site() as partner:
        partner.publish("/rss.xml", rss([Story(1), Story(2), OLD]))
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
        service.ask(
            "sources", "add", f"{partner.url}/rss.xml", "--slug", "partner", "--category", "gongan",
            "--every", "3600",
        )  # fmt: skip
        service.ask("categories", "add", "moved", "--title", "将要改名")
        partner.publish("/moved.xml", rss(MOVED, link_base="https://moved.example/n"))
        service.ask(
            "sources", "add", f"{partner.url}/moved.xml", "--slug", "moved", "--category", "moved",
            "--every", "3600",
        )  # fmt: skip
        with started(service, "run", "--no-demo"), recording(service.port) as recorder:
            yield service, recorder


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_readers_follow_news_correction_and_withdrawal(
    tmp_path: Path, stage: tuple[Service, Recorder], fmt: str
) -> None:
    require_program("sfeed_update")
    service, recorder = stage
    path = f"/feeds/gongan.{fmt}"
    shown = OLD.headline if fmt == "rss" else Story(2).headline

    def shows(words: str) -> bool:
        status, _, body = service.get(path)
        return status == 200 and words in body.decode()

    eventually(lambda: shows(shown), "the articles are published")
    parser = Parser(f"{recorder.url}{path}?by=feedparser")
    lemon = Lemon(f"{recorder.url}{path}?by=reader", make_reader(str(tmp_path / "reader.db")))
    sfeed = Sfeed(f"{recorder.url}{path}?by=sfeed", tmp_path / "sfeed")
    readers = (parser, lemon, sfeed)
    for each in readers:
        each.poll()
    [guid] = [guid for guid, (title, _) in parser.entries.items() if title == shown]
    text = parser.entries[guid][1]
    assert len(parser.entries) == len(lemon.entries) == len(sfeed.lines) == 3

    for each in readers:
        each.poll()
    assert recorder.statuses(f"{path}?by=feedparser") == [200, 304]
    assert recorder.statuses(f"{path}?by=reader") == [200, 304]
    assert recorder.statuses(f"{path}?by=sfeed") == [200, 200]

    [article] = [each for each in service.ask("articles", "list") if each["guid"] == guid]
    new = f"{NEW_TITLE}（{fmt}）"
    service.ask("articles", "correct", str(article["id"]), "--title", new, "--reason", "日期有误")
    for each in readers:
        each.poll()
    assert lemon.counts == (0, 1), "a correction is one change and no new item"
    assert parser.entries[guid][0] == lemon.entries[guid][0] == new
    assert len(parser.entries) == len(lemon.entries) == 3
    assert [line[1] for line in sfeed.lines if guid in line].count(new) == 1

    service.ask("articles", "withdraw", str(article["id"]), "--reason", "内容失实")
    for each in readers:
        each.poll()
    for entries in (parser.entries, lemon.entries):
        title, content = entries[guid]
        assert "撤稿" in title
        assert "内容失实" in content
        assert text not in content
        assert len(entries) == 3
    assert recorder.statuses(f"{path}?by=feedparser")[2:] == [226, 226]
    assert recorder.statuses(f"{path}?by=reader")[2:] == [226, 226]
    assert any("撤稿" in line[1] for line in sfeed.lines if guid in line)
    lemon.reader.close()


def test_newsboat_asks_for_what_has_changed_and_shows_each_entry_once(
    tmp_path: Path, stage: tuple[Service, Recorder]
) -> None:
    require_program("newsboat")
    service, recorder = stage
    path = "/feeds/gongan.atom?by=newsboat"
    shown = Story(1)
    eventually(
        lambda: shown.headline in service.get("/feeds/gongan.rss")[2].decode(), "it is published"
    )
    eventually(lambda: "last-modified" in service.get(path)[1], "the clock has come to its date")
    newsboat = Newsboat(tmp_path / "newsboat", f"{recorder.url}{path}")
    first = newsboat.reload()
    [guid] = [guid for guid, (title, _) in first.items() if title == shown.headline]
    [article] = [each for each in service.ask("articles", "list") if each["guid"] == guid]
    assert newsboat.reload() == newsboat.reload() == first

    service.ask(
        "articles", "correct", str(article["id"]), "--title", "改过的题", "--reason", "有误"
    )
    corrected = newsboat.reload()
    assert corrected.keys() == first.keys()
    assert corrected[guid][0] == "改过的题"
    assert {each: corrected[each] for each in first if each != guid} == {
        each: first[each] for each in first if each != guid
    }
    service.ask("articles", "withdraw", str(article["id"]), "--reason", "内容失实")
    withdrawn = newsboat.reload()
    assert withdrawn.keys() == first.keys()
    assert "撤稿" in withdrawn[guid][0]
    assert shown.text[:20] not in withdrawn[guid][1]
    assert recorder.statuses(path) == [200, 200, 304, 226, 226]
    asked = [each.headers for each in recorder.exchanges if each.path == path]
    for each in asked[2:]:
        assert each["a-im"] == "feed"
        assert "if-none-match" in each
    # Two changes within one second: the document of the second bears no date (docs/feeds.md).
    assert "if-modified-since" in asked[2]


def test_readers_follow_a_category_that_got_another_address(
    tmp_path: Path, stage: tuple[Service, Recorder]
) -> None:
    service, _ = stage
    url = f"{service.url}/feeds/moved.atom"
    eventually(
        lambda: MOVED[1].headline in service.get("/feeds/moved.atom")[2].decode(), "published"
    )
    parser, lemon = Parser(url), Lemon(url, make_reader(str(tmp_path / "reader.db")))
    parser.poll()
    lemon.poll()
    require_program("newsboat")
    newsboat = Newsboat(tmp_path / "newsboat", url)
    items = newsboat.reload()
    before = dict(parser.entries)
    service.ask("categories", "rename", "moved", "--slug", "elsewhere")
    eventually(lambda: service.get("/feeds/elsewhere.atom")[0] == 200, "the new address answers")
    parser.last = None
    parser.poll()
    lemon.poll()
    assert parser.last.status == 301, "feedparser tells its caller of the new address"
    assert parser.last.href == f"{service.url}/feeds/elsewhere.atom"
    assert parser.entries.keys() == before.keys()
    assert lemon.counts[0] == 0, "nothing is new"
    assert lemon.entries.keys() == before.keys()
    assert newsboat.reload() == items
    assert items.keys() == before.keys()
    lemon.reader.close()
