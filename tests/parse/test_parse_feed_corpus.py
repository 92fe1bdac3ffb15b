"""The corpus: each document under tests/data/feeds/ and what must be read from it.

Adding a file and its `.expected.json` adds a test. Expected are all fields that are not at their
default; times in ISO 8601; `description` says what the case is about.
"""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.domain.parsed import ParseJob
from feedsvc.errors import ParseError
from feedsvc.parse.feeds.feed import parse_feed

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
SEEN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
URL = "http://feeds.example/news/feed.xml"


def told(value: Any) -> Any:
    """A value as JSON holds it, fields at their default left out."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [told(each) for each in value]
    if dataclasses.is_dataclass(value):
        return {
            field.name: told(given)
            for field in dataclasses.fields(value)
            if (given := getattr(value, field.name)) not in (field.default, {})
        }
    return value


def read(path: Path) -> dict[str, Any]:
    job = ParseJob(kind="feed", body=path.read_bytes(), url=URL, seen_at=SEEN)
    try:
        made: dict[str, Any] = told(parse_feed(job))
    except ParseError as error:
        return {"error": {"kind": error.kind, "cause": error.cause}}
    return made


CASES = sorted(path for path in FEEDS.iterdir() if not path.name.endswith(".expected.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_document_is_read_as_expected(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert expected.pop("description")
    assert read(path) == expected


def test_every_expectation_has_its_document() -> None:
    named = {path.name.removesuffix(".expected.json") for path in FEEDS.glob("*.expected.json")}
    assert named == {path.stem for path in CASES}
