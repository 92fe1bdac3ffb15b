"""When an article was published, from what a page prints and remarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from feedsvc.parse.address_dates import address_date
from feedsvc.parse.pages.lines import Line
from feedsvc.parse.pages.meta import GOVERNMENT, TIMES
from feedsvc.parse.pages.printed_date import find_date, printed_dates
from feedsvc.parse.pages.surroundings import Surroundings, labelled
from feedsvc.text.dates import ReadDate, read_date

_STAMP = re.compile(r"1\d{9}(?:\d{3})?\Z")
_NOT_PUBLISHED = re.compile(r"今天是|现在是|当前|欢迎|copyright|©|版权|备案|截至|截止", re.I)


def ruled_date(text: str, around: Surroundings) -> tuple[ReadDate, float] | None:
    """The date that a rule found, read in the source's zone; None where it holds none."""
    found = _read(text, around) or (
        read_date(text, zone=around.zone, seen_at=around.seen_at) if text else None
    )
    return (found, 1.0) if found else None


LONGEST_HEADER = 120
SHORT_HEADER, NEAR = 40, 6
_WITHOUT_YEAR = re.compile(
    r"(?<![\d年/-])(?:(?:今|昨|前)天|(?:1[0-2]|0?[1-9])(?:[-/]|月)(?:3[01]|[12]\d|0?[1-9])日?)\s*"
    r"(?:2[0-3]|[01]?\d)[:：][0-5]\d"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of evidence: the texts that hold dates, how sure they are, and whether they speak of
    the same moment as a printed day, so that they may give it its minute.
    """

    texts: Iterable[str]
    sure: float
    same_moment: bool = True


def published(around: Surroundings) -> tuple[ReadDate | None, float]:
    """When the article was published, and how sure that is.

    A labelled date outranks the Baidu and government remarks, these the header's date without a
    label, and all of them other meta tags, which differ from the printed time by minutes. A
    printed day gets a minute only from a remark on the same day that is made for it; a time is
    never invented.
    """
    best: ReadDate | None = None
    best_sure = 0.0
    for kind in _evidence(around):
        for found in _read_all(kind.texts, around):
            if best is None:
                best, best_sure = found, kind.sure
            if best.precision == "minute":
                return best, best_sure
            if kind.same_moment and found.precision == "minute" and _same_day(best, found, around):
                return found, min(best_sure, kind.sure)
    if best is None:
        best, best_sure = address_date(around.url, zone=around.zone, seen_at=around.seen_at), 0.4
    return best, min(best_sure, 0.8) if best else 0.0


def _evidence(around: Surroundings) -> Iterator[_Kind]:
    """All evidence, strongest first."""
    meta = around.meta
    yield _Kind(texts=labelled(around.above + around.below, "published"), sure=1.0)
    yield _Kind(texts=labelled(around.above, "time"), sure=0.95)
    yield _Kind(texts=[meta.ids.get("published", "")], sure=0.95)
    if meta.is_government:
        yield _Kind(texts=[meta.tags[GOVERNMENT["published"]]], sure=0.95)
    yield _Kind(texts=_time_elements(around.above), sure=0.9)
    yield _Kind(texts=_header_dates(around.above), sure=0.9)
    yield _Kind(texts=labelled(around.below, "time"), sure=0.8)
    yield _Kind(texts=labelled(around.above + around.below, "updated"), sure=0.7, same_moment=False)
    yield _Kind(texts=_lone_dates(around.below), sure=0.7, same_moment=False)
    remarks = [meta.ld_published, *(meta.tags[name] for name in TIMES if name in meta.tags)]
    yield _Kind(texts=remarks, sure=0.8, same_moment=False)
    yield _Kind(texts=(meta.script_published for _ in range(1)), sure=0.7, same_moment=False)
    yield _Kind(texts=_yearless(around.above[:NEAR]), sure=0.5, same_moment=False)


def _time_elements(lines: list[Line]) -> Iterator[str]:
    """What `<time datetime>` says in the lines above the text."""
    for line in lines:
        for _, holder in line.pieces:
            if holder.tag == "time" and (said := holder.get("datetime")):
                yield said


def _read_all(texts: Iterable[str], around: Surroundings) -> Iterator[ReadDate]:
    latest = around.seen_at + timedelta(days=1)
    for text in texts:
        found = _read(text, around)
        if found is not None and found.at <= latest:
            yield found


def _same_day(one: ReadDate, other: ReadDate, around: Surroundings) -> bool:
    zone = ZoneInfo(around.zone)
    return one.at.astimezone(zone).date() == other.at.astimezone(zone).date()


def _read(text: str, around: Surroundings) -> ReadDate | None:
    if not text:
        return None
    exact = None
    if "T" in text or _STAMP.match(text) or _WITHOUT_YEAR.fullmatch(text):
        exact = read_date(text, zone=around.zone, seen_at=around.seen_at)
    return exact or find_date(text, zone=around.zone, seen_at=around.seen_at)


def _header_dates(lines: list[Line]) -> Iterator[str]:
    """Dates without a label that stand in a short line above the text, those with a time first."""
    dated = [
        date
        for line in lines
        if len(line.text) <= LONGEST_HEADER and not _NOT_PUBLISHED.search(line.text)
        for date in printed_dates(line.spaced)
        if _stands_out(line.spaced, date.start, date.end)
        and not any(label.kind == "updated" and label.start < date.start for label in line.labels)
    ]
    yield from (date.digits for date in dated if date.has_time)
    yield from (date.digits for date in dated if not date.has_time)


def _stands_out(text: str, start: int, end: int) -> bool:
    """Whether a date is a line's own word, not a part of a sentence (8月8日，他…)."""
    before, after = text[:start].rstrip(), text[end:].lstrip()
    if "。" in text or before.endswith(("，", "在", "于", "从", "自", "至")):
        return False
    if before.endswith(("（", "(")) and not after.startswith(("）", ")")):
        return False
    return not after.startswith(("，", "起", "至", "前", "后", "在", "到", "的"))


def _yearless(lines: list[Line]) -> Iterator[str]:
    """A time today, yesterday or without a year in a short line, which only its fetch can place."""
    for line in lines:
        if len(line.text) <= SHORT_HEADER and (found := _WITHOUT_YEAR.search(line.spaced)):
            yield found[0]


def _lone_dates(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        for date in printed_dates(line.text):
            if (
                date.has_time
                and len(line.text) - (date.end - date.start) <= 12
                and not _NOT_PUBLISHED.search(line.text)
            ):
                yield date.digits
