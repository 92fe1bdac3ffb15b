"""The list layouts of tests/data/layouts: a page, its address, and the rows that its list has."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from feedsvc.domain.parsed import ListedLink, ParseJob

LAYOUTS = Path(__file__).resolve().parents[1] / "data" / "layouts"
SEEN_AT = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")

Row = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """One case: `rows` are (link, title, date as printed or None), `following` the next page."""

    name: str
    about: str
    job: ParseJob
    rows: tuple[Row, ...]
    following: str | None


def all_layouts() -> list[Layout]:
    """Every case in the order of names."""
    return [load(path) for path in sorted(LAYOUTS.glob("*.json"))]


def load(path: Path) -> Layout:
    case = json.loads(path.read_text(encoding="utf-8"))
    [page] = [each for each in LAYOUTS.glob(f"{path.stem}.*") if each != path]
    return Layout(
        name=path.stem,
        about=case["about"],
        job=ParseJob(kind="survey", body=page.read_bytes(), url=case["url"], seen_at=SEEN_AT),
        rows=tuple((link, title, at) for link, title, at in case["rows"]),
        following=case["next"],
    )


def printed(rows: Iterable[ListedLink]) -> tuple[Row, ...]:
    """Rows as a case writes them down."""
    return tuple((row.link, row.title, _date(row)) for row in rows)


def _date(row: ListedLink) -> str | None:
    if row.published_at is None:
        return None
    local = row.published_at.astimezone(SHANGHAI)
    return local.date().isoformat() if row.published_precision == "day" else local.isoformat()
