"""JSON Feed 1.1 with the extension `_feedsvc`, which carries what the format has no word for."""

from __future__ import annotations

import json
from typing import Any

from feedsvc.domain.feed import Entry, Feed, Site
from feedsvc.domain.item import Enclosure
from feedsvc.render.clean import cleaned, plain, uri
from feedsvc.render.feedgen_extension import pictures_among, usable
from feedsvc.render.parts import (
    address_of,
    beijing,
    category_of,
    feed_title,
    is_web_address,
    language_of,
    licence_of,
    linked_address,
    media_type_of,
    named,
    picture_of,
    rights_of,
    site_licence,
    site_title,
    summary_of,
    tags_of,
    title_of,
)
from feedsvc.render.pieces import Rendered

VERSION = "https://jsonfeed.org/version/1.1"


def render_json(feed: Feed, site: Site) -> bytes:
    """Return the feed as JSON Feed 1.1 in UTF-8; equal feeds give equal bytes in every process."""
    return json_pieces(feed, site).body


def json_pieces(feed: Feed, site: Site) -> Rendered:
    """Return the same in pieces."""
    feed, site = cleaned(feed), cleaned(site)
    links = {each.rel: linked_address(each, "json") for each in feed.links}
    document = _present(
        {
            "version": VERSION,
            "title": feed_title(feed),
            "home_page_url": uri(feed.page_url),
            "feed_url": uri(address_of(feed, "json")),
            "next_url": next((uri(url) for rel, url in links.items() if rel == "next"), None),
            "description": plain(feed.description),
            "icon": picture_of(site, "icon"),
            "favicon": picture_of(site, "favicon"),
            "language": site.language,
            "authors": [{"name": site_title(site), "url": uri(f"{site.base_url}/")}],
            "expired": feed.expired or None,
        }
    )
    document["_feedsvc"] = {
        "about": _about(site),
        "id": feed.guid,
        "updated": beijing(feed.updated_at).isoformat(),
        "cursor": feed.cursor,
        **_present({"rights": plain(site.rights), "licence": site_licence(site)}),
        **({"links": {rel: uri(url) for rel, url in links.items()}} if links else {}),
        **({"archive": True} if feed.archive else {}),
    }
    return Rendered(
        # An object written without its closing brace takes one more key at its end.
        head=f'{_dumped(document)[:-1]},"items":['.encode(),
        entries=tuple(_dumped(_item(entry, site)).encode() for entry in feed.entries),
        tail=b"]}",
        separator=b",",
    )


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _item(entry: Entry, site: Site) -> dict[str, Any]:
    content = (
        {"content_html": entry.content_html}
        if entry.content_html
        else {"content_text": summary_of(entry)}
    )
    return _present(
        {
            "id": entry.guid,
            "url": uri(entry.url),
            "external_url": _address(entry.origin_url),
            "title": title_of(entry),
            **content,
            "summary": summary_of(entry),
            "image": _image(entry),
            "date_published": beijing(entry.published_at).isoformat(),
            "date_modified": beijing(entry.updated_at).isoformat(),
            "authors": [{"name": name} for name in named(entry.authors)],
            "tags": list(dict.fromkeys(filter(None, (category_of(entry), *tags_of(entry))))),
            "language": language_of(entry, site),
            "attachments": [_attachment(each) for each in usable(entry.enclosures)],
            "_feedsvc": _provenance(entry, site),
        }
    )


def _provenance(entry: Entry, site: Site) -> dict[str, Any]:
    """Status and provenance; `reason` and `at` stand only where the status is not "live"."""
    changed = entry.status != "live"
    line = entry.dateline
    return _present(
        {
            "about": _about(site),
            "pinned": entry.pinned or None,
            "status": entry.status,
            "reason": entry.reason if changed else None,
            "at": beijing(entry.updated_at).isoformat() if changed else None,
            "revision": entry.revision,
            "attribution": entry.attribution,
            "original_title": entry.original_title,
            "editors": named(entry.editors),
            "credit_line": entry.credit_line,
            "dateline": _present({"place": line.place, "date": line.date, "agency": line.agency})
            if line
            else None,
            "source": _present({"title": entry.source_title, "url": _address(entry.source_url)}),
            "rights": rights_of(entry),
            "licence": licence_of(entry),
            "category": category_of(entry),
            "tags": tags_of(entry),
            "ai_label": entry.ai_label,
        }
    )


def _image(entry: Entry) -> str | None:
    """The first enclosed picture that is served by us."""
    return next((uri(each.url) for each in pictures_among(entry.enclosures)), None)


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    attachment: dict[str, Any] = {
        "url": uri(enclosure.url),
        "mime_type": media_type_of(enclosure) or "application/octet-stream",
    }
    if enclosure.length is not None:
        attachment["size_in_bytes"] = enclosure.length
    if enclosure.duration is not None:
        attachment["duration_in_seconds"] = enclosure.duration
    return attachment


def _about(site: Site) -> str:
    """JSON Feed asks an extension to say where it is explained."""
    return uri(f"{site.base_url}/feeds/#json")


def _address(address: str | None) -> str | None:
    return uri(address) if address is not None and is_web_address(address) else None


def _present(pairs: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that have nothing to say; the order stays as written."""
    return {key: value for key, value in pairs.items() if value not in (None, "", [], {})}
