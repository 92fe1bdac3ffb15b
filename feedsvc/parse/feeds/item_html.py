"""Titles and bodies of feed items: markup, text or either → one line or sanitised HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Literal

from feedsvc.domain.item import Repair
from feedsvc.errors import TooComplex
from feedsvc.text.bare import bare_paragraphs
from feedsvc.text.html import paragraphs, plain_text, sanitise_markup
from feedsvc.text.scrub import scrub
from feedsvc.text.shape import MOST_BYTES

# "guess": RSS does not say whether a description is markup.
Kind = Literal["text", "html", "guess"]

# Stands in a document for a character that XML forbids (a noncharacter, which `scrub` drops), so
# that the item it stood in can say so.
FORBIDDEN_MARK = "\ufdd0"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]*>")
_ESCAPED = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
_DATA_ADDRESS = re.compile(r"""(["'])data:[^"'<>]*\1""", re.IGNORECASE)


def read_line(raw: str, kind: Kind) -> str:
    """Make a one-line text of a title; markup in it is dropped unless the format says that it is text."""
    if not raw:
        return ""
    if kind != "text" and ("<" in raw or "&" in raw):
        raw = plain_text(raw)
    return " ".join(scrub(raw).split())


def read_html(raw: str, kind: Kind, base_url: str, noted: list[Repair]) -> str:
    """Make sanitised HTML of a body; too big a one is cut, too deep a one loses its markup."""
    if not raw or raw.isspace():
        return ""
    if kind == "text":
        return paragraphs(raw)
    if kind == "guess" and ("<" not in raw or not _MARKUP.search(raw)):
        return paragraphs(unescape(raw) if "&" in raw and _ESCAPED.search(raw) else raw)
    if len(raw) * 4 > MOST_BYTES:
        raw = _fitting(raw, noted)
    bare = bare_paragraphs(raw)
    if bare is not None:
        return bare
    try:
        sanitised = sanitise_markup(raw, base_url=base_url)
    except TooComplex as refusal:
        noted.append(Repair(kind="markup_dropped", detail=refusal.cause))
        return paragraphs(plain_text(raw))
    noted.extend(sanitised.repairs)
    return sanitised.html


def _fitting(raw: str, noted: list[Repair]) -> str:
    """At most 512 kB: pictures written into the text go first, then its end at the last tag."""
    if len(raw.encode("utf-8", "replace")) <= MOST_BYTES:
        return raw
    lighter = _DATA_ADDRESS.sub('""', raw)
    encoded = lighter.encode("utf-8", "replace")
    if len(encoded) <= MOST_BYTES:
        noted.append(Repair(kind="inline_data_dropped"))
        return lighter
    cut = encoded[:MOST_BYTES].decode("utf-8", "ignore")
    noted.append(Repair(kind="content_cut", detail=str(len(encoded))))
    return cut[: cut.rfind("<")] if "<" in cut[-MOST_BYTES // 64 :] else cut


def note_forbidden(parts: Iterable[str], noted: list[Repair]) -> None:
    """Note that a text holds a character that XML forbids, or the mark of one."""
    if any(not raw.isprintable() and _FORBIDDEN.search(raw) for raw in parts):
        noted.append(Repair(kind="control_characters"))
