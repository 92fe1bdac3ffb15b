"""Whom a page credits (来源), as printed, and where the original stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from feedsvc.parse.pages.labels import OUTLET_END, outlet
from feedsvc.parse.pages.lines import BLOCKS, Line, fold
from feedsvc.parse.pages.meta import GOVERNMENT
from feedsvc.parse.pages.names import is_person
from feedsvc.parse.pages.printed_date import PrintedDate, printed_dates
from feedsvc.parse.pages.surroundings import Surroundings, labelled, values_of
from feedsvc.text.urls import absolute, names_an_article

LONGEST_HEADER = 100
_SERVICE = re.compile(
    r"评论|字号|人|次|发布|发表|分享|订阅|下载|星期|首页|正文|编辑|作者|打印|原创|转载|^[大中小]$|^\W*$"
)
# What stands between a time and an outlet, and what opens a name behind it.
_BARS = " |｜丨│┃·/／　:：-—"
_ROLE = re.compile(r"\s(?:记者|通讯员|作者|编辑)\s")
_SOURCE_CLASS = re.compile(r"(?:^|[\s_-])(?:source|origin|laiyuan|media-?name)", re.I)
_SIGNED = re.compile(
    r"(?P<name>[\u4e00-\u9fff·]{2,6})\s*[/／]\s*(?P<outlet>[\u4e00-\u9fffA-Za-z]{3,15})\Z"
)


def attribution(around: Surroundings, inside: list[Line]) -> tuple[str, float]:
    """The outlet credited and how sure we are of it; "" when the page names none.

    Labels come first, then the Baidu and government remarks, then an outlet that stands beside the
    time without a label, a label below or at the edges of the text (`inside`), and last an account
    that stands before the time.
    """
    for values, sure in _claims(around, inside):
        for value in values:
            if name := outlet(value):
                return name, sure
    return "", 0.0


def _claims(around: Surroundings, inside: list[Line]) -> Iterator[tuple[Iterable[str], float]]:
    """Who may be credited and how sure that is, strongest first; none is read before it is asked for."""
    above, meta = around.above, around.meta
    yield labelled(above, "attribution"), 1.0
    yield values_of(meta.ids.get("attribution", ""), "attribution"), 0.95
    if meta.is_government:
        yield values_of(meta.tags.get(GOVERNMENT["attribution"], ""), "attribution"), 0.95
    yield (name for line in above if (name := _beside_time(line))), 0.7
    yield (pair[1] for line in above if (pair := signed_outlet(line))), 0.8
    yield labelled(around.below, "attribution"), 0.85
    yield labelled([*inside[-3:], *inside[:3]], "attribution"), 0.75
    yield (name for line in above if (name := _account(line, above))), 0.55


def signed_outlet(line: Line) -> tuple[str, str] | None:
    """Name and outlet of a line that is `name/outlet` and nothing else."""
    found = _SIGNED.match(line.text)
    if found and is_person(found["name"]) and OUTLET_END.search(found["outlet"]):
        return found["name"], found["outlet"]
    return None


def origin_url(around: Surroundings, name: str, base_url: str) -> str | None:
    """The article's address at the outlet credited, where its name is linked to an article."""
    for line in around.above + around.below:
        for text, holder in line.pieces:
            if name and holder.tag == "a" and fold(text) == name:
                address = absolute(base_url, holder.get("href") or "")
                if address and names_an_article(address):
                    return address
    return None


def _beside_time(line: Line) -> str:
    """An outlet without a label beside the time (2019-09-26 10:56 某某网; 某某报 2019-09-26 10:56)."""
    if len(line.text) > LONGEST_HEADER:
        return ""
    for date in printed_dates(line.spaced):
        if date.has_time:
            return _after(line, date) or _marked(line) or _before(line, date)
    return ""


def _after(line: Line, date: PrintedDate) -> str:
    rest = line.spaced[date.end :]
    first = next(
        (label.start - date.end for label in line.labels if label.start >= date.end), len(rest)
    )
    return _plausible(outlet(_ROLE.split(rest[:first].lstrip(_BARS))[0]))


def _before(line: Line, date: PrintedDate) -> str:
    words = line.spaced[: date.start].split()
    return _plausible(words[-1]) if words and OUTLET_END.search(words[-1]) else ""


def _account(line: Line, above: list[Line]) -> str:
    """The name before a time in a line of nothing else; a word of the navigation is a section's."""
    if len(line.text) > LONGEST_HEADER:
        return ""
    date = next((date for date in printed_dates(line.spaced) if date.has_time), None)
    if date is None:
        return ""
    end = min([date.start, *(label.start for label in line.labels)])
    name = line.spaced[:end].strip(_BARS)
    if " " in name or any(other.text == name for other in above if other is not line):
        return ""
    return _plausible(outlet(name))


def _marked(line: Line) -> str:
    """The text of an element in the line whose class says that it is the source."""
    for text, holder in line.pieces:
        node: HtmlElement | None = holder
        while node is not None and node.tag not in BLOCKS:
            if _SOURCE_CLASS.search(f"{node.get('class') or ''} {node.get('id') or ''}"):
                return _plausible(outlet(fold(text)))
            node = node.getparent()
    return ""


def _plausible(name: str) -> str:
    """A name without a label is an outlet's only if it is neither a tool's nor a person's."""
    if not 2 <= len(name) <= 20 or _SERVICE.search(name) or is_person(name):
        return ""
    return name
