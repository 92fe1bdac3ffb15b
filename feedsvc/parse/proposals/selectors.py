"""The shortest steady CSS selector that finds given rows on a page, and nothing else with a link.

Ids and classes that name things come first; positions (nth-child) are never used, because the next
edition of the page breaks them. Where a page has no names at all, rows are told by the addresses
that their links have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from feedsvc.parse.proposals.groups import Group
from feedsvc.parse.proposals.labels import layout_classes, steady_classes, steady_id
from feedsvc.parse.rules import Selector
from feedsvc.parse.selection import select_nodes

# Selectors tried for one list; each is one walk over the page in C.
MOST_TRIALS = 60
# Ancestors asked for a name.
MOST_HOLDERS = 12
# A selector may miss or add this share of the rows: pinned notes, a link 更多 at the end.
SLACK = 0.1
LONGEST_HEADING = 16
_XPATH_TESTS = {
    "^=": "starts-with(@href,'{part}')",
    "*=": "contains(@href,'{part}')",
    "$=": "substring(@href,string-length(@href)-{length}+1)='{part}'",
}
_NESTING = frozenset({"tr", "td", "table", "div", "dl", "ul", "li"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A selector and how it fits: `missed` rows, and `strange` rows with links that are not the list's."""

    css: str
    missed: int
    strange: int


def find_items_selector(tree: HtmlElement, group: Group) -> Fit | None:
    """The first of the candidates that fits exactly, else the best one within `SLACK`, else None."""
    best: Fit | None = None
    rows = {row: anchor.url for row, anchor in zip(group.rows, group.anchors, strict=True)}
    allowed = max(1, int(len(rows) * SLACK)) if len(rows) > 4 else 0
    for css in islice(_candidates(group), MOST_TRIALS):
        fit = _fit(tree, css, rows)
        if fit.missed == 0 and fit.strange == 0:
            return fit
        wrong = fit.missed + fit.strange
        if wrong <= allowed and (best is None or wrong < best.missed + best.strange):
            best = fit
    return best


def finds(node: HtmlElement, rule: str) -> list[HtmlElement | str]:
    """What a rule value (CSS, or `xpath:…`) finds at or below an element."""
    return select_nodes(node, selector_of(rule))


def selector_of(rule: str) -> Selector:
    """A rule value as the rules file has it."""
    expression = rule.removeprefix("xpath:")
    return Selector(language="css" if expression == rule else "xpath", expression=expression)


def _fit(tree: HtmlElement, css: str, rows: dict[HtmlElement, str]) -> Fit:
    found = {node for node in finds(tree, css) if isinstance(node, HtmlElement)}
    strange = [
        node
        for node in found - rows.keys()
        if (node.tag == "a" and node.get("href")) or node.find(".//a[@href]") is not None
    ]
    return Fit(css=css, missed=len(rows.keys() - found), strange=len(strange))


def _candidates(group: Group) -> Iterator[str]:
    row_names = _row_names(group.rows)
    holders = _shared_holders(group)
    trails = [_trail(group.rows, holder) for holder in holders]
    # A row's own class is best where it is the list's alone, then with the list's name before it.
    for row in row_names:
        if "." in row:
            yield row
    for holder, trail in zip(holders, trails, strict=True):
        for name in _names(holder):
            for row in row_names:
                yield f"{name} > {row}" if not trail else f"{name} {row}"
                if trail:
                    yield f"{name} {trail[-1]} > {row}"
                    yield " > ".join([name, *trail, row])
    yield from _paired(holders, row_names)
    for trail in trails[:1]:
        parent = str(holders[0].tag) if not trail else trail[-1]
        for row in row_names:
            yield f"{parent} > {row}"
    yield from row_names
    yield from _by_address(group, holders, row_names)
    yield from _by_heading(group, row_names[-1])


def _paired(holders: Sequence[HtmlElement], row_names: Sequence[str]) -> Iterator[str]:
    """Two named ancestors, for a page that uses one name for several lists."""
    named = [(holder, name) for holder in holders for name in list(_names(holder))[:2]]
    for inner_at, (inner, name) in enumerate(named[:6]):
        for outer, outer_name in named[inner_at + 1 : inner_at + 7]:
            if outer is not inner:
                yield f"{outer_name} {name} {row_names[0]}"


def _row_names(rows: Sequence[HtmlElement]) -> list[str]:
    tag = str(rows[0].tag)
    shared = [name for name in steady_classes(rows[0]) if _all_have(rows, name)]
    placed = [name for name in layout_classes(rows[0]) if _all_have(rows, name)]
    return [*(f"{tag}.{name}" for name in (*shared[:2], *placed[:1])), tag]


def _all_have(rows: Sequence[HtmlElement], name: str) -> bool:
    having = sum(name in (row.get("class") or "").split() for row in rows)
    return having == len(rows)


def _shared_holders(group: Group) -> list[HtmlElement]:
    """Blocks of the list (equal for all rows by their label), its container, and what is round it."""
    between = []
    for holder in group.rows[0].iterancestors():
        if holder is group.container:
            break
        between.append(holder)
    around = [group.container, *group.container.iterancestors()]
    return [*between, *(holder for holder in around if holder.tag not in {"html"})][:MOST_HOLDERS]


def _trail(rows: Sequence[HtmlElement], holder: HtmlElement) -> list[str]:
    """The tags between a holder and its rows, outermost first."""
    steps: list[str] = []
    for each in rows[0].iterancestors():
        if each is holder:
            break
        steps.append(str(each.tag))
    return steps[::-1]


def _names(holder: HtmlElement) -> Iterator[str]:
    identity = steady_id(holder)
    tag = str(holder.tag)
    if identity:
        yield f"#{identity}"
    for name in (*steady_classes(holder)[:3], *layout_classes(holder)[:2]):
        yield f"{tag}.{name}"
    if tag in {"main", "article", "section", "aside"}:
        yield tag


def _by_address(
    group: Group, holders: Sequence[HtmlElement], row_names: Sequence[str]
) -> Iterator[str]:
    tag = row_names[-1]
    scopes = [name for holder in holders for name in _names(holder)][:3]
    ids = [identity for holder in holders if (identity := steady_id(holder))]
    for operator, part in shared_address_parts(group):
        if tag == "a":
            yield from (f'{name} a[href{operator}"{part}"]' for name in scopes)
            yield f'{group.container.tag!s} > a[href{operator}"{part}"]'
        test = _XPATH_TESTS[operator].format(part=part, length=len(part))
        inside = f"[{test}]" if tag == "a" else f"[.//a[{test}]]"
        for scope in (".", *(f".//*[@id='{identity}']" for identity in ids[:2])):
            yield f"xpath:{scope}//{tag}{inside}"
            if tag in _NESTING:
                # A table within a table: the row is the inner one.
                yield f"xpath:{scope}//{tag}{inside}[not(.//{tag})]"
                yield f"xpath:{scope}//{tag}[a[{test}]]"


def _by_heading(group: Group, tag: str) -> Iterator[str]:
    """The list below a heading, where neither names nor addresses tell it from others."""
    if any(row.getparent() is not group.container for row in group.rows):
        return
    for holder in (group.container, *list(group.container.iterancestors())[:2]):
        before = holder.getprevious()
        if before is None or not isinstance(before.tag, str):
            continue
        for node in before.iter():
            text = (node.text or "").strip() if not len(node) else ""
            # A heading with a number is this day's or this only.
            if 2 <= len(text) <= LONGEST_HEADING and not set(text) & set("\"'0123456789"):
                below = f"following::{group.container.tag!s}[1]/{tag}"
                yield f"xpath:.//*[not(*)][normalize-space()='{text}']/{below}"
                break


def shared_address_parts(group: Group) -> Iterator[tuple[str, str]]:
    """What the hrefs of a list have in common and will have next year: (CSS operator, text)."""
    hrefs = [(anchor.node.get("href") or "").strip() for anchor in group.anchors]
    for cut, operator in ((_shared_start, "^="), (_shared_middle, "*="), (_shared_end, "$=")):
        part = cut(hrefs)
        if len(part) >= 3 and not set(part) & set("\"'\\"):
            yield operator, part


def _shared_start(hrefs: Sequence[str]) -> str:
    start = _common(hrefs, lambda href, length: href[:length])
    return _before_digits(start.rpartition("/")[0] + "/") if "/" in start else ""


def _shared_middle(hrefs: Sequence[str]) -> str:
    """The longest step of the path without digits that all have: /content_, /art/, info/."""
    pieces = [piece for piece in _pieces(hrefs[0]) if all(piece in href for href in hrefs)]
    return max(pieces, key=len, default="")


def _shared_end(hrefs: Sequence[str]) -> str:
    end = _common(hrefs, lambda href, length: href[len(href) - length :] if length else "")
    return end[end.index(".") :] if "." in end else ""


def _common(hrefs: Sequence[str], part: Callable[[str, int], str]) -> str:
    length = 0
    while length < min(map(len, hrefs)) and len({part(href, length + 1) for href in hrefs}) == 1:
        length += 1
    return part(hrefs[0], length)


def _before_digits(text: str) -> str:
    """Without the year or number that makes a path this month's only."""
    steps = text.split("/")
    kept = []
    for step in steps[:-1]:
        if any(char.isdigit() for char in step):
            break
        kept.append(step)
    return "/".join(kept) + "/" if kept else ""


def _pieces(href: str) -> Iterator[str]:
    piece = ""
    for char in href:
        if char.isdigit():
            yield piece
            piece = ""
        else:
            piece += char
    yield piece
