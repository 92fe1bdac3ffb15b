"""Real documents through the real workers: the parsers fit into the limits and are found from anywhere."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.domain.parsed import DocumentKind, ParsedFeed, ParsedList, ParsedPage, ParseJob
from feedsvc.errors import NotAFeed, ParseError, RulesMismatch
from feedsvc.parse.dispatch import parse
from feedsvc.parse.pool import ParserPool, PoolOptions
from tests.parse import page_cases

AT = datetime(2020, 3, 18, tzinfo=UTC)
FEED = (
    '<rss version="2.0"><channel><title>云州要闻</title><link>http://a.example/</link><description/>'
    "<item><title>第一条</title><link>http://a.example/1.html</link></item></channel></rss>"
)


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(PoolOptions(workers=1)) as running:
        yield running


def job(kind: DocumentKind, body: str, rules: dict[str, object] | None = None) -> ParseJob:
    return ParseJob(
        kind=kind,
        body=body.encode(),
        url="http://a.example/x",
        seen_at=AT,
        rules=rules,
    )


def test_each_kind_goes_to_its_parser(
    pool: ParserPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    feed = pool.parse(job("feed", FEED))
    assert isinstance(feed, ParsedFeed)
    assert [item.title for item in feed.items] == ["第一条"]
    rows = pool.parse(
        job("list", "<ul><li><a href='/1.html'>一</a></li></ul>", {"list": {"items": "li"}})
    )
    assert isinstance(rows, ParsedList)
    assert [row.link for row in rows.links] == ["http://a.example/1.html"]
    page = pool.parse(job("page", "<h1>桥头修表铺</h1><p>老周在桥头支起了修表的摊子。</p>"))
    assert isinstance(page, ParsedPage)
    assert page.item.title == "桥头修表铺"


def test_workers_answer_what_the_parsers_answer(pool: ParserPool) -> None:
    for path in page_cases.case_files():
        case = page_cases.load(path)
        body = path.read_bytes()
        url = case["job"].get("url", "http://www.partner.example/a/1.html")
        asked = ParseJob(
            kind="page",
            body=body,
            url=url,
            seen_at=page_cases.SEEN_AT,
            rules=case["job"].get("rules"),
        )
        assert pool.parse(asked) == parse(asked)


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("feed", "<html><body><p>这不是订阅源</p></body></html>", NotAFeed),
        ("list", "<html></html>", RulesMismatch),
        ("page", "", ParseError),
    ],
)
def test_refusals_come_back_as_themselves(
    pool: ParserPool, kind: DocumentKind, body: str, error: type[ParseError]
) -> None:
    with pytest.raises(error) as caught:
        pool.parse(job(kind, body))
    assert caught.value.subject == "http://a.example/x"


def test_a_page_of_five_megabytes_fits_into_the_limits(pool: ParserPool) -> None:
    rows = "".join(f"<li><a href='/{n}.html'>第{n}条</a></li>" for n in range(4000))
    script = f"<script>var state={json.dumps(['填充'] * 320_000)}</script>"
    page = (
        f"<html><body>{script}<h1>桥头修表铺</h1><p>老周，修表。</p><ul>{rows}</ul></body></html>"
    )
    assert len(page.encode()) > 5_000_000
    parsed = pool.parse(job("page", page))
    assert isinstance(parsed, ParsedPage)
    assert parsed.item.title == "桥头修表铺"
