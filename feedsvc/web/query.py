"""The query of a search feed: read strictly, and written in one way, so that caches know it again. Pure."""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qsl, quote

from feedsvc.domain.feed import Selection
from feedsvc.publish.asked import Query
from feedsvc.text.bigrams import terms_of
from feedsvc.web.slugs import is_slug

LONGEST_WORDS = 100
MOST_ENTRIES = 200
ENTRIES = 50
# What follows is not read: a query is as long as its words, percent-encoded three times over.
LONGEST = 4096


class BadParameter(ValueError):
    """A parameter that cannot be meant; `name` is one of ours, never what was sent."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def read_query(query: str) -> Query:
    """Read a query string as it came; what is not ours is left out, of repeated ones the first counts.

    Raises `BadParameter` for words that nothing can be searched by or of more than 100 characters,
    for names that cannot be ours, and for numbers out of range.
    """
    given = _given(query)
    words = " ".join(unicodedata.normalize("NFC", given.get("q", "")).split())
    if not 0 < len(words) <= LONGEST_WORDS or not words.isprintable() or not terms_of(words):
        raise BadParameter("q")
    selection = Selection(
        words=words, category=_slug(given, "category"), source=_slug(given, "source")
    )
    most = _whole(given, "n", ENTRIES, 1, MOST_ENTRIES)
    full = _whole(given, "full", 1, 0, 1) == 1
    return Query(
        selection=selection, most=most, full=full, text=write_query(selection, most, full=full)
    )


def write_query(selection: Selection, most: int, *, full: bool) -> str:
    """Return the one way to write it: parameters in order, defaults left out, all else encoded."""
    values = {
        "category": selection.category,
        "full": None if full else "0",
        "n": None if most == ENTRIES else str(most),
        "q": selection.words,
        "source": selection.source,
    }
    pairs = [f"{name}={quote(value, safe='')}" for name, value in values.items() if value]
    return f"?{'&'.join(pairs)}"


def _given(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    try:
        pairs = parse_qsl(query[:LONGEST], keep_blank_values=True, errors="strict")
    except ValueError:
        raise BadParameter("q") from None
    for name, value in pairs:
        given.setdefault(name, value)
    return given


def _slug(given: dict[str, str], name: str) -> str | None:
    value = given.get(name, "").strip()
    if value and not is_slug(value):
        raise BadParameter(name)
    return value or None


def _whole(  # the least and the most are its own
    given: dict[str, str], name: str, default: int, least: int, most: int
) -> int:
    value = given.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and len(value) <= 9):
        raise BadParameter(name)
    if not least <= int(value) <= most:
        raise BadParameter(name)
    return int(value)
