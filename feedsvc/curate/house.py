"""The house's filters and words as editors give them, checked before they are stored, and tried out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from feedsvc.domain.screening import (
    FILTER_FIELDS,
    REWRITE_FIELDS,
    WORD_KINDS,
    Condition,
    Filter,
    FilterField,
    HouseWord,
    RewriteField,
    WordKind,
)
from feedsvc.errors import UsageError
from feedsvc.store import house
from feedsvc.store.engine import Database
from feedsvc.text.scrub import comparable, one_line

# A shorter word (一个字) would hold half of all articles.
SHORTEST_WORD = 2


def add_filter(db: Database, wanted: Filter, now: datetime) -> Filter:
    """Store a filter; raises `UsageError` for one that cannot work, `NotFound` for its names."""
    if not wanted.conditions and wanted.source is None:
        raise UsageError("when", "a filter needs a condition or a source")
    for condition in wanted.conditions:
        if not comparable(condition.pattern.replace("*", "")):
            raise UsageError("when", f"{condition.field}= needs a text to look for")
    if wanted.rewrite is not None and not wanted.rewrite.find:
        raise UsageError("rewrite", "there is nothing to look for")
    with db.write() as session:
        return house.add_filter(session, wanted, now)


def condition(text: str) -> Condition:
    """Read FIELD=PATTERN; raises `UsageError` naming what is wrong."""
    name, equals, pattern = text.partition("=")
    if not equals or name not in FILTER_FIELDS:
        raise UsageError("when", f"{text!r} is not one of {', '.join(FILTER_FIELDS)} with =TEXT")
    field: FilterField = next(each for each in FILTER_FIELDS if each == name)
    return Condition(field=field, pattern=one_line(pattern))


def rewrite_field(name: str) -> RewriteField:
    """Read the field of a rewrite; raises `UsageError`."""
    for each in REWRITE_FIELDS:
        if each == name:
            return each
    raise UsageError("rewrite", f"{name!r} is not one of {', '.join(REWRITE_FIELDS)}")


def put_words(db: Database, words: Sequence[HouseWord], now: datetime) -> int:
    """Store house words; returns how many were new. Raises `UsageError` for one too short."""
    for word in words:
        if len(comparable(word.text)) < SHORTEST_WORD:
            raise UsageError(
                "word", f"{word.text!r} is too short: it would hold almost every article"
            )
    with db.write() as session:
        return house.put_words(session, words, now)


def read_words(text: str, subject: str) -> list[HouseWord]:
    """Read a CSV of word, kind, advice (the last two may be missing); `#` begins a comment line.

    Raises `UsageError` naming the line.
    """
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"))), start=1):
        cells = [one_line(cell) for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        kind = cells[1] if len(cells) > 1 and cells[1] else "form"
        if kind not in WORD_KINDS:
            raise UsageError(
                subject, f"line {number}: {kind!r} is not one of {', '.join(WORD_KINDS)}"
            )
        advice = cells[2] if len(cells) > 2 else ""
        found.append(HouseWord(text=cells[0], kind=word_kind(kind), advice=advice))
    return found


def word_kind(name: str) -> WordKind:
    """Read a kind of word that has been checked."""
    kinds: tuple[WordKind, ...] = get_args(WordKind)
    return next(kind for kind in kinds if kind == name)
