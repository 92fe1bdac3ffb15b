"""Characters: what may stand in a stored text."""

from __future__ import annotations

import re
import unicodedata

_EMOJI = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
# One pass removes what XML 1.0 forbids (section 2.2: C0, surrogates, U+FFFE/FFFF), C1 controls and
# noncharacters, and what only disturbs: BOM, zero-width, word joiner, soft hyphen, bidi overrides,
# private use (icon fonts). A zero-width joiner stays where it joins two emoji.
_DROP = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200c\u202d\u202e\u2060\ufeff"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000)
    )
    + "\U000f0000-\U0010ffff]"
)
_LONE_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


def scrub(text: str) -> str:
    """Make any string safe to store and to put into XML: NFC, LF line ends, no forbidden character.

    Idempotent. Never apply it to whole markup: NFC joins a ">" with a following U+0338.
    """
    if "\r" in text or "\u2028" in text or "\u2029" in text:
        text = _LINE_END.sub("\n", text)
    if not text.isprintable() and not _without_blanks(text).isprintable():
        if "\u200d" in text:
            text = _LONE_JOINER.sub("", text)
        text = _DROP.sub("", text)
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def _without_blanks(text: str) -> str:
    """Take out what may stay although it does not print, so that most texts need no closer look."""
    return text.replace("\n", "").replace("\u3000", "").replace("\u00a0", "")


def comparable(text: str) -> str:
    """Fold what makes no difference to a reader: width, case, white space. For comparing, never to store."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def one_line(text: str, limit: int = 300) -> str:
    """Make a title of a string: scrubbed, white space (U+3000 and nbsp too) folded, at most `limit` characters."""
    line = " ".join(scrub(text).split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rstrip(" \u200d") + "…"
