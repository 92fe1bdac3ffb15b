"""Conditional requests and content negotiation after RFC 9110, as pure functions over header values.

Nothing here raises: a header that is not well-formed counts as absent or as no match, so that the
worst that a broken client gets is a full answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

Coding = Literal["br", "gzip", "identity"]

# Our order of preference where the client has none: brotli is the smallest of the three.
CODINGS: tuple[Coding, ...] = ("br", "gzip", "identity")
SUFFIXES: dict[Coding, str] = {"br": "-br", "gzip": "-gz", "identity": ""}

# Remembered header values are bounded in number here and in length by the callers.
MEMO_SIZE = 1024
MEMO_LENGTH = 256

_CODING = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:;[ \t]*[qQ]=([0-9.]{1,5}))?[ \t]*")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_ENTITY_TAG = re.compile(r'[ \t,]*(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(\d\d):(\d\d):(\d\d)"
_IMF_FIXDATE = re.compile(
    rf"[A-Z][a-z]{{2}}, (\d\d) ([A-Z][a-z]{{2}}) (\d{{4}}) {_CLOCK} GMT", re.A
)
_RFC_850 = re.compile(rf"[A-Z][a-z]{{5,8}}, (\d\d)-([A-Z][a-z]{{2}})-(\d\d) {_CLOCK} GMT", re.A)
_ASCTIME = re.compile(rf"[A-Z][a-z]{{2}} ([A-Z][a-z]{{2}}) ([ \d]\d) {_CLOCK} (\d{{4}})", re.A)


def choose_coding(accept_encoding: str | None) -> Coding:
    """Choose the representation to send (RFC 9110 section 12.5.3); equal weights: br, gzip, identity.

    Without the header the answer is identity, which every client understands. When the client
    refuses all that we have, it gets gzip where only identity is refused by name, else identity:
    a feed is never answered with 406.
    """
    if accept_encoding is None:
        return "identity"
    if len(accept_encoding) > MEMO_LENGTH:
        return _choose(accept_encoding)
    return _choose_memoised(accept_encoding)


def _choose(accept_encoding: str) -> Coding:
    weights = _weights(accept_encoding)
    rest = weights.get("*")
    # Identity is acceptable unless refused, but any coding that the client names is preferred to it.
    unnamed: dict[Coding, float] = {"br": 0.0, "gzip": 0.0, "identity": 0.0001}
    scores = {
        coding: weights.get(coding, unnamed[coding] if rest is None else rest) for coding in CODINGS
    }
    best = max(CODINGS, key=lambda coding: scores[coding])
    if scores[best] > 0:
        return best
    refused_by_name = "identity" in weights and "gzip" not in weights and rest is None
    return "gzip" if refused_by_name else "identity"


_choose_memoised = lru_cache(maxsize=MEMO_SIZE)(_choose)


def _weights(accept_encoding: str) -> dict[str, float]:
    """Weight per coding name; elements that are not well-formed are left out."""
    weights: dict[str, float] = {}
    for element in accept_encoding.split(","):
        match = _CODING.fullmatch(element.strip(" \t"))
        if match is None:
            continue
        name, weight = match[1].lower(), match[2]
        if weight is not None and not _WEIGHT.fullmatch(weight):
            continue
        weights["gzip" if name == "x-gzip" else name] = 1.0 if weight is None else float(weight)
    return weights


def entity_tag(core: str, coding: Coding) -> str:
    """Write the strong ETag of one representation: the document's core, a suffix per coding, quoted."""
    return f'"{core}{SUFFIXES[coding]}"'


def spellings(core: str) -> frozenset[str]:
    """Return every If-None-Match value with one tag that stands for the document, weak ones included."""
    tags = [entity_tag(core, coding) for coding in CODINGS]
    return frozenset([*tags, *(f"W/{tag}" for tag in tags)])


def names_core(if_none_match: str, core: str) -> bool:
    """Tell whether If-None-Match matches the document whose core this is (RFC 9110 section 13.1.2).

    Comparison is weak; the tag of any coding counts, because all codings carry the same bytes;
    `*` matches every document that exists. A list that is not well-formed counts up to its fault.
    """
    if if_none_match.strip(" \t") == "*":
        return True
    wanted = {f"{core}{suffix}" for suffix in SUFFIXES.values()}
    position = 0
    while match := _ENTITY_TAG.match(if_none_match, position):
        if match[1] in wanted:
            return True
        position = match.end()
    return False


def unmodified_since(if_modified_since: str, last_modified: datetime) -> bool:
    """Tell whether the document is no newer than the client's copy (RFC 9110 section 13.1.3).

    `last_modified` is aware UTC in whole seconds. A value that is no HTTP date is ignored: False.
    """
    if len(if_modified_since) > MEMO_LENGTH:
        return False
    since = read_http_date(if_modified_since)
    return since is not None and last_modified <= since


@lru_cache(maxsize=MEMO_SIZE)
def read_http_date(value: str) -> datetime | None:
    """Read one of the three forms of RFC 9110 section 5.6.7 as aware UTC, None when it is none of them.

    Two-digit years from 70 on belong to the last century.
    """
    text = value.strip(" \t")
    if match := _IMF_FIXDATE.fullmatch(text):
        day, month, year, *clock = match.groups()
    elif match := _RFC_850.fullmatch(text):
        day, month, short, *clock = match.groups()
        year = f"{'19' if int(short) >= 70 else '20'}{short}"
    elif match := _ASCTIME.fullmatch(text):
        month, day, *clock, year = match.groups()
    else:
        return None
    try:
        hour, minute, second = (int(part) for part in clock)
        return datetime(
            int(year), _MONTHS.index(month) + 1, int(day), hour, minute, min(second, 59), tzinfo=UTC
        )
    except ValueError:
        return None


def http_date(at: datetime) -> str:
    """Write an aware time as IMF-fixdate, whatever the locale of the process."""
    utc = at.astimezone(UTC)
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[utc.weekday()]
    month = _MONTHS[utc.month - 1]
    return f"{weekday}, {utc.day:02} {month} {utc.year:04} {utc:%H:%M:%S} GMT"
