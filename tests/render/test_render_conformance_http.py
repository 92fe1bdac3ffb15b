"""The rules around the documents can be broken too, and each breach is caught."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.feed import FORMATS, Format
from feedsvc.render.dispatch import render
from tests.render.conformance_http import HTTP, Exchange, delta_faults, disagreements
from tests.render.samples import MIXED, SITE, entry, feed

BODY = b"<rss/>"
HEADERS = {
    "content-type": "application/rss+xml; charset=utf-8",
    "content-length": "6",
    "etag": '"7-0123456789ab"',
    "last-modified": "Fri, 09 Aug 2019 10:00:00 GMT",
    "date": "Fri, 09 Aug 2019 10:00:01 GMT",
    "cache-control": "public, max-age=300",
    "vary": "Accept-Encoding",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
}
GOOD = Exchange("rss", 200, HEADERS, BODY)
DELTA = replace(
    GOOD,
    status=226,
    headers=HEADERS
    | {"im": "feed", "cache-control": "no-store", "vary": "A-IM, If-None-Match, Accept-Encoding"},
    asked={"A-IM": "feed"},
)
UNMODIFIED = replace(
    GOOD,
    status=304,
    body=b"",
    headers={n: v for n, v in HEADERS.items() if n not in {"content-type", "content-length"}},
)
CASES = [
    ("the_status_is_one_that_readers_take", replace(GOOD, status=503)),
    ("the_media_type_is_the_formats", replace(GOOD, fmt="atom")),
    ("the_entity_tag_is_strong", replace(GOOD, headers=HEADERS | {"etag": 'W/"7"'})),
    ("last_modified_is_a_date_of_the_past", replace(GOOD, headers=HEADERS | {"last-modified": "Fri, 09 Aug 2019 10:00:02 GMT"})),
    ("last_modified_is_a_date_of_the_past", replace(GOOD, headers=HEADERS | {"last-modified": "2019-08-09"})),
    ("caches_are_told_what_to_do", replace(GOOD, headers=HEADERS | {"cache-control": ""})),
    ("caches_are_told_what_to_do", replace(GOOD, headers=HEADERS | {"cache-control": "immutable"})),
    ("caches_are_told_what_to_do", replace(DELTA, headers={**DELTA.headers, "cache-control": "public"})),
    ("vary_names_what_was_chosen_by", replace(GOOD, headers=HEADERS | {"vary": "Origin"})),
    ("vary_names_what_was_chosen_by", replace(DELTA, headers={**DELTA.headers, "vary": "Accept-Encoding"})),
    ("it_is_compressed_for_those_who_ask", replace(GOOD, asked={"Accept-Encoding": "gzip"})),
    ("its_length_is_true", replace(GOOD, body=b"<rss>")),
    ("its_length_is_true", replace(UNMODIFIED, body=b"x")),
    ("its_length_is_true", replace(GOOD, method="HEAD")),
    ("browsers_may_read_and_not_guess", replace(GOOD, headers=HEADERS | {"x-content-type-options": ""})),
    ("browsers_may_read_and_not_guess", replace(GOOD, headers=HEADERS | {"access-control-allow-origin": "x"})),
    ("a_delta_says_that_it_is_one", replace(DELTA, status=200)),
    ("a_delta_says_that_it_is_one", replace(DELTA, asked={})),
    ("a_delta_says_that_it_is_one", replace(DELTA, headers={**DELTA.headers, "im": "diffe"})),
]  # fmt: skip


@pytest.mark.parametrize("answer", [GOOD, DELTA, UNMODIFIED], ids=["200", "226", "304"])
def test_a_good_answer_breaks_no_rule(answer: Exchange) -> None:
    assert HTTP.faults(answer) == []


@pytest.mark.parametrize(("rule", "answer"), CASES)
def test_every_rule_of_http_catches_an_answer_that_breaks_it(rule: str, answer: Exchange) -> None:
    assert rule in HTTP.broken(answer)


def test_no_rule_of_http_is_without_a_case() -> None:
    assert {rule.name for rule in HTTP.rules} == {name for name, _ in CASES}


def test_the_formats_of_one_feed_say_the_same() -> None:
    rss, atom, json = (render(MIXED, fmt, SITE) for fmt in FORMATS)
    assert list(disagreements(rss, atom, json)) == []


@pytest.mark.parametrize(
    ("fmt", "old", "new"),
    [
        ("rss", "<dc:creator>方一鸣</dc:creator>", ""),
        ("atom", "<author><name>何小满</name></author>", ""),
        ("atom", "<title>云岭镇第1次", "<title>云岭镇第2次"),
        ("rss", "<link>https://news.example/a/1<", "<link>https://news.example/a/9<"),
        ("json", "+08:00", "+00:00"),
    ],
)
def test_a_format_that_says_something_else_is_caught(fmt: Format, old: str, new: str) -> None:
    told = {each: render(MIXED, each, SITE) for each in FORMATS}
    text = told[fmt].decode()
    assert old in text
    told[fmt] = text.replace(old, new).encode()
    assert list(disagreements(told["rss"], told["atom"], told["json"]))


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_delta_that_tells_too_little_or_too_much_is_caught(fmt: Format) -> None:
    changed = entry(2, title="更正之后")
    before = render(feed(entry(2), entry(3)), fmt, SITE)
    now = render(feed(changed, entry(3)), fmt, SITE)
    assert list(delta_faults(fmt, before, render(feed(changed), fmt, SITE), now)) == []
    for wrong in (feed(), feed(entry(3)), feed(entry(2)), feed(changed, entry(3)), feed(entry(4))):
        assert list(delta_faults(fmt, before, render(wrong, fmt, SITE), now))
