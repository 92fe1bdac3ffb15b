"""How well and how fast pages are extracted: `bench_extract.py CORPUS`, a folder of page.html + expected.json.

Title, attribution and the names are compared after NFKC without spaces and quotes; the body by
F1 = 2·LCS/(a+b) over characters without white space. A minute is right if the page has one and we
give the same, invented if we give one that the page has not; an author is false where the page has
none. Times are CPU time, the best of five rounds. Without a corpus it says so and does nothing.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lxml import html

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import FeedsvcError
from feedsvc.parse.pages.families.registry import FAMILIES
from feedsvc.parse.pages.page import parse_page
from feedsvc.text.html import plain_text

ROOT = Path(__file__).resolve().parents[1]
DEFAULT = ROOT.parent / "shared" / "corpus"
OWN = ROOT / "tests" / "data" / "pages"
FAMILY_NAMES = {family.name for family in FAMILIES}
ROUNDS = 5
FIELDS = ("title", "date", "attribution", "editors", "authors")
# A field that is wrong ought to be less sure than this.
SURE = 0.7
KEYS = {"date": "published_at"}


@dataclass(slots=True)
class Tally:
    """What a corpus came to; counts are pages."""

    pages: int = 0
    right: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    right_of_there: Counter[str] = field(default_factory=Counter)
    invented_minutes: int = 0
    false_authors: int = 0
    sure_misses: int = 0
    misses: int = 0
    scores: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    family_times: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


def bare(text: str) -> str:
    return re.sub(r"[\s\"'“”‘’]", "", unicodedata.normalize("NFKC", text))


def lcs(first: str, second: str) -> int:
    """The length of the longest common subsequence, bit-parallel (Hyyrö 2004)."""
    masks: dict[str, int] = {}
    for position, char in enumerate(first):
        masks[char] = masks.get(char, 0) | 1 << position
    full = (1 << len(first)) - 1
    row = full
    for char in second:
        match = row & masks.get(char, 0)
        row = ((row + match) | (row - match)) & full
    return len(first) - row.bit_count()


def body_f1(found: str, wanted: str) -> float:
    one, other = "".join(found.split()), "".join(wanted.split())
    return 2 * lcs(one, other) / (len(one) + len(other)) if one or other else 1.0


def extract(body: bytes, zone: str) -> tuple[ParsedPage | None, float, str]:
    job = ParseJob(
        kind="page",
        body=body,
        url="http://corpus.example/a/page.html",
        seen_at=datetime(2021, 1, 1, tzinfo=UTC),
        timezone=zone,
    )
    best, parsed, trouble = float("inf"), None, ""
    for _ in range(ROUNDS):
        started = time.process_time()
        try:
            parsed = parse_page(job)
        except FeedsvcError as error:
            trouble = f"{type(error).__name__}: {error.cause}"
        best = min(best, time.process_time() - started)
    return parsed, best * 1000, trouble


def parse_alone(body: bytes) -> float:
    """What lxml needs for the tree alone: the yardstick on a machine that is busy with other things."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        html.document_fromstring(body)
        best = min(best, time.process_time() - started)
    return best * 1000


def printed_time(item: Item, zone: str) -> str:
    if item.published_at is None:
        return ""
    form = "%Y-%m-%d %H:%M" if item.published_precision == "minute" else "%Y-%m-%d"
    return item.published_at.astimezone(ZoneInfo(zone)).strftime(form)


def compare(item: Item, wanted: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    when = printed_time(item, wanted["timezone"])
    return {
        "title": (bare(item.title) == bare(wanted["title"]), item.title),
        "date": (when == (wanted["published"] or ""), when),
        "attribution": (bare(item.attribution) == bare(wanted["source"] or ""), item.attribution),
        "editors": (list(item.editors) == (wanted["editor"] or []), "、".join(item.editors)),
        "authors": (list(item.authors) == (wanted["author"] or []), "、".join(item.authors)),
    }


def judge(tally: Tally, parsed: ParsedPage, wanted: dict[str, Any]) -> list[str]:
    """Count one page, and say in a line each what was missed."""
    item, lines = parsed.item, []
    verdicts = compare(item, wanted)
    has = {
        "title": True,
        "date": " " in (wanted["published"] or ""),
        "attribution": bool(wanted["source"]),
        "editors": bool(wanted["editor"]),
        "authors": bool(wanted["author"]),
    }
    tally.invented_minutes += not has["date"] and item.published_precision == "minute"
    tally.false_authors += not has["authors"] and bool(item.authors)
    for name in FIELDS:
        right, found = verdicts[name]
        tally.right[name] += right
        tally.there[name] += has[name]
        tally.right_of_there[name] += right and has[name]
        if not right:
            sure = parsed.confidence.get(KEYS.get(name, name), 0.0)
            tally.misses += 1
            tally.sure_misses += sure >= SURE
            key = {"date": "published", "attribution": "source"}.get(name, name.rstrip("s"))
            lines.append(f"{name}: found {found!r}, wanted {wanted[key]!r}, sure {sure}")
    return lines


def measure(tally: Tally, folder: Path) -> tuple[str, list[str]]:
    """Read one page; its line for the table and its misses."""
    wanted = json.loads((folder / "expected.json").read_text())
    zone = wanted.get("timezone") or "Asia/Shanghai"
    wanted["timezone"] = zone
    parsed, took, trouble = extract((folder / "page.html").read_bytes(), zone)
    tally.pages += 1
    tally.times.append(took)
    if parsed is None:
        tally.scores.append(0.0)
        return f"{folder.name:26}{trouble}", [trouble]
    how = parsed.item.extractor.partition("/")[2]
    if how in FAMILY_NAMES:
        tally.family_times.append(took)
        tally.alone.append(parse_alone((folder / "page.html").read_bytes()))
    misses = judge(tally, parsed, wanted)
    score = body_f1(plain_text(parsed.item.content_html), wanted["body"] or "")
    tally.scores.append(score)
    if score < 0.95:
        sure = parsed.confidence["content_html"]
        tally.misses += 1
        tally.sure_misses += sure >= SURE
        misses.append(f"body: F1 {score:.3f}, sure {sure}")
    return f"{folder.name:26}{how:14}{score:7.3f}{took:7.1f}  {len(misses) or 'ok'}", misses


def report(tally: Tally) -> None:
    """The table of what was asked."""
    print(f"\n{'':12}{'equal':>9}{'where the page has it':>24}   asked")
    asked = {"title": "23 of 24", "date": "minute .95", "attribution": ".92", "editors": ".90"}
    for name in FIELDS:
        there = tally.there[name]
        share = tally.right_of_there[name] / there if there else 1.0
        cell = f"{tally.right_of_there[name]}/{there} = {share:.3f}"
        equal = f"{tally.right[name]}/{tally.pages}"
        print(f"{name:12}{equal:>9}{cell:>24}   {asked.get(name, '')}")
    print(
        f"invented minutes {tally.invented_minutes} (asked 0), false authors {tally.false_authors} (≤ 1)"
    )
    print(f"misses {tally.misses}, of which we were sure (≥ {SURE}) {tally.sure_misses}")
    mean, median = statistics.mean(tally.scores), statistics.median(tally.scores)
    print(f"body F1 mean {mean:.3f} (.98) median {median:.3f} min {min(tally.scores):.3f} (.85)")
    for name, times, most in (
        ("all pages", tally.times, 30),
        ("pages of a family", tally.family_times, 3),
        ("of which lxml's tree alone", tally.alone, 3),
    ):
        if times:
            print(
                f"ms CPU, {name} ({len(times)}): mean {statistics.mean(times):.1f}"
                f" median {statistics.median(times):.1f} max {max(times):.1f} (≤ {most})"
            )


def own_family_pages() -> None:
    """The families' pages of our own test corpus, for their speed."""
    times: list[float] = []
    for path in sorted(OWN.glob("*.html")):
        case = json.loads(path.with_suffix(".json").read_text())
        if case["expected"]["extractor"].partition("/")[2] in FAMILY_NAMES:
            times.append(extract(path.read_bytes(), "Asia/Shanghai")[1])
    print(
        f"ms CPU, our own pages of a family ({len(times)}): mean {statistics.mean(times):.1f}"
        f" median {statistics.median(times):.1f} max {max(times):.1f} (≤ 3)"
    )


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    folders = sorted(path.parent for path in corpus.glob("*/expected.json"))
    if not folders:
        print(f"no corpus at {corpus}: a folder of */page.html with */expected.json")
        own_family_pages()
        return
    tally = Tally()
    print(f"{'page':26}{'read as':14}{'F1':>7}{'ms':>7}  misses")
    for folder in folders:
        line, misses = measure(tally, folder)
        print(line)
        for miss in misses:
            print(f"    {miss}")
    report(tally)
    own_family_pages()


if __name__ == "__main__":
    main()
