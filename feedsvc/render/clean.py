"""The last gate before the writers: nothing leaves that XML, JSON or a URL cannot carry."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html import unescape
from typing import Any, TypeVar
from urllib.parse import quote

Value = TypeVar("Value")

# Some partners escape what is escaped already.
MOST_DECODED = 3
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(
    r"</?(?:a|abbr|audio|b|big|blockquote|body|br|button|center|code|del|div|em|embed|figure|font|form"
    r"|h[1-6]|head|hr|html|i|iframe|img|input|ins|li|link|meta|object|ol|p|pre|s|script|small|source"
    r"|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|title|tr|tt|u|ul|video)"
    r"(?:\s[^<>=]*=[^<>]*|\s*/?)>",
    re.IGNORECASE,
)

# CR, which lxml would write as "&#13;", and what is outside `Char` of XML 1.0 (section 2.2).
_LINE_END = re.compile("\r\n?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What nobody wrote: U+FFFD, and UTF-8 that was read as Latin-1. The public validator warns of both, and
# of C1 controls. A missing character is printed as □ in Chinese. It is sought in what stands between two
# pieces of markup: one expression for both would take the square of a long paragraph's time.
_BETWEEN_MARKUP = re.compile('[^\n<>&"]+')
_HALF_DECODED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")
_UNFIT = re.compile(f"{_UNPRINTABLE.pattern}|\ufffd|{_HALF_DECODED.pattern}")
_MISSING = "\u25a1"
# RFC 3986 reserved characters and "%": what `quote` leaves alone besides letters, digits and "_.-~".
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"
_URI = re.compile(r"(?:[A-Za-z0-9_.\-~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", re.ASCII)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)


def cleaned(value: Value) -> Value:
    """Return a feed or site without a character that a document cannot carry; the same object where it has none.

    Texts are scrubbed when they come in. This is the second net: one control character makes feedgen
    refuse the whole feed (measured), so a hole in the first net must not cost readers everything.
    It removes, and mends what was decoded wrongly: normalising here would reach into markup.
    """
    return _cleaned(value)


def plain(text: str) -> str:
    """Return a text without markup, entities decoded: what stands where formats want plain text.

    Readers take RSS titles for HTML and Atom's for text, so what looks like markup would come out
    differently, and the public validator warns of it. A sign that is no tag (a<b) stays.
    """
    if "&" not in text and "<" not in text:
        return text.strip()
    for _ in range(MOST_DECODED):
        decoded = _ENTITY.sub(_decoded, text)
        if decoded == text:
            break
        text = decoded
    return printable(_TAG.sub("", text)).strip()


def _decoded(entity: re.Match[str]) -> str:
    return unescape(entity.group())


def uri(address: str) -> str:
    """Return the address as an RFC 3986 URI: Chinese paths and stray blanks percent-encoded as UTF-8."""
    if _URI.fullmatch(address):
        return address
    return quote(_LONE_PERCENT.sub("%25", address.strip()), safe=_URL_CHARACTERS)


def _cleaned(value: Value) -> Value:
    found: Any = value
    if isinstance(value, str):
        found = printable(value) if _UNFIT.search(value) else value
    elif isinstance(value, tuple):
        parts = tuple(_cleaned(part) for part in value)
        found = value if all(map(_same, parts, value)) else parts
    elif is_dataclass(value) and not isinstance(value, type):
        pairs = ((name, getattr(value, name)) for name in _names(type(value)))
        changed = {name: new for name, old in pairs if (new := _cleaned(old)) is not old}
        found = replace(value, **changed) if changed else value
    result: Value = found
    return result


def printable(text: str) -> str:
    """Return the text without what XML 1.0 cannot carry, and with wrongly decoded parts mended. Idempotent."""
    if not _UNFIT.search(text):
        return text
    text = _LINE_END.sub("\n", text).replace("\ufffd", _MISSING)
    while (mended := _UNPRINTABLE.sub("", _BETWEEN_MARKUP.sub(_redecoded, text))) != text:
        text = mended
    return text


def _redecoded(match: re.Match[str]) -> str:
    text = match.group()
    if not _HALF_DECODED.search(text):
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _same(one: object, other: object) -> bool:
    return one is other


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
