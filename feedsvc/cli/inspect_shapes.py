"""The JSON shapes of `inspect`; stable, see docs/commands.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.cli.shapes import plain, time_in
from feedsvc.cli.survey_shapes import survey_shape
from feedsvc.domain.article import Keys
from feedsvc.domain.item import Item, Repair
from feedsvc.domain.parsed import ParsedFeed, ParsedList, ParsedPage, Survey
from feedsvc.ingest.understand import Understanding
from feedsvc.text.html import plain_text
from feedsvc.text.pictures import picture_urls


def understanding_shape(understood: Understanding, zone: ZoneInfo) -> dict[str, Any]:
    """Whatever kind of document it was."""
    parsed = understood.parsed
    if isinstance(parsed, ParsedFeed):
        return _feed(parsed, understood.keyed, zone)
    if isinstance(parsed, ParsedList):
        return _list(parsed, zone)
    if isinstance(parsed, Survey):
        return survey_shape(parsed, zone)
    return _page(parsed, zone)


def _feed(
    parsed: ParsedFeed, keyed: tuple[tuple[Item, Keys], ...], zone: ZoneInfo
) -> dict[str, Any]:
    return {
        "format": parsed.format,
        "charset": parsed.charset,
        "title": parsed.title,
        "items": [_item(item, keys, zone) for item, keys in keyed],
        "parts": [
            {"url": part.url, "updated_at": time_in(zone, part.updated_at)} for part in parsed.parts
        ],
        "repairs": _repairs(parsed.repairs),
        "rejections": [asdict(each) for each in parsed.rejections],
    }


def _item(item: Item, keys: Keys, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "key": keys.guid or keys.url or keys.content_hash,
        "link": item.link,
        "title": item.title,
        "published_at": time_in(zone, item.published_at, item.published_precision),
        "updated_at": time_in(zone, item.updated_at),
        "summary_html": item.summary_html,
        "content_html": item.content_html,
        "authors": list(item.authors),
        "editors": list(item.editors),
        "categories": list(item.categories),
        "enclosures": [asdict(each) for each in item.enclosures],
        "attribution": item.attribution,
        "origin_url": item.origin_url,
        "original_title": item.original_title,
        "credit_line": item.credit_line,
        "dateline": asdict(item.dateline) if item.dateline else None,
        "rights": item.rights,
        "ai_label": item.ai_label,
        "marker": _marker(item, zone),
        "repairs": _repairs(item.repairs),
    }


def _list(parsed: ParsedList, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "charset": parsed.charset,
        "items": [
            {
                "title": row.title,
                "link": row.link,
                "published_at": time_in(zone, row.published_at, row.published_precision),
            }
            for row in parsed.links
        ],
        "next": parsed.next_url,
        "rules": plain(parsed.rules),
        "repairs": _repairs(parsed.repairs),
    }


def _page(parsed: ParsedPage, zone: ZoneInfo) -> dict[str, Any]:
    item = parsed.item
    return {
        "charset": parsed.charset,
        "title": item.title,
        "original_title": item.original_title,
        "published_at": time_in(zone, item.published_at, item.published_precision),
        "published_precision": item.published_precision,
        "attribution": item.attribution,
        "authors": list(item.authors),
        "editors": list(item.editors),
        "credit_line": item.credit_line,
        "dateline": asdict(item.dateline) if item.dateline else None,
        "rights": item.rights,
        "ai_label": item.ai_label,
        "body_html": item.content_html,
        "body_text": plain_text(item.content_html),
        "images": picture_urls(item.content_html),
        "confidence": dict(parsed.confidence),
        "repairs": _repairs(item.repairs),
    }


def _marker(item: Item, zone: ZoneInfo) -> dict[str, Any] | None:
    if item.marker is None:
        return None
    return {
        "status": item.marker.status,
        "reason": item.marker.reason,
        "at": time_in(zone, item.marker.at),
    }


def _repairs(repairs: tuple[Repair, ...]) -> list[dict[str, Any]]:
    return [asdict(repair) for repair in repairs]
