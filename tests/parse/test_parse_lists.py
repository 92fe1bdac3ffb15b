"""List pages: each case of tests/data/lists gives its rows; what is no list is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedsvc.domain.parsed import ParsedList, ParseJob
from feedsvc.errors import Blocked, BrokenDocument, ConfigError, NotAFeed, RulesMismatch
from feedsvc.parse.listing import MOST_ROWS, parse_list

LISTS = Path(__file__).resolve().parents[1] / "data" / "lists"
CASES = sorted(path for path in LISTS.iterdir() if path.suffix in {".html", ".js"})
SEEN_AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
ROWS: dict[str, Any] = {"list": {"items": "li"}}


def read(body: bytes | str, rules: dict[str, Any] | None, **job: Any) -> ParsedList:
    raw = body.encode() if isinstance(body, str) else body
    job = {"url": "http://www.partner.example/n1/index.html", **job}
    return parse_list(ParseJob(kind="list", body=raw, seen_at=SEEN_AT, rules=rules, **job))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_list_gives_its_rows(path: Path) -> None:
    case = json.loads(path.with_suffix(".json").read_text())
    assert case["about"]
    parsed = read(path.read_bytes(), **case["job"])
    zone = ZoneInfo("Asia/Shanghai")
    links = [
        [
            row.link,
            row.title,
            row.published_at.astimezone(zone).isoformat(timespec="minutes")
            if row.published_at
            else None,
            row.published_precision,
        ]
        for row in parsed.links
    ]
    found = {"charset": parsed.charset, "links": links, "next_url": parsed.next_url}
    assert found == case["expected"]
    assert parsed.rules == case["job"]["rules"]


@pytest.mark.parametrize("rules", [None, {}, {"page": {"title": "h1"}}])
def test_a_list_without_rules_says_what_it_needs(rules: dict[str, Any] | None) -> None:
    with pytest.raises(RulesMismatch, match="needs rules"):
        read("<ul><li><a href='/1.html'>一</a></li></ul>", rules)


@pytest.mark.parametrize(
    "page", ["<html><body><p>改版了</p></body></html>", "<ul><li>没有链接</li></ul>", "<ul></ul>"]
)
def test_no_row_is_a_mismatch_that_names_the_rule(page: str) -> None:
    with pytest.raises(RulesMismatch, match=r"list\.items finds no row with a link \(li\)"):
        read(page, ROWS)


def test_an_empty_document_is_broken() -> None:
    with pytest.raises(BrokenDocument):
        read("", ROWS)


@pytest.mark.parametrize(
    "feed",
    [
        '<?xml version="1.0"?><rss version="2.0"><channel><li><a href="/x">x</a></li></channel></rss>',
        '\ufeff<!-- made by hand --><feed xmlns="http://www.w3.org/2005/Atom"></feed>',
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>',
    ],
)
def test_a_feed_is_no_list(feed: str) -> None:
    with pytest.raises(NotAFeed, match="is a feed"):
        read(feed, ROWS)


@pytest.mark.parametrize("rules", [ROWS, {"list": {"items": "json:rows"}}], ids=["html", "json"])
def test_a_challenge_is_no_empty_list(rules: dict[str, Any]) -> None:
    with pytest.raises(Blocked, match="challenge"):
        read("<html><script>document.cookie='a';location.reload()</script></html>", rules)


def test_json_rules_on_html_are_a_broken_document() -> None:
    with pytest.raises(BrokenDocument, match="JSON"):
        read("<html></html>", {"list": {"items": "json:rows"}})


def test_rules_that_cannot_be_used_name_the_key() -> None:
    with pytest.raises(ConfigError, match=r"list\.items"):
        read("<html></html>", {"list": {"items": "li["}})


def test_rows_are_capped() -> None:
    rows = "".join(f"<li><a href='/{n}.html'>第{n}条</a></li>" for n in range(MOST_ROWS + 50))
    assert len(read(f"<ul>{rows}</ul>", ROWS).links) == MOST_ROWS
