"""One publication of a feed: 50 articles of 2.4 KB to RSS, Atom and JSON, checked, with gzip and brotli.

Beside it, in the same rounds: plain feedgen writing RSS and Atom of the same articles with gzip.
Times are CPU milliseconds of this process, medians of interleaved rounds.
"""

from __future__ import annotations

import gzip
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from feedgen.feed import FeedGenerator

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from feedsvc.domain.article import Article, Content
from feedsvc.domain.feed import FORMATS, Feed, FeedDocument, FeedState, Site, Snapshot
from feedsvc.publish.assemble import assemble
from feedsvc.publish.check import check
from feedsvc.publish.documents import edition_of, make_document
from feedsvc.render.dispatch import render

ROUNDS = 15
ARTICLES = 50
BODY_BYTES = 2400
GOAL_MS = 15.0
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
    snapshot = made_up_snapshot()
    feed = assemble(snapshot, SITE)
    contestants: dict[str, Callable[[], object]] = {
        "ours: assemble, render, check, gzip 6, brotli 5 (3 formats)": lambda: publication(
            snapshot
        ),
        "  of it: assemble": lambda: assemble(snapshot, SITE),
        "  of it: render": lambda: [render(feed, fmt, SITE) for fmt in FORMATS],
        "ours, RSS and Atom, render only": lambda: [render(feed, fmt, SITE) for fmt in FORMATS[:2]],
        "plain feedgen, RSS and Atom, render only": lambda: plain_feedgen(feed),
        "plain feedgen, RSS and Atom, gzip 6": lambda: [
            gzip.compress(x, 6) for x in plain_feedgen(feed)
        ],
    }
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            before = time.process_time()
            run()
            spent[name].append((time.process_time() - before) * 1000)
    for document in publication(snapshot):
        sizes = f"{len(document.body):,} B, gzip {len(document.gzip):,}, brotli {len(document.brotli):,}"
        print(f"{document.format:>5}: {sizes}")
    for name, times in spent.items():
        print(f"{median(times):8.2f} ms CPU  {name}")
    ours = median(spent["ours: assemble, render, check, gzip 6, brotli 5 (3 formats)"])
    print(f"goal {GOAL_MS} ms for a whole publication: {'met' if ours <= GOAL_MS else 'not met'}")
    pair = median(spent["ours, RSS and Atom, render only"])
    plain = median(spent["plain feedgen, RSS and Atom, render only"])
    print(f"rendering RSS and Atom against plain feedgen: {pair / plain:.2f} times its CPU")


def publication(snapshot: Snapshot) -> list[FeedDocument]:
    """All that stands between a snapshot and the shelf."""
    feed = assemble(snapshot, SITE)
    finished = []
    for fmt in FORMATS:
        body = render(feed, fmt, SITE)
        check(body, fmt, feed)
        finished.append(make_document(feed, fmt, body, edition_of(SITE)))
    return finished


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


def made_up_snapshot() -> Snapshot:
    """Articles of random characters, the same at every run."""
    dice = random.Random(20261008)
    state = FeedState(
        slug="gongan",
        guid="urn:uuid:5a3c1f7e-0000-4000-8000-000000000001",
        title="公安",
        description="",
        category="gongan",
        cursor=1,
        updated_at=AT,
    )
    return Snapshot(state=state, articles=tuple(made_up_article(n, dice) for n in range(ARTICLES)))


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
        id=number + 1,
        guid=f"urn:uuid:1b671a64-40d5-491e-99b0-{number:012d}",
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
