"""The last look at a rendered document before it may replace the one that readers have."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from feedsvc.domain.feed import Feed, Format
from feedsvc.errors import RenderError

_ATOM = "{http://www.w3.org/2005/Atom}"
# The sanitiser lets no such thing through; the public validator lets such links through (measured).
_SCRIPT = re.compile(
    r"""<script\b|<[^<>]*\s(?:href|src|srcset|poster|action)\s*=\s*["']?\s*(?:java|vb)script:""",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a reader of the document sees of one entry."""

    guid: str
    title: str
    link: str
    text: str


def check(body: bytes, fmt: Format, feed: Feed) -> None:
    """Raise `RenderError` unless the document is well-formed and shows exactly the feed's entries.

    Held against the feed: number, order and ids of the entries, a title and an http(s) link each,
    no control characters and no scripts, and content where the feed has content.
    """
    subject = f"{feed.slug}.{fmt}"
    shown = _read(body, fmt, subject)
    expected = [entry.guid for entry in feed.entries]
    found = [each.guid for each in shown]
    _require(
        found == expected, subject, f"shows {len(found)} entries for {len(expected)}, or others"
    )
    _require(len(set(found)) == len(found), subject, "shows one id twice")
    for each, entry in zip(shown, feed.entries, strict=True):
        _require(bool(each.title.strip()), subject, f"{each.guid} has no title")
        _require(each.link.startswith(("http://", "https://")), subject, f"{each.guid} has no link")
        _require(
            bool(each.text) or not entry.content_html, subject, f"{each.guid} lost its content"
        )
        broken = any(_CONTROLS.search(part) for part in (each.title, each.text))
        _require(not broken, subject, f"{each.guid} carries a control character")
        _require(not _has_script(each.text), subject, f"{each.guid} carries a script")


def _has_script(text: str) -> bool:
    # Few texts have the word at all, and looking for that is quick.
    return "script" in text.lower() and _SCRIPT.search(text) is not None


def _read(body: bytes, fmt: Format, subject: str) -> list[_Shown]:
    try:
        if fmt == "json":
            return [_shown_json(item) for item in json.loads(body)["items"]]
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, KeyError, TypeError, etree.XMLSyntaxError) as error:
        raise RenderError(subject, f"is not well-formed ({error})") from error
    if fmt == "rss":
        return [_shown_rss(item) for item in root.iterfind("channel/item")]
    return [_shown_atom(entry) for entry in root.iterfind(f"{_ATOM}entry")]


def _shown_json(item: dict[str, Any]) -> _Shown:
    text = item.get("content_html") or item.get("content_text") or ""
    return _Shown(guid=item["id"], title=item["title"], link=item["url"], text=text)


def _shown_rss(item: etree._Element) -> _Shown:
    return _Shown(
        guid=item.findtext("guid") or "",
        title=item.findtext("title") or "",
        link=item.findtext("link") or "",
        text=item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or "",
    )


def _shown_atom(entry: etree._Element) -> _Shown:
    page = entry.find(f"{_ATOM}link[@rel='alternate']")
    return _Shown(
        guid=entry.findtext(f"{_ATOM}id") or "",
        title=entry.findtext(f"{_ATOM}title") or "",
        link="" if page is None else page.get("href", ""),
        text=entry.findtext(f"{_ATOM}content") or "",
    )


def _require(holds: bool, subject: str, complaint: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise RenderError(subject, complaint)
