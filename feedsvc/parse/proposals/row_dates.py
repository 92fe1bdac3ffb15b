"""Where the rows of a list print their date: inside, behind, or once for all rows of a day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from feedsvc.parse.list_dates import date_text, row_date
from feedsvc.parse.pages.printed_date import find_date
from feedsvc.parse.proposals.fields import ENOUGH, Pair, best_by, own_names
from feedsvc.parse.proposals.selectors import finds
from feedsvc.parse.selection import text_of
from feedsvc.text.dates import ReadDate
from feedsvc.text.scrub import one_line

# A date with its label and an outlet beside it; longer texts are sentences that mention days.
LONGEST = 48
# Rows of a group of days that have a date by their day's heading.
MOST_SEPARATORS = 8
# Siblings behind a row that may hold its date.
MOST_FOLLOWERS = 3
_LOOKS_DATED = re.compile(
    r"\d\s*[-/.年月]\s*\d|\d{8}|[前昨今]天|[分小]\w{0,2}前|刚刚|\d\s*[a-z]{3}|[a-z]{3,9}\.?\s*\d",
    re.IGNORECASE,
)


class DateReader:
    """Reads rows' dates in one zone, seen at one time."""

    def __init__(self, zone: str, seen_at: datetime) -> None:
        self._zone = zone
        self._seen_at = seen_at

    def read(self, text: str) -> ReadDate | None:
        """The date in a text that is short enough to be one."""
        text = one_line(text)
        if len(text) > LONGEST or not _LOOKS_DATED.search(text):
            return None
        return row_date(text, zone=self._zone, seen_at=self._seen_at)

    def read_node(self, node: HtmlElement | str) -> ReadDate | None:
        """The date that an element prints, if it prints little else."""
        return self.read(date_text(node))

    def anywhere(self, text: str) -> ReadDate | None:
        """The first date with a year in a text of any length."""
        return find_date(text, zone=self._zone, seen_at=self._seen_at)


def date_rule(pairs: Sequence[Pair], reader: DateReader) -> tuple[str | None, float]:
    """The rule for the date and the share of rows that it dates; None, share where none is needed."""
    rules = list(dict.fromkeys(_candidates(pairs, reader)))
    for kind in (_is_inside, _is_beside, _is_heading):
        some = [rule for rule in rules if kind(rule)]
        best = best_by(some, lambda rule: _share(pairs, rule, reader), ENOUGH)
        if best is not None:
            return best, _share(pairs, best, reader)
        if kind is _is_inside:
            share = _share_of_rest(pairs, reader)
            if share >= ENOUGH:
                return None, share
    best = best_by(rules, lambda rule: _share(pairs, rule, reader), 0.4)
    return (best, _share(pairs, best, reader)) if best else (None, _share_of_rest(pairs, reader))


def _is_inside(rule: str) -> bool:
    return not rule.startswith("xpath:") or rule.startswith("xpath:text()")


def _is_beside(rule: str) -> bool:
    return rule.startswith(("xpath:following-sibling", "xpath:preceding-sibling"))


def _is_heading(rule: str) -> bool:
    return rule.startswith(("xpath:preceding::", "xpath:ancestor::"))


def _candidates(pairs: Sequence[Pair], reader: DateReader) -> Iterator[str]:
    for pair in (*pairs[:3], *pairs[-2:]):
        yield from _inside(pair, reader)
        yield from _beside(pair, reader)
    yield from _separators(pairs, reader)


def _inside(pair: Pair, reader: DateReader) -> Iterator[str]:
    dated = [
        node
        for node in pair.row.iterdescendants()
        if isinstance(node.tag, str) and not _holds(node, pair) and reader.read_node(node)
    ]
    # The smallest element is the date's own; its holders print an outlet or a number too.
    for node in sorted(dated, key=lambda node: len(one_line(text_of(node)))):
        yield from own_names(node)
        if node.tag in {"td", "span", "div", "p", "em", "i", "dd"}:
            yield f"{node.tag!s}:last-of-type"
            yield f"{node.tag!s} + {node.tag!s}"
        parent = node.getparent()
        if parent is not None and parent is not pair.row:
            yield from (f"{name} > {node.tag!s}" for name in own_names(parent))
    if any(reader.read(text) for text in _own_texts(pair.row)):
        yield "xpath:text()[normalize-space()][last()]"
        yield "xpath:text()[normalize-space()][1]"


def _own_texts(row: HtmlElement) -> Iterator[str]:
    yield row.text or ""
    for child in row:
        yield child.tail or ""


def _holds(node: HtmlElement, pair: Pair) -> bool:
    """Whether an element prints the headline, which may well speak of dates."""
    if node is pair.node or any(each is pair.node for each in node.iterdescendants("a")):
        return True
    return bool(pair.headline) and pair.headline in one_line(text_of(node))


def _dated(node: HtmlElement, reader: DateReader) -> bool:
    return reader.read_node(node) is not None


def _beside(pair: Pair, reader: DateReader) -> Iterator[str]:
    """A flat list: the date follows (or precedes) the link's element as its sibling."""
    if reader.read(pair.row.tail or ""):
        yield "xpath:following-sibling::text()[normalize-space()][1]"
    seen: Counter[str] = Counter()
    for follower in islice(pair.row.itersiblings(), MOST_FOLLOWERS):
        if not isinstance(follower.tag, str):
            continue
        if follower.tag == "a" or follower.find(".//a[@href]") is not None:
            break  # the next row begins
        seen[follower.tag] += 1
        step = f"xpath:following-sibling::{follower.tag}[{seen[follower.tag]}]"
        if _dated(follower, reader):
            yield step
        for inner in follower.iterdescendants():
            if isinstance(inner.tag, str) and _dated(inner, reader):
                yield f"{step}//{inner.tag!s}"
    forerunner = pair.row.getprevious()
    if isinstance(forerunner, HtmlElement) and _dated(forerunner, reader):
        yield f"xpath:preceding-sibling::{forerunner.tag!s}[1]"


def _separators(pairs: Sequence[Pair], reader: DateReader) -> Iterator[str]:
    """Headings that date all rows below them, as elements that hold nothing but a date."""
    first = pairs[0].row
    for element in (first, *list(first.iterancestors())[:3]):
        for steps, before in enumerate(element.itersiblings(preceding=True)):
            if steps >= MOST_SEPARATORS:
                break
            if not isinstance(before.tag, str) or not _dated(before, reader):
                continue
            for name in own_names(before):
                tag, _, named = name.partition(".")
                test = (
                    f"[contains(concat(' ',normalize-space(@class),' '),' {named} ')]"
                    if named
                    else ""
                )
                yield f"xpath:preceding::{tag}{test}[1]"


def _share(pairs: Sequence[Pair], rule: str, reader: DateReader) -> float:
    """The share of rows whose first find by the rule is a date of its own kind."""
    found = [finds(pair.row, rule) for pair in pairs]
    hits = [nodes[0] for nodes in found if nodes and reader.read_node(nodes[0])]
    if _is_beside(rule) and len(hits) != len({id(node) for node in hits}):
        return 0.0  # several rows would share the date of one
    return len(hits) / len(pairs)


def _share_of_rest(pairs: Sequence[Pair], reader: DateReader) -> float:
    """The share of rows that print a date with its year somewhere beside their headline."""
    hits = sum(
        reader.anywhere(one_line(text_of(pair.row)).replace(pair.headline, " ")) is not None
        for pair in pairs
        if pair.row is not pair.node
    )
    return hits / len(pairs)
