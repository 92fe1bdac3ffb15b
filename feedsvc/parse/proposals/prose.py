"""How much running text a page has outside of its list: an article's page has much of it in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from feedsvc.parse.proposals.anchors import width
from feedsvc.text.scrub import one_line

_SENTENCE = re.compile(r"[。！？；]|[.!?](?:\s|$)|，[^，]{4,}，")
_NO_TEXT = frozenset(
    {"script", "style", "noscript", "template", "textarea", "select", "title", "a", "button"}
)
_INLINE = frozenset(
    {"b", "strong", "em", "i", "u", "font", "span", "small", "big", "br", "sub", "sup", "nobr"}
)
# A shorter text is a label or a notice in the foot.
LEAST_TEXT = 24.0
# Paragraphs stand at most so deep in the element that holds the article.
RISE = 2


def longest_prose(tree: HtmlElement, without: Iterable[HtmlElement]) -> float:
    """The length (Han characters) of the longest running text that stands in one element."""
    left_out = set(without)
    held: dict[HtmlElement, float] = {}
    for block, length in _texts(tree, left_out):
        holder: HtmlElement | None = block
        for _ in range(RISE):
            holder = holder.getparent() if holder is not None else None
            if holder is None or holder.tag in {"body", "html"}:
                break
            held[holder] = held.get(holder, 0.0) + length
        held[block] = held.get(block, 0.0) + length
    return max(held.values(), default=0.0)


def _texts(tree: HtmlElement, left_out: set[HtmlElement]) -> Iterator[tuple[HtmlElement, float]]:
    """Blocks with sentences of their own, and how long those are; links and left-out elements do not count."""
    pending = [tree]
    while pending:
        element = pending.pop()
        own = [element.text or ""]
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _NO_TEXT or child in left_out:
                own.append(child.tail or "")
            elif child.tag in _INLINE and not len(child):
                own += [child.text or "", child.tail or ""]
            else:
                pending.append(child)
                own.append(child.tail or "")
        text = one_line("".join(own))
        length = width(text)
        if length >= LEAST_TEXT and _SENTENCE.search(text):
            yield element, length
