"""What only the whole document can say of its items: repeated guids, and the feed's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from feedsvc.domain.item import Item, Repair


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
