"""Three services in a chain, killed at random: what the origin has is what the third has, once each."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from feedsvc.curate.desk import Correction
from feedsvc.domain.article import Article
from tests.journeys.hop import Hop, hop_in
from tests.journeys.test_journey_kills import own_text
from tests.partner import Partner, Story, partner_site, rss

SEED = 20261008
KEPT = (
    "title", "original_title", "authors", "editors", "credit_line", "dateline",
    "rights", "tags",
)  # fmt: skip
# How the origin's partner calls itself.
PUBLISHER = "云岭警务网"
PLACES = ("云岭", "渡口", "", "柳河")
ACTS = ("new", "new", "correct", "withdraw", "poll", "poll", "poll")
# What the origin's partner shows; no act of one run goes beyond it.
SHOWN = 40


def story(number: int) -> Story:
    """An article with every credit, each in words of its own; some name no publisher."""
    said = {
        "dc:creator": f"王青{number}",
        "dc:contributor": f"李望{number}",
        "dc:publisher": f"云岭警务网{number % 7}" if number % 5 else "",
        "dc:rights": f"转载须注明来源，第{number}号",
        "category": f"窗口{number % 3}",
        "t:alternative": f"夜里也能办证{number}（原题）",
        "t:provenance": f"（记者 王青{number} & 通讯员）",
        "t:spatial": PLACES[number % 4],
        "t:temporal": f"8月{number % 28 + 1}日",
        "t:mediator": f"云岭社{number % 3}",
    }
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/"'
    extra = "".join(
        f"<{name} {spaces}>{escape(text)}</{name}>" for name, text in said.items() if text
    )
    return Story(number, text=own_text(number), extra=extra)


@dataclass(slots=True)
class Chain:
    partner: Partner
    hops: Sequence[Hop]
    stories: list[Story] = field(default_factory=list)
    kills: int = 0

    def write(self, count: int, shown: int = SHOWN) -> None:
        """The partner publishes more."""
        start = len(self.stories)
        self.stories += [story(number) for number in range(start, start + count)]
        self.partner.publish("/feed", rss(self.stories[-shown:]))

    def restart(self, hop: Hop) -> None:
        hop.kill()
        hop.start()
        self.kills += 1

    def poll_each_once(self) -> None:
        for hop in self.hops:
            hop.poll()

    def correct(self, article: Article, title: str) -> None:
        self.hops[0].desk.desk.correct(
            article.id, Correction(title=title), reason="日期有误", actor="editor:fang"
        )

    def withdraw(self, article: Article) -> None:
        self.hops[0].desk.desk.withdraw(article.id, reason="内容失实", actor="editor:fang")

    def live(self) -> list[Article]:
        return [each for each in self.hops[0].articles() if each.status != "withdrawn"]

    def assert_equal(self) -> None:
        """Every story once at every hop, and at each what the origin says of it.

        What was withdrawn before the next hop had it is not stored there.
        """
        first, *others = [sorted(map(told, hop.articles())) for hop in self.hops]
        assert [each[0] for each in first] == sorted(link(story) for story in self.stories)
        for other in others:
            had = {each[0] for each in other}
            assert other == [each for each in first if each[0] in had or each[1] != "withdrawn"]


def link(story: Story) -> str:
    return f"https://partner.example/n/{story.number}.html"


def told(article: Article) -> tuple[str, str, str, dict[str, Any]]:
    """What must be alike at every hop; a notice of a withdrawal names neither people nor words."""
    content = article.content
    # What names no publisher is the first feed's own, and says so from the second hop on.
    kept: dict[str, Any] = {
        "attribution": content.attribution or PUBLISHER,
        "published": article.published_at,
    }
    if article.status != "withdrawn":
        kept |= {name: getattr(content, name) for name in KEPT}
        kept["updated"] = article.updated_at.replace(microsecond=0)
    return content.origin_url or article.link or "", article.status, article.reason, kept


@contextmanager
def chain_in(folder: Path, middle: dict[str, str]) -> Iterator[Chain]:
    with partner_site() as partner:
        hops = [hop_in(folder / "origin", f"{partner.url}/feed")]
        try:
            hops.append(hop_in(folder / "this", f"{hops[0].url}/feeds/gongan.atom", **middle))
            hops.append(hop_in(folder / "third", f"{hops[1].url}/feeds/gongan.json"))
            for hop in hops:
                hop.start()
            yield Chain(partner, hops)
        finally:
            for hop in hops:
                hop.close()


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with chain_in(tmp_path, {}) as chain:
        yield chain


def test_a_chain_with_one_kill_ends_alike(chain: Chain) -> None:
    chain.write(12)
    chain.poll_each_once()
    chain.assert_equal()
    chain.correct(chain.live()[3], "改正后的标题")
    chain.withdraw(chain.live()[7])
    chain.hops[1].tell("poll")
    time.sleep(0.01)
    chain.restart(chain.hops[1])
    chain.poll_each_once()
    chain.assert_equal()


@pytest.mark.thorough
def test_a_thousand_articles_arrive_as_they_were_and_are_followed(chain: Chain) -> None:
    chain.write(1000, shown=1000)
    chain.poll_each_once()
    chain.assert_equal()
    oldest, next_oldest = chain.hops[0].articles()[-1], chain.hops[0].articles()[-2]
    chain.correct(oldest, "改正后的标题")
    chain.withdraw(next_oldest)
    chain.poll_each_once()
    chain.assert_equal()


@pytest.mark.thorough
def test_a_hundred_random_runs_with_kills_end_alike(tmp_path: Path, postgres_url: str) -> None:
    dice = random.Random(SEED)
    with chain_in(tmp_path, {"database_url": postgres_url}) as chain:
        chain.write(30)
        chain.poll_each_once()
        for number in range(100):
            acts = dice.choices(ACTS, k=dice.randrange(2, 6))
            acts.insert(dice.randrange(len(acts) + 1), "kill")
            for act in acts:
                do(act, chain, dice, number)
            chain.poll_each_once()
            chain.assert_equal()
        assert chain.kills == 100


def do(act: str, chain: Chain, dice: random.Random, number: int) -> None:
    hop = dice.choice(chain.hops)
    if act == "new":
        chain.write(dice.randrange(1, 5))
    elif act == "poll":
        hop.tell("poll")
    elif act == "kill":
        # Now and then in the middle of what it did before, else from the start of a poll of its own.
        if dice.random() < 0.5:
            hop.answers()
        hop.tell("poll")
        time.sleep(dice.random() * 0.1)
        chain.restart(hop)
    elif live := chain.live():
        article = dice.choice(live)
        if act == "correct":
            chain.correct(article, f"改正后的第{number}个标题（{article.id}）")
        else:
            chain.withdraw(article)
