"""How well and how fast pages are extracted: `bench_extract.py CORPUS`, a folder of page.html + expected.json.

Title, attribution and the names are compared after NFKC without spaces and quotes; the body by
F1 = 2·LCS/(a+b) over characters without white space. Without a corpus it says so and does nothing.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import FeedsvcError
from feedsvc.parse.pages.page import parse_page
from feedsvc.text.html import plain_text

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "corpus"
ROUNDS = 3
FIELDS = ("title", "date", "attribution", "editors", "authors")


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
        started = time.perf_counter()
        try:
            parsed = parse_page(job)
        except FeedsvcError as error:
            trouble = f"{type(error).__name__}: {error.cause}"
        best = min(best, time.perf_counter() - started)
    return parsed, best * 1000, trouble


def printed_time(item: Item, zone: str) -> str:
    if item.published_at is None:
        return ""
    form = "%Y-%m-%d %H:%M" if item.published_precision == "minute" else "%Y-%m-%d"
    return item.published_at.astimezone(ZoneInfo(zone)).strftime(form)


def compare(item: Item, wanted: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    when = printed_time(item, wanted["timezone"])
    return {
        "title": (bare(item.title) == bare(wanted["title"]), item.title),
        "date": (when == wanted["published"], when),
        "attribution": (bare(item.attribution) == bare(wanted["source"] or ""), item.attribution),
        "editors": (list(item.editors) == (wanted["editor"] or []), "、".join(item.editors)),
        "authors": (list(item.authors) == (wanted["author"] or []), "、".join(item.authors)),
    }


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    pages = sorted(corpus.glob("*/expected.json"))
    if not pages:
        print(f"no corpus at {corpus}: a folder of */page.html with */expected.json")
        return
    right = dict.fromkeys(FIELDS, 0)
    scores: list[float] = []
    times: list[float] = []
    print(
        f"{'page':22}" + "".join(f"{name[:7]:>8}" for name in FIELDS) + f"{'F1':>8}{'ms':>7}  sure"
    )
    for path in pages:
        wanted = json.loads(path.read_text())
        parsed, took, trouble = extract(
            (path.parent / "page.html").read_bytes(), wanted["timezone"]
        )
        times.append(took)
        if parsed is None:
            scores.append(0.0)
            print(f"{path.parent.name:22}  {trouble}")
            continue
        verdicts = compare(parsed.item, wanted)
        f1 = body_f1(plain_text(parsed.item.content_html), wanted["body"])
        scores.append(f1)
        marks = "".join(f"{'ok' if verdicts[name][0] else '-':>8}" for name in FIELDS)
        sure = " ".join(f"{name[:3]}={value}" for name, value in parsed.confidence.items())
        print(f"{path.parent.name:22}{marks}{f1:8.3f}{took:7.1f}  {parsed.item.extractor} {sure}")
        for name in FIELDS:
            right[name] += verdicts[name][0]
            if not verdicts[name][0]:
                key = {"date": "published", "attribution": "source"}.get(name, name.rstrip("s"))
                print(f"    {name}: found {verdicts[name][1]!r}, wanted {wanted[key]!r}")
    print(", ".join(f"{name} {count}/{len(pages)}" for name, count in right.items()))
    print(
        f"body F1 mean {statistics.mean(scores):.3f} median {statistics.median(scores):.3f}"
        f" min {min(scores):.3f}; ms median {statistics.median(times):.1f} max {max(times):.1f}"
    )


if __name__ == "__main__":
    main()
