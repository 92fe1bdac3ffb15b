"""What an element is called: its tag with the id and the classes that do not change from row to row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

# Classes that say what state a row is in, and such as place it; neither says what it is.
_STATE = re.compile(
    r"(?:(?:is|no|has|js)-?)?(?:first|last|odd|even|active|current|cur|on|off|hover|selected|show|hide|hidden|"
    r"open|opened|visited|new|red|bold|wow|animated|fade\w*|swiper-slide-\w+)(?:[-_]?\d+)?",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"(?:clear(?:fix)?|cf|fl|fr|left|right|[mp][tblr]|pull-(?:left|right)|row|col(?:-\w+)*|grid|line|top|"
    r"bottom|center|box|wrap(?:per)?|inner|[wh]-?\d{2,4}|text-\w+|font-\w+|[mp][xytblr]?-\d+)(?:[-_]?\d+)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# Names that a build tool or a database made; they change with the next build or row.
_MADE = re.compile(
    r".*(?:\d{3,}|(?=[a-z0-9]*\d[a-z0-9]*\d)[a-f0-9]{6,}).*|(?:css|sc|jsx|svelte)-\w+|.*__\w*\d\w*$|_\w{5,}_\d+"
    r"|ember\d+|ext-gen\d+|yui[_-]\w+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def steady_classes(element: HtmlElement) -> list[str]:
    """The classes that name a kind of element, in the order of the markup."""
    return [name for name in _usable(element) if not _LAYOUT.fullmatch(name)]


def layout_classes(element: HtmlElement) -> list[str]:
    """The classes that only place an element; good to tell columns apart where nothing better is."""
    return [name for name in _usable(element) if _LAYOUT.fullmatch(name)]


def _usable(element: HtmlElement) -> list[str]:
    return [
        name
        for name in (element.get("class") or "").split()
        if _NAME.fullmatch(name)
        and not _STATE.fullmatch(name)
        and (_LAYOUT.fullmatch(name) or not _MADE.fullmatch(name))
    ]


def steady_id(element: HtmlElement) -> str | None:
    """The id, unless it was made for one row or by a machine."""
    name = (element.get("id") or "").strip()
    return name if _NAME.fullmatch(name) and not _MADE.fullmatch(name) else None


def steady_label(element: HtmlElement) -> str:
    """Tag and steady classes without their numbers: equal for blocks of one list."""
    classes = sorted({re.sub(r"[-_]?\d+$", "", name) for name in steady_classes(element)})
    return ".".join([str(element.tag), *classes])


def words_of(element: HtmlElement) -> Iterator[str]:
    """The words in tag, id and classes, lower case: `news_listBox` gives news, list, box."""
    names = f"{element.tag!s} {element.get('id') or ''} {element.get('class') or ''}"
    yield from _WORD.findall(_HUMP.sub(" ", names).lower())
