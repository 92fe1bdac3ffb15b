"""Ordinary variation raises no alarm: thirty days of sites that are quiet, busy, short or untidy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from feedsvc.domain.layout import Layout, Profile
from feedsvc.domain.parsed import Parsed, ParsedList, ParsedPage, ParseJob, Rejection
from feedsvc.domain.source import Source
from feedsvc.errors import IngestError
from feedsvc.ingest.drift import LayoutWatch, unfit_rules, united
from feedsvc.ingest.layout import ListLook, PageLook, alike, bad_links, list_reasons, page_reasons
from feedsvc.parse.dispatch import parse
from feedsvc.sources.reach import Collected
from tests.ingest.drifting import SHANGHAI, Told, case, fill

DAYS = 30
SITE = case("class_renamed")["before"]
NOON = datetime(2026, 10, 1, 12, 0, tzinfo=SHANGHAI)
URL = "http://quiet.example/index.html"


@dataclass
class Memory:
    """What a poll is surrounded by, kept in memory: the real parsers, and what was seen before."""

    known: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    kept: Layout = field(default_factory=Layout)
    list_job: ParseJob | None = None

    def parse(self, job: ParseJob) -> Parsed:
        return parse(job)

    def layout(self) -> Layout:
        return self.kept

    def known_names(self) -> list[str]:
        return self.known[-200:]

    def listed_before(self) -> list[str]:
        return self.listed


@dataclass
class Site:
    """A partner: which articles it shows on a day, and the HTML of its list and pages."""

    rules: dict[str, Any]
    rows: Callable[[Sequence[Told], int, Random], Sequence[Told]]
    list_html: Callable[[Sequence[Told], Sequence[Told], int], str]
    page_html: Callable[[Told, Random], str] = lambda told, _: fill(SITE["page"], told)
    fewest: int = 0


def poll(site: Site, memory: Memory, page: str, seen: dict[str, str], now: datetime) -> list[str]:
    """One poll; returns why it was suspected, and keeps what was learned."""
    job = ParseJob(kind="list", body=page.encode(), url=URL, seen_at=now, rules=site.rules)
    memory.list_job = job
    source = Source(id=1, slug="quiet", url=URL, category="gongan", kind="list", rules=site.rules)
    watch = LayoutWatch(source, memory, now)
    listed = parse(job)
    assert isinstance(listed, ParsedList)
    items, rejections = [], []
    for row in listed.links:
        if row.link in memory.known:
            continue
        try:
            read = parse(replace(job, kind="page", body=seen[row.link].encode(), url=row.link))
            assert isinstance(read, ParsedPage)
            items.append(replace(read.item, link=row.link, title=read.item.title or row.title))
        except IngestError as error:
            rejections.append(Rejection(subject=row.link, kind=error.kind, message=error.cause))
    found = watch.passed(
        Collected(kind="list", items=tuple(items), rejections=tuple(rejections), list_page=listed)
    )
    memory.kept = watch.layout or memory.kept
    memory.listed = [row.link for row in listed.links]
    memory.known += [name for item in found.items for name in (item.link or "", item.title)]
    return list(memory.kept.reasons)


def plain_list(shown: Sequence[Told], _all: Sequence[Told], _day: int) -> str:
    return str(SITE["list"]).replace("{rows}", "\n".join(fill(SITE["row"], each) for each in shown))


def with_ranking(shown: Sequence[Told], told: Sequence[Told], day: int) -> str:
    """A list beside which the most read articles of the week stand, known ones all of them."""
    ranked = "".join(
        f'<li><a href="n/{each.number}.html">{each.title}</a></li>' for each in told[-9:-1]
    )
    page = plain_list(shown, told, day)
    return page.replace('<div class="foot">', f'<ol class="hot">{ranked}</ol><div class="foot">')


def without_dates_at_times(shown: Sequence[Told], told: Sequence[Told], day: int) -> str:
    page = plain_list(shown, told, day)
    return page.replace('<span class="date">', "<span>", len(shown) // 3)


def untidy_page(told: Told, dice: Random) -> str:
    """Now and then: no source, a brief, a longer headline than in the list, no text but a picture."""
    page = fill(SITE["page"], told)
    chance = dice.random()
    if chance < 0.15:
        return page.replace("来源：", "")
    if chance < 0.3:
        return page.replace(told.text[80:], "")
    if chance < 0.45:
        return page.replace(f">{told.title}</h1>", f">{told.title} 居民出行更方便</h1>")
    if chance < 0.55:
        return fill(SITE["page"].replace("{body}", '<p><img src="/p/1.jpg"></p>'), told)
    return page


def newest_ten(told: Sequence[Told], _new: int, _dice: Random) -> Sequence[Told]:
    return told[-10:]


def today_only(told: Sequence[Told], new: int, _dice: Random) -> Sequence[Told]:
    return told[-max(new, 1) :]


def any_number(told: Sequence[Told], _new: int, dice: Random) -> Sequence[Told]:
    return told[-dice.randint(2, 20) :]


RULES = {"list": {"items": "ul.news > li", "link": "a", "title": "a", "date": "span.date"}}
PAGES = {**RULES, "page": {"title": "h1.title", "date": ".pubtime", "body": ".TRS_Editor"}}
UNDATED = {"list": {"items": "ul.news > li", "link": "a", "title": "a", "date": "b.none"}}
SITES = {
    "ten newest": Site(RULES, newest_ten, plain_list),
    "ten newest, untidy": Site(RULES, newest_ten, without_dates_at_times, untidy_page),
    "page rules, untidy": Site(PAGES, newest_ten, plain_list, untidy_page),
    "today only": Site(RULES, today_only, plain_list, untidy_page),
    "today only beside a ranking": Site(RULES, today_only, with_ranking),
    "today only, undated, beside a ranking": Site(UNDATED, today_only, with_ranking),
    "any number beside a ranking": Site(PAGES, any_number, with_ranking, untidy_page),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SITES)
def test_thirty_ordinary_days_raise_no_alarm(name: str, seed: int) -> None:
    site, dice, memory = SITES[name], Random(f"{name} {seed}"), Memory()
    told = [Told(number, seed) for number in range(15)]
    pages: dict[str, str] = {}
    alarms = []
    for day in range(DAYS):
        new = dice.choice((0, 0, 1, 1, 2, 3, 6))
        told += [Told(len(told) + count, seed) for count in range(new)]
        for each in told[-30:]:
            link = f"http://quiet.example/n/{each.number}.html"
            pages.setdefault(link, site.page_html(each, dice))
        page = site.list_html(site.rows(told, new, dice), told, day)
        reasons = poll(site, memory, page, pages, NOON + timedelta(days=day))
        alarms += [(day, reasons, memory.kept.state)] if reasons else []
    assert [each for each in alarms if each[2] == "changed"] == []
    assert len(alarms) <= 1, "and what is held back for a poll is rare"
    assert memory.kept.profile.polls >= DAYS - 1


USUAL = Profile(
    polls=9, rows_seen=90, rows=10, titled=1, distinct=1, dated=1, title_chars=16, paged=1,
    pages=20, body_chars=400, agree=1,
    fields={"published_at": 1.0, "attribution": 1.0, "read": 1.0, "title_rule": 1.0},
)  # fmt: skip
LOOK = ListLook(rows=10, titled=1, distinct=1, dated=1, title_chars=16, paged=True)
GOOD = PageLook(
    link="a", title="渡口恢复通航", row_title="渡口恢复通航", chars=400,
    fields=frozenset({"published_at", "attribution", "read", "title_rule"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("look", "reasons"),
    [
        (LOOK, []),
        (replace(LOOK, rows=3), []),
        (replace(LOOK, rows=3, listed_before=10, elsewhere=2), []),
        (replace(LOOK, rows=3, listed_before=10, elsewhere=3), ["rows"]),
        (replace(LOOK, dated=0.4), []),
        (replace(LOOK, dated=0.3), ["dates"]),
        (replace(LOOK, titled=0.3), ["titles"]),
        (replace(LOOK, distinct=0.1), ["titles"]),
        (replace(LOOK, title_chars=41), ["titles"]),
        (replace(LOOK, title_chars=5), ["titles"]),
        (replace(LOOK, paged=False), ["paging"]),
        (replace(LOOK, paged=False, rows=7), []),
    ],
)
def test_each_reason_of_a_list(look: ListLook, reasons: list[str]) -> None:
    assert list_reasons(USUAL, look) == reasons
    assert list_reasons(Profile(), look) == [], "nothing is known yet"


def pages(*looks: PageLook) -> list[PageLook]:
    return [replace(each, link=str(number)) for number, each in enumerate(looks)]


@pytest.mark.parametrize(
    ("looks", "bad", "reasons"),
    [
        ([GOOD] * 3, 0, []),
        ([replace(GOOD, failed=True)], 1, []),
        ([replace(GOOD, failed=True)] * 2, 2, ["pages"]),
        ([replace(GOOD, title="警务要闻")] * 2, 2, ["pages"]),
        ([replace(GOOD, title="警务要闻", row_title="")] * 3, 3, ["pages"]),
        ([replace(GOOD, title="")] * 2 + [GOOD] * 3, 2, []),
        ([replace(GOOD, fields=GOOD.fields - {"title_rule"})] * 2, 2, ["pages"]),
        ([replace(GOOD, chars=60)] * 3, 0, ["texts"]),
        ([replace(GOOD, fields=GOOD.fields - {"attribution"})] * 3, 0, ["attribution"]),
        ([replace(GOOD, fields=GOOD.fields - {"published_at"})] * 2, 0, []),
    ],
)
def test_each_reason_of_pages(looks: list[PageLook], bad: int, reasons: list[str]) -> None:
    shown = pages(*looks)
    assert len(bad_links(USUAL, shown)) == bad
    assert page_reasons(USUAL, shown, ()) == reasons
    assert page_reasons(Profile(), shown, ()) == []


def test_two_bad_pages_in_two_polls_are_evidence_and_one_twice_is_not() -> None:
    bad = [replace(GOOD, link="b", failed=True)]
    assert page_reasons(USUAL, bad, ["b"]) == []
    assert page_reasons(USUAL, bad, ["a"]) == ["pages"]


@pytest.mark.parametrize(
    ("row", "page", "same"),
    [
        ("渡口恢复通航", "渡口恢复通航 居民出行更方便", True),
        ("渡口恢复通航，居民出行…", "渡口恢复通航，居民出行更方便", True),
        ("【要闻】渡口恢复通航", "渡口恢复通航", True),
        ("渡口恢复通航", "警务要闻", False),
        ("渡口恢复通航", "", False),
    ],
)
def test_a_headline_is_known_again_on_its_page(row: str, page: str, same: bool) -> None:
    assert alike(row, page) is same


def test_united_rules_read_both_blocks() -> None:
    assert united(
        {"items": "ul > li", "date": "span"}, {"items": "div.top", "title": "h4", "next": "a.n"}
    ) == {
        "items": "ul > li, div.top", "link": "a", "title": "a, h4", "date": "span", "next": "a.n",
    }  # fmt: skip
    assert united({"items": "xpath://li"}, {"items": "p"}) == {"items": "p"}


def test_rules_that_fit_no_more_are_named() -> None:
    failed = Rejection(subject="a", kind="rules_mismatch", message="")
    assert unfit_rules([], []) == set()
    assert unfit_rules([], [failed]) == {"body"}
