"""Saved documents as regression cases: what was understood once must be understood again.

Times, texts and names count; notes on repairs and how a page was read do not. Pure, but for the
parsers that are handed in; `store.sample_files` keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import Parsed, ParsedFeed, ParsedList, ParsedPage, ParseJob
from feedsvc.domain.saved import SavedDocument, SavedSource
from feedsvc.domain.source import Source
from feedsvc.errors import FeedsvcError
from feedsvc.ingest.understand import Parsers
from feedsvc.store.sample_files import names_for

NOTES = frozenset({"repairs", "extractor"})
# What tells the members of a list apart, the first that all of them have.
NAMES = ("guid", "link", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDifference:
    """One thing that is understood otherwise: where (`items[…].title`), what was expected, what comes."""

    document: str
    where: str
    before: Any
    after: Any


def sampled(source: Source, jobs: Sequence[ParseJob], parsers: Parsers) -> SavedSource:
    """Make cases of documents: what is understood of each now is what is expected from now on."""
    documents = tuple(
        SavedDocument(name=name, job=job, expected=understood(job, parsers))
        for name, job in zip(names_for(jobs), jobs, strict=True)
    )
    return SavedSource(source=source, documents=documents)


def check(saved: SavedSource, source: Source, parsers: Parsers) -> list[SampleDifference]:
    """Read each saved document by the source's present settings; return what differs."""
    found: list[SampleDifference] = []
    for each in saved.documents:
        job = replace(
            each.job,
            charset=source.charset,
            timezone=source.timezone,
            rules=source.rules or None,
        )
        _compare(each.name, "", each.expected, understood(job, parsers), found)
    return found


def understood(job: ParseJob, parsers: Parsers) -> dict[str, Any]:
    """What we make of one document, in plain values; a refusal is what we make of it, too."""
    try:
        return shape_of(parsers.parse(job))
    except FeedsvcError as error:
        return {"error": error.kind}


def shape_of(parsed: Parsed) -> dict[str, Any]:
    """Spell out what a document says; what it does not say is left out."""
    if isinstance(parsed, ParsedPage):
        return _item(parsed.item)
    if isinstance(parsed, ParsedList):
        rows = [_plain(asdict(row)) for row in parsed.links]
        return {"links": rows} | ({"next_url": parsed.next_url} if parsed.next_url else {})
    if isinstance(parsed, ParsedFeed):
        shape = {"format": parsed.format, "items": [_item(item) for item in parsed.items]}
        return shape | ({"rejected": len(parsed.rejections)} if parsed.rejections else {})
    return {"survey": True}


def _item(item: Item) -> dict[str, Any]:
    told = {each.name: getattr(item, each.name) for each in fields(item)}
    spelt: dict[str, Any] = _plain(
        {name: value for name, value in told.items() if name not in NOTES}
    )
    return spelt


def _plain(value: Any) -> Any:
    """JSON's values, in UTC; members that say nothing are left out."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Mapping):
        spelt = {str(key): _plain(each) for key, each in value.items()}
        return {key: each for key, each in spelt.items() if each not in (None, "", [], {}, False)}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    return value


def _compare(
    document: str, where: str, before: Any, after: Any, found: list[SampleDifference]
) -> None:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            inner = f"{where}.{key}" if where else key
            _compare(document, inner, before.get(key), after.get(key), found)
    elif _are_records(before) and _are_records(after):
        name = next((key for key in NAMES if _names_all(key, [*before, *after])), None)
        old, new = _by_name(before, name), _by_name(after, name)
        if list(old) != list(new) and set(old) == set(new):
            found.append(_different(document, f"{where} (order)", list(old), list(new)))
        for key in dict.fromkeys([*old, *new]):
            _compare(document, f"{where}[{key}]", old.get(key), new.get(key), found)
    else:
        found.append(_different(document, where, before, after))


def _different(document: str, where: str, before: Any, after: Any) -> SampleDifference:
    return SampleDifference(document=document, where=where, before=before, after=after)


def _are_records(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _names_all(key: str, records: Sequence[Mapping[str, Any]]) -> bool:
    return all(key in each for each in records)


def _by_name(
    records: Sequence[Mapping[str, Any]], name: str | None
) -> dict[Any, Mapping[str, Any]]:
    named: dict[Any, Mapping[str, Any]] = {}
    for number, each in enumerate(records, 1):
        key = each[name] if name is not None else number
        named[f"{key} ({number})" if key in named else key] = each
    return named
