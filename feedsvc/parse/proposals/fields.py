"""Where the rows of a list keep link, headline and date: one short rule for each that fits nearly all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.parse.proposals.anchors import width
from feedsvc.parse.proposals.groups import Group
from feedsvc.parse.proposals.labels import layout_classes, steady_classes
from feedsvc.parse.proposals.selectors import finds, shared_address_parts
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line

# A rule is good when it is right in this share of the rows.
ENOUGH = 0.85
# Rows that are asked; the others follow them.
ASKED = 40
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One row, its link, and the headline that is printed for it."""

    row: HtmlElement
    node: HtmlElement
    url: str
    headline: str


def pairs_of(group: Group) -> list[Pair]:
    """The rows that are asked, with their links."""
    return [
        Pair(row=row, node=anchor.node, url=anchor.url, headline=anchor.headline)
        for row, anchor in zip(group.rows[:ASKED], group.anchors[:ASKED], strict=True)
    ]


def link_rule(pairs: Sequence[Pair], group: Group) -> str | None:
    """The rule whose first find in each row is the link; None where nothing short fits."""
    for css in _link_candidates(pairs, group):
        hits = sum(_first_href(pair.row, css) == pair.node.get("href") for pair in pairs)
        if hits >= ENOUGH * len(pairs):
            return css
    return None


def title_rule(pairs: Sequence[Pair], link: str) -> str | None:
    """The rule whose first text in each row is the headline; None where only the link prints it."""
    candidates: list[str] = [link]
    for pair in pairs[:3]:
        holder = pair.node
        headings = (*holder.iter(*_HEADINGS), *pair.row.iter(*_HEADINGS))
        candidates.extend(str(node.tag) for node in headings)
        candidates.extend(
            name
            for node in pair.row.iter()
            if isinstance(node.tag, str) and one_line(text_of(node)) == pair.headline
            for name in own_names(node)
        )
    candidates += ["xpath:.//a/@title", "xpath:.//a/text()[normalize-space()]"]
    for css in dict.fromkeys(candidates):
        hits = sum(_first_text(pair.row, css) == pair.headline for pair in pairs)
        if hits >= ENOUGH * len(pairs):
            return css
    return None


def picture_title_rule(pairs: Sequence[Pair]) -> str | None:
    """For rows that are pictures: the text beside the picture, or the one that stands in for it."""
    beside = Counter(
        name
        for pair in pairs
        for node in pair.row.iter()
        if isinstance(node.tag, str) and 4 <= width(one_line(text_of(node))) <= 60
        for name in own_names(node)
    )
    for name, count in beside.most_common(3):
        if count >= ENOUGH * len(pairs):
            return name
    if sum(_alt(pair.row) for pair in pairs) >= ENOUGH * len(pairs):
        return "xpath:.//img/@alt"
    return None


def own_names(node: HtmlElement) -> Iterator[str]:
    """Selectors of one step for an element: with each of its classes, then its bare tag."""
    for name in (*steady_classes(node)[:2], *layout_classes(node)[:1]):
        yield f"{node.tag!s}.{name}"
    yield str(node.tag)


def _alt(row: HtmlElement) -> bool:
    return any(width(image.get("alt") or "") >= 4 for image in row.iter("img"))


def _link_candidates(pairs: Sequence[Pair], group: Group) -> Iterator[str]:
    yield "a"
    yield from (f"{heading} a" for heading in _HEADINGS if _inside(pairs[0], heading))
    for holder in pairs[0].node.iterancestors():
        if holder is pairs[0].row or holder is pairs[0].row.getparent():
            break
        for name in own_names(holder):
            yield f"{name} a"
    for name in own_names(pairs[0].node):
        yield name
    yield "a + a"
    yield "a[title]"
    yield "a[target]"
    yield "a:last-of-type"
    for operator, part in shared_address_parts(group):
        yield f'a[href{operator}"{part}"]'


def _inside(pair: Pair, tag: str) -> bool:
    return any(holder.tag == tag for holder in pair.node.iterancestors())


def _first_href(row: HtmlElement, css: str) -> str | None:
    for node in finds(row, css):
        if isinstance(node, HtmlElement):
            for each in node.iter("a"):
                if each.get("href"):
                    return each.get("href")
    return None


def _first_text(row: HtmlElement, css: str) -> str:
    texts: Iterator[str] = (one_line(text_of(node)) for node in finds(row, css))
    return next((text for text in texts if text), "")


def best_by(rules: Sequence[str], score: Callable[[str], float], enough: float) -> str | None:
    """The rule with the highest score of at least `enough`; of equal ones the first."""
    marked = [(score(rule), -place) for place, rule in enumerate(rules)]
    if not marked or max(marked)[0] < enough:
        return None
    return rules[-max(marked)[1]]
