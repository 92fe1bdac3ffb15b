"""What each source of the sample partner shows at a time. Pure: same start and time, same story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from feedsvc.demo import timetable
from feedsvc.demo.texts import BEIJING, SOURCES, Fault, Outlet, Picture, SourceName, Text

ReportStatus = Literal["live", "corrected", "withdrawn"]
# Articles that a source lists at a time.
WINDOW = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article as it stands at a time. A withdrawn one has its title and reason, no text.

    `number` counts the source's articles from 0; `title` is the headline alone. Times are aware
    UTC in whole seconds.
    """

    source: SourceName
    number: int
    title: str
    subheading: str
    paragraphs: tuple[str, ...]
    credit: str
    category: str
    attribution: str
    authors: tuple[str, ...]
    editor: str
    published_at: datetime
    updated_at: datetime
    status: ReportStatus = "live"
    reason: str = ""
    picture: Picture | None = None
    fault: Fault = ""

    @property
    def full_title(self) -> str:
        """The printed line: headline and subheading, a space between them."""
        return f"{self.title} {self.subheading}" if self.subheading else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source at a time: its reports newest first, withdrawn ones included and marked.

    `changed_at` is its last change; `failure` the number of the failure that one request is to
    meet now, None when there is none.
    """

    source: SourceName
    outlet: Outlet
    reports: tuple[Report, ...]
    changed_at: datetime
    failure: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryState:
    """All sources at one time."""

    at: datetime
    sources: Mapping[SourceName, SourceState]


class Story:
    """The partner's life from `started_at` (aware; whole seconds are kept) on."""

    def __init__(self, started_at: datetime, texts: Mapping[SourceName, Outlet]) -> None:
        self._start = started_at.astimezone(UTC).replace(microsecond=0)
        self._outlets = texts

    def state_at(self, now: datetime) -> StoryState:
        """Return what every source shows at `now`; before the start it is as at the start."""
        return StoryState(at=now, sources={name: self.source_at(name, now) for name in SOURCES})

    def source_at(self, source: SourceName, now: datetime) -> SourceState:
        """Return what one source shows at `now`."""
        count = self._count(source, now)
        numbers = range(count - 1, max(-1, count - 1 - WINDOW), -1)
        reports = tuple(self._report(source, number, now) for number in numbers)
        return SourceState(
            source=source,
            outlet=self._outlets[source],
            reports=reports,
            changed_at=max(report.updated_at for report in reports),
            failure=timetable.failure_at(self._elapsed(now)) if source == "rss" else None,
        )

    def report(self, source: SourceName, number: int, now: datetime) -> Report | None:
        """Return one article however old, None when there is none of that number yet."""
        if not 0 <= number < self._count(source, now):
            return None
        return self._report(source, number, now)

    def _elapsed(self, now: datetime) -> float:
        return (now - self._start).total_seconds()

    def _count(self, source: SourceName, now: datetime) -> int:
        released = timetable.released(self._elapsed(now))
        turns = (released - SOURCES.index(source) + len(SOURCES) - 1) // len(SOURCES)
        return self._outlets[source].initial + turns

    def _text(self, source: SourceName, number: int) -> Text:
        texts = self._outlets[source].texts
        return texts[number % len(texts)]

    def _published_at(self, source: SourceName, number: int) -> datetime:
        outlet = self._outlets[source]
        if number < outlet.initial:
            age = outlet.texts[number].age
            return age.before(self._start).astimezone(UTC) if age else self._start
        index = (number - outlet.initial) * len(SOURCES) + SOURCES.index(source)
        return self._start + timedelta(seconds=timetable.released_at(index))

    def _changed_at(self, source: SourceName, number: int, now: datetime) -> datetime | None:
        """When this article was corrected or withdrawn, None when it was not (yet).

        A round takes the newest article that has settled. The sources' turns bring each source at
        least one article a round, so only the next few rounds can take this one.
        """
        place = {"rss": timetable.CORRECTED_AT, "atom": timetable.WITHDRAWN_AT}.get(source)
        if place is None:
            return None
        first = timetable.round_at(self._elapsed(self._published_at(source, number)))
        for each in range(first, first + 3):
            step = timetable.step_of(each)
            at = self._start + timedelta(seconds=timetable.start_of(each) + place * step)
            settled = at - timedelta(seconds=timetable.SETTLED_AFTER * step)
            if at <= now and self._count(source, settled) - 1 == number:
                return at
        return None

    def _report(self, source: SourceName, number: int, now: datetime) -> Report:
        text = self._text(source, number)
        outlet = self._outlets[source]
        published_at = self._published_at(source, number)
        day = published_at.astimezone(BEIJING).date()
        report = Report(
            source=source,
            number=number,
            title=_dated(text.title, day) + _serial(number // len(outlet.texts)),
            subheading=text.subheading,
            paragraphs=tuple(_dated(each, day) for each in text.paragraphs),
            credit=_dated(text.credit, day),
            category=text.category,
            attribution=text.attribution,
            authors=text.authors,
            editor=text.editor,
            published_at=published_at,
            updated_at=published_at,
            picture=text.picture,
            fault=text.fault,
        )
        changed_at = self._changed_at(source, number, now)
        return report if changed_at is None else _changed(report, text, changed_at)


def _changed(report: Report, text: Text, at: datetime) -> Report:
    if report.source == "atom":
        return replace(
            report,
            status="withdrawn",
            reason=text.withdrawal,
            updated_at=at,
            paragraphs=(),
            credit="",
            authors=(),
            picture=None,
        )
    if text.correction is None:
        return report
    day = report.published_at.astimezone(BEIJING).date()
    was, now = _dated(text.correction.was, day), _dated(text.correction.now, day)
    mended = tuple(each.replace(was, now) for each in report.paragraphs)
    serial = report.title.removeprefix(_dated(text.title, day))
    return replace(
        report,
        status="corrected",
        reason=text.correction.note,
        updated_at=at,
        title=f"【更正】{text.correction.title}{serial}",
        paragraphs=(f"更正：{text.correction.note}", *mended),
    )


def _serial(times: int) -> str:
    """What tells a text that comes round again from its first appearance."""
    return f"（重刊之{times}）" if times else ""


def _dated(text: str, day: date) -> str:
    """Fill in the days that a text speaks of, as printed in its outlet: 8月8日."""
    return (
        text.replace("{today}", _spoken(day))
        .replace("{yesterday}", _spoken(day - timedelta(days=1)))
        .replace("{weekago}", _spoken(day - timedelta(days=7)))
        .replace("{month}", str(day.month))
    )


def _spoken(day: date) -> str:
    return f"{day.month}月{day.day}日"
