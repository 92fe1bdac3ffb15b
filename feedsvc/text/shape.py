"""The shape of stranger's HTML, judged before anything builds a tree of it."""

from __future__ import annotations

import re
from collections import Counter

from feedsvc.errors import TooComplex

MOST_BYTES = 512 * 1024
MOST_DEPTH = 256

# HTML white space only: a wider class would see "<div\u3000>" as a div, which the parser does not.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\t\n\f\r />]*)")
_OPENING = re.compile(r"<(?:(script|style|svg|math)(?=[\t\n\f\r />])|!--)", re.IGNORECASE)
_VOID = frozenset("br hr img embed meta input link area base col param source track wbr".split())  # noqa: SIM905
# Their next start tag closes them, so that a page may open thousands and close none.
_SELF_CLOSING = frozenset("p li dd dt".split())  # noqa: SIM905
_TABLE_PARTS = frozenset("td th tr thead tbody tfoot option optgroup rt rp".split())  # noqa: SIM905
# In foreign content neither voids nor table parts close by themselves, but these leave it.
_LEAVING = frozenset("p li dd dt br hr img embed meta".split())  # noqa: SIM905


def without_opaque(html: str) -> str:
    """Drop comments, scripts, styles, SVG and MathML with their content, in linear time.

    What is never closed stays.
    """
    if _OPENING.search(html) is None:
        return html
    lowered = _ascii_lower(html)
    kept: list[str] = []
    at = 0
    unclosed: set[str] = set()
    for found in _OPENING.finditer(html):
        name = (found.group(1) or "!--").lower()
        if found.start() < at or name in unclosed:
            continue
        closed = _end_of(lowered, name, found.start())
        if closed < 0:
            unclosed.add(name)
            continue
        kept.append(html[at : found.start()])
        at = closed
    return "".join((*kept, html[at:]))


def _end_of(lowered: str, name: str, start: int) -> int:
    """Where the element or comment that starts at `start` is over; -1 if it never is."""
    if name == "!--":
        closed = lowered.find("-->", start + 2)  # "<!-->" is a whole comment
        return closed + 3 if closed >= 0 else -1
    end = lowered.find(f"</{name}", start)
    return lowered.find(">", end) + 1 or -1 if end >= 0 else -1


def check_shape(html: str, subject: str) -> None:
    """Raise TooComplex where a tree would be too big or too deep to build safely.

    Sanitisers need time quadratic in the depth: 43 s were measured for 500 kB of nested `<div>`.
    The depth is bounded from above by tags opened and not closed by their own name.
    """
    if len(html) > MOST_BYTES // 4 and len(html.encode("utf-8", "replace")) > MOST_BYTES:
        raise TooComplex(subject, f"more than {MOST_BYTES // 1024} kB of HTML")
    if html.count("<") <= MOST_DEPTH:
        return
    foreign = re.search(r"<(?:svg|math)", html, re.IGNORECASE) is not None
    ignored = _LEAVING if foreign else _VOID | _SELF_CLOSING | _TABLE_PARTS
    opened: Counter[str] = Counter()
    depth = 0
    for closing, raw in _TAG.findall(html):
        name = _ascii_lower(raw)
        if name in ignored:
            continue
        if not closing:
            opened[name] += 1
            depth += 1
            if depth > MOST_DEPTH:
                raise TooComplex(subject, f"HTML nested deeper than {MOST_DEPTH} elements")
        elif opened[name]:
            opened[name] -= 1
            depth -= 1


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Lower-case as HTML does, length kept; str.lower() would turn a Kelvin sign into a k."""
    return text.translate(_LOWER)
