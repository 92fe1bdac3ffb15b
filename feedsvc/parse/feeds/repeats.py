"""What only the whole document can say of its items: repeated guids, tombstones, the feed's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.domain.item import Item, Repair

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def settle_tombstones(items: Sequence[Item]) -> Sequence[Item]:
    """Of a tombstone and an item under one guid keep the newer, of two as new the tombstone (RFC 6721, section 3).

    Both would be taken for two articles that share a name, and the withdrawal for nobody's.
    """
    buried = {item.guid: _dated(item) for item in items if _is_tombstone(item)}
    if not buried:
        return items
    alive = {
        item.guid
        for item in items
        if item.guid in buried and not _is_tombstone(item) and _dated(item) > buried[item.guid]
    }
    return [
        item
        for item in items
        if item.guid not in buried or (item.guid in alive) != _is_tombstone(item)
    ]


def _is_tombstone(item: Item) -> bool:
    """Whether it says nothing but that its article is gone."""
    if item.marker is None or item.marker.status != "withdrawn" or item.guid is None:
        return False
    return not (item.title or item.link or item.content_html or item.summary_html)


def _dated(item: Item) -> datetime:
    return item.updated_at or item.published_at or _LONG_AGO


def note_repeats(items: Iterable[Item], language: str) -> tuple[Item, ...]:
    """Note a guid on its second and later items, all of which stay; items without a language get the feed's."""
    seen: set[str] = set()
    noted: list[Item] = []
    for item in items:
        repairs = item.repairs
        if item.guid is not None:
            if item.guid in seen:
                repairs = (*repairs, Repair(kind="duplicate_guid", detail=item.guid))
            seen.add(item.guid)
        wanted = item.language or language
        if repairs is item.repairs and wanted == item.language:
            noted.append(item)
        else:
            noted.append(replace(item, repairs=repairs, language=wanted))
    return tuple(noted)
