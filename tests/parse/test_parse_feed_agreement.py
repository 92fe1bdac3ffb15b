"""Two other parsers as oracles: where they are right, ours says the same of the corpus."""

import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import fastfeedparser
import feedparser
import pytest

from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.feed import parse_feed
from tests.parse.test_parse_feed_corpus import CASES, SEEN, URL

Row = tuple[str, str]

# Where an oracle is known to be wrong: it reads the mislabelled bytes as labelled, drops what the
# label does not hold, takes `isPermaLink="false"` for a link, or knows no inline markup in titles.
WRONG = {
    "feedparser": {"rss_utf8_label_gbk_bytes"},
    "fastfeedparser": {
        "rss_utf8_label_gbk_bytes",
        "rss_gb2312_label",
        "rss_guid_links",
        "atom_xhtml_base",
    },
}


def well_formed() -> list[Path]:
    return [
        path
        for path in CASES
        if path.suffix == ".xml"
        and not path.stem.startswith(
            ("error_", "rss_broken", "rss_junk", "rss_control", "cdf", "rss_missing", "sitemap")
        )
    ]


def plain(title: str) -> str:
    return " ".join(re.sub(r"</?[a-zA-Z][^>]*>", "", html.unescape(title)).split())


def by_feedparser(body: bytes) -> list[Row]:
    read = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return [(plain(entry.get("title", "")), entry.get("link", "")) for entry in read.entries]


def by_fastfeedparser(body: bytes) -> list[Row]:
    read = fastfeedparser.parse(body)
    return [(plain(entry.get("title") or ""), entry.get("link") or "") for entry in read.entries]


def by_us(body: bytes) -> list[Row]:
    parsed = parse_feed(ParseJob(kind="feed", body=body, url=URL, seen_at=SEEN))
    return [(item.title, item.link or "") for item in parsed.items if item.title or item.link]


def unmarked(title: str) -> str:
    return re.sub(r"^\s*(?:【(?:撤稿|撤回|更正)】|(?:撤稿|更正)\s*[:：])\s*", "", title)


ORACLES: dict[str, Callable[[bytes], list[Row]]] = {
    "feedparser": by_feedparser,
    "fastfeedparser": by_fastfeedparser,
}
PAIRS = [
    pytest.param(path, name, id=f"{path.stem}-{name}")
    for path in well_formed()
    for name in ORACLES
    if path.stem not in WRONG[name]
]


@pytest.mark.parametrize(("path", "name"), PAIRS)
def test_counts_titles_and_links_agree(path: Path, name: str) -> None:
    body = path.read_bytes()
    theirs, ours = ORACLES[name](body), by_us(body)
    assert len(ours) == len(theirs)
    for (our_title, our_link), (title, link) in zip(ours, theirs, strict=True):
        assert plain(our_title) == plain(unmarked(title))
        if link.startswith("http"):
            assert our_link == link
