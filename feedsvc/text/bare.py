"""HTML that is nothing but paragraphs of text: most of what feeds carry, and it needs no tree.

Every check here is one pass in C over the text; only what they leave open is asked of a regex.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from feedsvc.text.scrub import scrub

_BARE = re.compile(
    r"(?:<p>(?![\s<\u0338])[^<>&]*+(?:&(?:amp|lt|gt);[^<>&]*+)*+(?<!\s)</p>)+",
)
_OPENING = re.compile(r"p(?: (?:style|class|align|id)=\"[^\"<>&]*\")*")
_DRESS = re.compile(r"/?(?:span|font)(?: [^<>]*)?")
# Longer tags are judged anew each time, so that what strangers write cannot fill our memory.
_LONGEST_KEPT = 200
_PLAIN_DRESS = ("<span>", "</span>", "</font>")  # most of it, and replacing is cheaper than judging


def bare_paragraphs(html: str) -> str | None:
    """Give the plain form of HTML that is but paragraphs of text, as the long way would; else None.

    What only dresses a paragraph (style, class, span, font) is taken off.
    """
    if not html or _is_bare(html):
        return html
    if not html.lstrip().startswith("<p"):
        return None
    made = _undressed(html.replace("&nbsp;", "\u00a0"))
    return made if made is not None and _is_bare(made) else None


def _is_bare(html: str) -> bool:
    if not html.startswith("<p>") or not html.endswith("</p>"):
        return False
    if "&" in html or not html.isprintable():
        return _BARE.fullmatch(html) is not None and scrub(html) == html
    # Printable: the only white space is a space, and nothing is there that `scrub` would drop.
    inner = html.replace("</p><p>", "")[3:-4]
    return (
        "<" not in inner
        and ">" not in inner
        and "<p><" not in html
        and (" " not in html or ("<p> " not in html and " </p>" not in html))
        and (html.isascii() or unicodedata.is_normalized("NFC", html))
    )


def _undressed(html: str) -> str | None:
    """The paragraphs without what dresses them; None where there is anything else."""
    for tag in _PLAIN_DRESS:
        html = html.replace(tag, "")
    before, *pieces = html.split("<")
    if before and not before.isspace():
        return None
    texts: list[str] = []
    words = ""
    opened = False
    for piece in pieces:
        tag, closed, text = piece.partition(">")
        kind = _kind(tag) if len(tag) <= _LONGEST_KEPT else _judged(tag)
        if kind == "dress":
            words += text
        elif kind == ("/p" if opened else "p"):
            if opened:
                texts.append(words.strip())
            opened, words = not opened, text
        else:
            return None
        if not closed or (not opened and words and not words.isspace()):
            return None
    return None if opened else "".join([f"<p>{text}</p>" for text in texts if text])


@functools.lru_cache(maxsize=256)
def _kind(tag: str) -> str:
    return _judged(tag)


def _judged(tag: str) -> str:
    if tag == "/p":
        return "/p"
    if _OPENING.fullmatch(tag):
        return "p"
    return "dress" if _DRESS.fullmatch(tag) else "other"
