"""One new article into a feed of 50: RSS, Atom and JSON, checked, with gzip and brotli.

The RSS document has the 121 KB of 50 full articles. Beside it, in the same rounds: the same from
scratch, and plain feedgen writing RSS and Atom of the same articles with gzip.
Times are CPU milliseconds of this process, medians of interleaved rounds.
"""

from __future__ import annotations

import gzip
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from feedgen.feed import FeedGenerator

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from feedsvc.domain.article import Article, Content
from feedsvc.domain.feed import FORMATS, Feed, FeedDocument, FeedState, Selection, Site, Snapshot
from feedsvc.publish.assemble import assemble
from feedsvc.publish.documents import edition_of, make_document
from feedsvc.publish.gate import pass_gate
from feedsvc.render.dispatch import render
from feedsvc.render.fragments import Fragments
from feedsvc.web.delta import compressed, cut_delta

ROUNDS = 15
# Publications that each contestant makes before it is the next one's turn.
IN_A_ROW = 5
ARTICLES = 50
BODY_BYTES = 1450
GOAL_MS = 15.0
GOAL_DELTA = 2500
AT = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
SITE = Site(base_url="https://news.example", title="云岭法讯")
# Common characters, drawn with the uneven frequencies of running text, so that it compresses as
# news does: about 2.5 to 1.
CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子"
    "说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机"
    "当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心"
    "反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程"
    "展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期"
    "根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志"
    "世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每"
)


def main() -> None:
    """Measure and print."""
    fragments = Fragments(SITE)
    news = Newsroom()
    contestants: dict[str, Callable[[Snapshot], object]] = {
        "ours, one new of 50: assemble to brotli, 3 formats": lambda one: publication(
            one, fragments
        ),
        "ours, from scratch: assemble to brotli, 3 formats": lambda one: publication(
            one, Fragments(SITE)
        ),
        "ours, one new of 50, RSS and Atom, render only": lambda one: [
            rendering.render(news.feeds[one.state.cursor], fmt).body for fmt in FORMATS[:2]
        ],
        "ours, from scratch, RSS and Atom, render only": lambda one: [
            render(news.feeds[one.state.cursor], fmt, SITE) for fmt in FORMATS[:2]
        ],
        "plain feedgen, RSS and Atom, render only": lambda one: plain_feedgen(
            news.feeds[one.state.cursor]
        ),
        "plain feedgen, RSS and Atom, gzip 6": lambda one: [
            gzip.compress(each, 6) for each in plain_feedgen(news.feeds[one.state.cursor])
        ],
    }
    rendering = Fragments(SITE)
    publication(news.next(), fragments)
    for fmt in FORMATS:
        rendering.render(assemble(news.now, SITE), fmt)
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        snapshots = [news.next() for _ in range(IN_A_ROW)]
        for name, run in contestants.items():
            before = time.process_time()
            for snapshot in snapshots:
                run(snapshot)
            spent[name].append((time.process_time() - before) * 1000 / IN_A_ROW)
    for document in publication(news.now, fragments):
        sizes = f"{len(document.body):,} B, gzip {len(document.gzip):,}, brotli {len(document.brotli):,}"
        print(f"{document.format:>5}: {sizes}")
        assert document.body == render(assemble(news.now, SITE), document.format, SITE)
    for fmt, size in delta_sizes(news, fragments).items():
        print(f"delta with one new article, {fmt}, gzip: {size:,} B, goal {GOAL_DELTA:,}")
    for name, times in spent.items():
        print(f"{median(times):8.2f} ms CPU  {name}")
    whole, _, ours, scratch, plain, _ = (median(times) for times in spent.values())
    print(f"goal {GOAL_MS} ms for a whole publication: {'met' if whole <= GOAL_MS else 'not met'}")
    print(f"render with one new entry: feedgen from scratch / ours = {scratch / ours:.1f}x")
    print(f"  against plain feedgen, whose Atom is not valid: {plain / ours:.1f}x")


def delta_sizes(news: Newsroom, fragments: Fragments) -> dict[str, int]:
    """What a reader of the last state gets, compressed."""
    snapshot = news.next()
    newest = snapshot.state.cursor
    cursors = {
        article.id: newest if place == 0 else 0 for place, article in enumerate(snapshot.articles)
    }
    sizes = {}
    for document in publication(replace(snapshot, cursors=cursors), fragments):
        told = cut_delta(document, newest - 1)
        assert told is not None
        sizes[document.format] = len(compressed(told, "gzip"))
    return sizes


class Newsroom:
    """A feed of 50 articles that gets a new one each time it is asked."""

    def __init__(self) -> None:
        self._dice = random.Random(20261008)
        self._articles = [made_up_article(number, self._dice) for number in range(ARTICLES)]
        self._number = 0
        self.now = self._snapshot()
        self.feeds = {self.now.state.cursor: assemble(self.now, SITE)}

    def next(self) -> Snapshot:
        """One article more at the top, the oldest gone."""
        self._number -= 1
        fresh = made_up_article(self._number, self._dice)
        self._articles = [fresh, *self._articles[:-1]]
        self.now = self._snapshot()
        self.feeds[self.now.state.cursor] = assemble(self.now, SITE)
        return self.now

    def _snapshot(self) -> Snapshot:
        state = FeedState(
            slug="gongan",
            guid="urn:uuid:5a3c1f7e-0000-4000-8000-000000000001",
            title="公安",
            description="",
            selection=Selection(category="gongan"),
            cursor=1 - self._number,
            updated_at=AT - timedelta(hours=self._number),
        )
        return Snapshot(state=state, articles=tuple(self._articles))


def publication(snapshot: Snapshot, fragments: Fragments) -> list[FeedDocument]:
    """All that stands between a snapshot and the shelf."""
    feed = assemble(snapshot, SITE)
    return [
        make_document(pass_gate(feed, fmt, fragments), fmt, edition_of(SITE)) for fmt in FORMATS
    ]


def plain_feedgen(feed: Feed) -> list[bytes]:
    """What one would write first with feedgen; its Atom has one error and two warnings an entry."""
    generator = FeedGenerator()
    generator.id(feed.guid)
    generator.title(feed.title)
    generator.description(feed.description)
    generator.link(href=feed.page_url)
    for entry in feed.entries:
        item = generator.add_entry()
        item.id(entry.guid)
        item.title(entry.title)
        item.link(href=entry.url)
        item.published(entry.published_at)
        item.updated(entry.updated_at)
        item.summary(entry.summary)
        item.content(entry.content_html, type="html")
        item.source(entry.source_url, entry.source_title)
    return [generator.rss_str(), generator.atom_str()]


def made_up_article(number: int, dice: random.Random) -> Article:
    """One article with a body of BODY_BYTES."""
    weights = [1 / (rank + 6) for rank in range(len(CHARACTERS))]
    paragraphs = []
    for _ in range(6):
        words = "".join(dice.choices(CHARACTERS, weights, k=BODY_BYTES // 18 - 4))
        paragraphs.append(f"<p>{words}。</p>")
    content = Content(
        title=f"云岭镇第{number}次通报",
        summary=paragraphs[0][3:123],
        body_html="".join(paragraphs),
        attribution="云岭日报",
        origin_url=f"https://partner.example/news/{number}.html",
        authors=("方一鸣",),
        editors=("罗闻",),
    )
    return Article(
        id=number + 10**6,
        guid=f"urn:uuid:1b671a64-40d5-491e-99b0-{number + 10**6:012d}",
        source="yunling",
        source_title="云岭警务网",
        source_url="https://partner.example/rss.xml",
        category="gongan",
        category_title="公安",
        content=content,
        published_at=AT - timedelta(hours=number),
        published_precision="minute",
        first_seen_at=AT,
        updated_at=AT - timedelta(hours=number),
    )


if __name__ == "__main__":
    main()
