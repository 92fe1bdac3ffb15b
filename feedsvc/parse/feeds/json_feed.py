"""JSON Feed 1.0 and 1.1 (jsonfeed.org), with the extension `_feedsvc`."""

from __future__ import annotations

from feedsvc.domain.item import Enclosure
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.json_values import (
    Object,
    names,
    obj,
    objects,
    sequence,
    size,
    string,
    strings,
)
from feedsvc.parse.own_words import ai_label_of, dateline_of, marker_of
from feedsvc.text.scrub import one_line


def format_of(feed: Object) -> str:
    """The feed's version as we name formats."""
    stated = string(feed, "version").rpartition("/")[2]
    return "json-1.0" if stated in {"", "1"} else f"json-{one_line(stated, 10)}"


def links_of(feed: Object) -> dict[str, str]:
    """The feed's own address and the documents beside it; only `next_url` is in the specification."""
    ours = obj(obj(feed, "_feedsvc"), "links")
    said = {rel: string(ours, rel) for rel in ("next", "prev-archive")}
    said |= {
        "self": string(feed, "feed_url"),
        "next": string(feed, "next_url") or said["next"],
    }
    return {rel: url for rel, url in said.items() if url}


def read_item(entry: Object, job: ParseJob) -> Told:
    """What one item says; a field of another type than the specification's is read as absent."""
    ours = obj(entry, "_feedsvc")
    html = string(entry, "content_html")
    return Told(
        base_url=job.base_url,
        body_base_url=job.base_url if job.content_location else "",
        guid=string(entry, "id"),
        guid_is_link=not string(entry, "url"),
        link=string(entry, "url"),
        title=string(entry, "title"),
        title_kind="text",
        summary=string(entry, "summary"),
        summary_kind="text",
        content=html or string(entry, "content_text"),
        content_kind="html" if html else "text",
        published=string(entry, "date_published"),
        updated=string(entry, "date_modified"),
        authors=names(entry, "authors") or names(entry, "author"),
        editors=names(ours, "editors"),
        categories=_tags(entry, ours),
        enclosures=_files(entry),
        attribution=string(ours, "attribution") or string(obj(ours, "source"), "title"),
        origin=string(entry, "external_url") or string(ours, "origin_url"),
        original_title=string(ours, "original_title"),
        credit_line=string(ours, "credit_line"),
        dateline=dateline_of(ours),
        rights=string(ours, "rights") or string(ours, "licence"),
        language=string(entry, "language"),
        ai_label=ai_label_of(ours),
        marker=marker_of(ours, job),
    )


def _tags(entry: Object, ours: Object) -> list[str]:
    """Its own tags; where our extension names the house's category, that one is among `tags` but none."""
    if "category" in ours:
        return strings(ours, "tags")
    return strings(entry, "tags") if sequence(entry, "tags") else []


def _files(entry: Object) -> list[Enclosure]:
    attached = objects(entry, "attachments") if sequence(entry, "attachments") else []
    files = [
        Enclosure(
            url=url,
            media_type=string(each, "mime_type"),
            length=size(each, "size_in_bytes"),
            duration=size(each, "duration_in_seconds"),
        )
        for each in attached
        if (url := string(each, "url"))
    ]
    pictures = (string(entry, "image"), string(entry, "banner_image"))
    return files + [Enclosure(url=url) for url in pictures if url]
