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

# Where both differ from us for a reason: bytes that they read as labelled, addresses and titles that
# we clean more than they do.
BOTH = {
    "rss_utf8_label_gbk_bytes", "enc_gbk_undeclared", "enc_latin1_label",  # charset
    "link_credentials_and_port", "link_international", "link_not_usable", "rss_feedburner_origin",
    "title_zero_width", "title_too_long",
    "atom_tombstone_and_entry",  # they know no tombstones
}  # fmt: skip
WRONG = {
    "feedparser": BOTH
    | {"enc_gbk_stray_byte", "enc_utf8_stray_byte"}  # one bad byte garbles the whole feed
    | {"atom_link_relations", "rss_atom_links"}  # the last alternate link wins, whatever it is
    | {"atom_id_is_address"},  # an id is taken for a link
    "fastfeedparser": BOTH
    | {"rss_gb2312_label", "enc_gb2312_label_utf8"}  # drops what the label does not hold
    | {"guid_permalink", "rss_guid_links"}  # takes isPermaLink="false" for a link
    | {
        "atom_title_types",
        "atom_xhtml_base",
        "rss_nested_markup_in_title",
    }  # no inline markup in titles
    | {
        "rss_090",
        "rss_channel_root",
        "rss_items_outside",
        "rss_more_in_wrapper",
    }
    | {"rss_two_channels", "atom_no_namespace", "atom_wrong_namespace"},  # loses items or refuses
}


def well_formed() -> list[Path]:
    return [
        path
        for path in CASES
        if path.suffix == ".xml"
        and not path.stem.startswith(
            (
                "error_",
                "broken_",
                "rss_broken",
                "rss_junk",
                "rss_control",
                "cdf",
                "rss_missing",
                "sitemap",
                "open_news",
            )
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


@pytest.mark.parametrize("name", ORACLES)
def test_every_exception_is_still_one(name: str) -> None:
    by_stem = {path.stem: path for path in well_formed()}
    agreeing = []
    for stem in WRONG[name]:
        body = by_stem[stem].read_bytes()
        try:
            theirs = ORACLES[name](body)
        except ValueError:
            continue
        ours = [(plain(title), link) for title, link in by_us(body)]
        if [(plain(unmarked(title)), link) for title, link in theirs] == ours:
            agreeing.append(stem)
    assert agreeing == []
