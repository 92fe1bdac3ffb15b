"""`Content` to columns and back: the one codec of articles and of their kept revisions."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Column, Table

from feedsvc.domain.article import Content
from feedsvc.domain.item import Dateline, Enclosure
from feedsvc.store.columns import AnyRow

NAMES = (
    "title", "original_title", "summary", "body_html", "attribution", "origin_url", "authors",
    "editors", "credit_line", "dateline", "rights", "language", "enclosures",
    "tags", "ai_label",
)  # fmt: skip


def content_columns(table: Table) -> list[Column[Any]]:
    """Return the columns that `content_of` reads."""
    return [table.c[name] for name in NAMES]


def content_values(content: Content) -> dict[str, Any]:
    """Spell a content out as column values."""
    line = content.dateline
    return {
        "title": content.title,
        "original_title": content.original_title,
        "summary": content.summary,
        "body_html": content.body_html,
        "attribution": content.attribution,
        "origin_url": content.origin_url,
        "authors": list(content.authors),
        "editors": list(content.editors),
        "credit_line": content.credit_line,
        "dateline": line and {"place": line.place, "date": line.date, "agency": line.agency},
        "rights": content.rights,
        "language": content.language,
        "enclosures": [_enclosure_values(each) for each in content.enclosures],
        "tags": list(content.tags),
        "ai_label": content.ai_label,
    }


def _enclosure_values(enclosure: Enclosure) -> dict[str, Any]:
    """What the partner said of a file; measures are ours and stand with the picture."""
    values = {
        "url": enclosure.url,
        "media_type": enclosure.media_type,
        "length": enclosure.length,
    }
    return values if enclosure.duration is None else {**values, "duration": enclosure.duration}


def content_of(row: AnyRow) -> Content:
    """Read a content back from a row that has its columns."""
    return Content(
        title=row.title,
        original_title=row.original_title,
        summary=row.summary,
        body_html=row.body_html,
        attribution=row.attribution,
        origin_url=row.origin_url,
        authors=tuple(row.authors),
        editors=tuple(row.editors),
        credit_line=row.credit_line,
        dateline=Dateline(**row.dateline) if row.dateline else None,
        rights=row.rights,
        language=row.language,
        enclosures=tuple(Enclosure(**each) for each in row.enclosures),
        tags=tuple(row.tags),
        ai_label=row.ai_label,
    )


def content_from(values: Mapping[str, Any]) -> Content:
    """Read a content back from what `content_values` spelt out."""
    return content_of(cast("AnyRow", SimpleNamespace(**values)))
