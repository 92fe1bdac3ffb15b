"""Repeated structure: links that stand in one container along one path of tags, and their rows.

A container holds every link below it that is reached by the same tags. Where sub-containers differ
in class or id, their links are different lists; where they are alike (a list cut into blocks of
five, a group for each day) they are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.parse.proposals.anchors import LIKELY, Anchor, headline_quality
from feedsvc.parse.proposals.labels import steady_label

# Fewer rows are no list.
LEAST_ROWS = 3
DEEPEST = 40
# Links that have a row of their own; some rows hold two.
OWN_ROWS = 0.9
# Emphasis round a headline is not structure: one list has bold rows and plain ones.
_INLINE = frozenset({"b", "strong", "em", "i", "u", "font", "small", "big", "span", "nobr"})


@dataclass(slots=True, eq=False)
class Group:
    """Links of one list: `rows[n]` is the element that holds `anchors[n]` and no other of them."""

    container: HtmlElement
    anchors: list[Anchor]
    rows: list[HtmlElement]


def find_groups(anchors: Sequence[Anchor]) -> list[Group]:
    """Every set of at least `LEAST_ROWS` links with a structure in common, from all over the page."""
    members: dict[tuple[HtmlElement, tuple[str, ...]], list[tuple[Anchor, list[HtmlElement]]]] = {}
    for anchor in anchors:
        if not _admissible(anchor):
            continue
        chain: list[HtmlElement] = [anchor.node]
        path: tuple[str, ...] = ("a",)
        for holder in _holders(anchor.node):
            members.setdefault((holder, path), []).append((anchor, chain.copy()))
            chain.append(holder)
            if holder.tag not in _INLINE:
                path = (*path, str(holder.tag))
    groups = []
    for (container, _), found in members.items():
        if len(found) >= LEAST_ROWS:
            group = _group(container, found)
            if group is not None:
                groups.append(group)
    return groups


def _admissible(anchor: Anchor) -> bool:
    return anchor.known or anchor.likeness >= LIKELY or headline_quality(anchor.headline) >= 0.6


def _holders(node: HtmlElement) -> Iterable[HtmlElement]:
    for depth, holder in enumerate(node.iterancestors()):
        if depth >= DEEPEST or holder.tag == "html":
            return
        yield holder


def _group(container: HtmlElement, found: list[tuple[Anchor, list[HtmlElement]]]) -> Group | None:
    tops = Counter(chain[-1] for _, chain in found)
    if len(tops) < 2:
        return None  # a smaller container holds the same links
    rows = _rows(found)
    if len({anchor.url for anchor in rows}) < LEAST_ROWS:
        return None
    if not _alike_above(container, list(rows.values())):
        return None
    return Group(container=container, anchors=list(rows), rows=list(rows.values()))


def lowered(group: Group) -> Group | None:
    """The same links with rows one step nearer to them; None where a row is the link itself."""
    rows = []
    for row, anchor in zip(group.rows, group.anchors, strict=True):
        step = next(
            (
                each
                for each in (anchor.node, *anchor.node.iterancestors())
                if each.getparent() is row
            ),
            None,
        )
        if step is None:
            return None
        rows.append(step)
    if len({row.tag for row in rows}) > 1:
        return None
    return Group(container=group.container, anchors=group.anchors, rows=rows)


def _rows(found: list[tuple[Anchor, list[HtmlElement]]]) -> dict[Anchor, HtmlElement]:
    """The row of each link: the element at the highest depth at which links have rows of their own.

    One depth for all, counted from the container down (emphasis makes the way up differ), so that
    a day with a single article does not make its whole block a row. One link speaks for each row:
    the first, or its longest headline.
    """
    urls = len({anchor.url for anchor, _ in found})
    shortest = min(len(chain) for _, chain in found)
    speakers: dict[HtmlElement, Anchor] = {}
    for depth in range(1, shortest + 1):
        speakers = {}
        for anchor, chain in found:
            other = speakers.setdefault(chain[-depth], anchor)
            if other.url == anchor.url and len(anchor.headline) > len(other.headline):
                speakers[chain[-depth]] = anchor
        if len(speakers) >= OWN_ROWS * urls:
            break
    return {anchor: row for row, anchor in speakers.items()}


def _alike_above(container: HtmlElement, rows: Sequence[HtmlElement]) -> bool:
    """Whether the elements between container and rows are blocks of one list."""
    labels: dict[int, set[str]] = {}
    for row in rows:
        between = []
        for holder in row.iterancestors():
            if holder is container:
                break
            between.append(steady_label(holder))
        for depth, label in enumerate(reversed(between)):
            labels.setdefault(depth, set()).add(label)
    return all(len(found) == 1 for found in labels.values())
