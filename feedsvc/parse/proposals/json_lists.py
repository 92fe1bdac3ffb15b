"""Lists in JSON, alone or in a page's scripts → ranked proposals with JSON paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feedsvc.domain.parsed import ParseJob, Proposal, Reason
from feedsvc.errors import FeedsvcError
from feedsvc.parse.document import Source
from feedsvc.parse.embedded import json_documents
from feedsvc.parse.list_dates import row_date
from feedsvc.parse.listing import parse_list
from feedsvc.parse.proposals.address import article_likeness
from feedsvc.parse.proposals.anchors import headline_quality
from feedsvc.parse.rules import Selector
from feedsvc.parse.selection import select_json
from feedsvc.text.html import plain_text
from feedsvc.text.urls import absolute

LEAST_ROWS = 3
DEEPEST = 7
# Values looked at in one document, and rows asked in one list.
MOST_VALUES = 20_000
ASKED = 30
ENOUGH = 0.7
_LINK = re.compile(r"(?:.*(?:url|link|href|uri|path|address))$", re.IGNORECASE)
_TITLE = re.compile(r"(?:.*(?:title|headline|subject|topic)|name|bt)$", re.IGNORECASE)
_SHOWN = re.compile(r".*(?:pub|release|create|issue|show|display|fb).*|date|time|rq", re.IGNORECASE)
_CHANGED = re.compile(r".*(?:upd|modif|edit|expire|end|crawl).*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    path: str
    quality: float


def propose_json(source: Source, job: ParseJob) -> tuple[Proposal, ...]:
    """Return proposals for every list of records with a link and a headline, the best first."""
    made = [
        proposal
        for data in json_documents(source.text)
        for path, rows in _lists(data)
        if (proposal := _proposal(path, rows, job)) is not None
    ]
    return tuple(sorted(made, key=lambda proposal: -proposal.confidence))


def _lists(data: object) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every list of at least `LEAST_ROWS` records, with its path from the top."""
    pending: list[tuple[str, object, int]] = [("", data, 0)]
    for _ in range(MOST_VALUES):
        if not pending:
            return
        path, value, depth = pending.pop(0)
        if isinstance(value, list):
            records = [each for each in value if isinstance(each, dict)]
            if len(records) >= LEAST_ROWS:
                yield path or "$", records
            elif depth < DEEPEST:
                pending.extend(
                    (f"{path}[{place}]", each, depth + 1) for place, each in enumerate(value[:5])
                )
        elif isinstance(value, dict) and depth < DEEPEST:
            pending.extend(
                (f"{path}.{key}" if path else str(key), each, depth + 1)
                for key, each in value.items()
                if _usable(key)
            )


def _proposal(path: str, rows: Sequence[Mapping[str, Any]], job: ParseJob) -> Proposal | None:
    asked = rows[:ASKED]
    names = list(dict.fromkeys(name for row in asked for name in _names(row)))
    link = _best(asked, names, lambda name, value: _link_quality(name, value, job))
    title = _best(asked, names, _title_quality)
    if link is None or title is None:
        return None
    date = _best(asked, names, lambda name, value: _date_quality(name, value, job))
    fields = {"items": path, "link": link.path, "title": title.path}
    if date is not None:
        fields["date"] = date.path
    rules = {"list": {key: f"json:{value}" for key, value in fields.items()}}
    try:
        read = parse_list(replace(job, kind="list", rules=rules)).links
    except FeedsvcError:
        return None
    if len(read) < LEAST_ROWS:
        return None
    dated = sum(row.published_at is not None for row in read) / len(read)
    quality = (link.quality + title.quality) / 2
    reasons = [Reason(kind="rows", value=str(len(read))), Reason(kind="json", value=path)]
    reasons.append(Reason(kind="dates", value=f"{dated:.0%}") if dated else Reason(kind="no_dates"))
    confidence = min(1.0, quality * (0.7 + 0.3 * dated) * min(1.0, 0.7 + len(read) / 30))
    return Proposal(rules=rules, confidence=round(confidence, 2), rows=read, reasons=tuple(reasons))


def _names(row: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[str]:
    for key, value in row.items():
        if not _usable(key):
            continue
        if isinstance(value, dict) and depth < 2:
            yield from _names(value, f"{prefix}{key}.", depth + 1)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield f"{prefix}{key}"


def _usable(key: object) -> bool:
    return isinstance(key, str) and bool(key) and not set(key) & set(".[]$ ")


def _best(
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    quality: Any,
) -> _Field | None:
    best: _Field | None = None
    for name in names:
        rule = Selector(language="json", expression=name)
        values = [select_json(row, rule) for row in rows]
        marks = [quality(name, str(value)) for value in values if value not in (None, "")]
        mean = sum(marks) / len(rows)
        # A section's address or name is the same in all rows, an article's never.
        if len({str(value) for value in values}) < min(len(rows), 3):
            mean *= 0.3
        mean -= 0.1 * name.count(".")
        if mean >= ENOUGH * 0.6 and (best is None or mean > best.quality):
            best = _Field(path=name, quality=mean)
    return best


def _link_quality(name: str, value: str, job: ParseJob) -> float:
    if not (
        value.startswith(("http://", "https://", "/", "./", "../")) or "/" in value or "." in value
    ):
        return 0.0
    if any(char.isspace() for char in value.strip()) or not value.isascii():
        return 0.0
    url = absolute(job.url, value)
    if url is None:
        return 0.0
    return 0.6 * article_likeness(url) + (0.4 if _LINK.fullmatch(name.rsplit(".", 1)[-1]) else 0.0)


def _title_quality(name: str, value: str) -> float:
    text = plain_text(value) if "<" in value else value
    if "://" in text or text.isdigit():
        return 0.0
    named = _TITLE.fullmatch(name.rsplit(".", 1)[-1]) is not None
    return 0.6 * headline_quality(text.strip()) + (0.4 if named else 0.0)


def _date_quality(name: str, value: str, job: ParseJob) -> float:
    if len(value) > 40 or row_date(value, zone=job.timezone, seen_at=job.seen_at) is None:
        return 0.0
    last = name.rsplit(".", 1)[-1]
    if _CHANGED.fullmatch(last):
        return 0.5
    return 1.0 if _SHOWN.fullmatch(last) else 0.6
