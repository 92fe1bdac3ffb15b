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


def _group(
    container: HtmlElement, found: list[tuple[Anchor, list[HtmlElement]]]
) -> Group | None:
    tops = Counter(chain[-1] for _, chain in found)
    if len(tops) < 2:
        return None  # a smaller container holds the same links
    rows = _rows(found)
    if len({anchor.url for anchor in rows}) < LEAST_ROWS:
        return None
    if not _alike_above(container, list(rows.values())):
        return None
    return Group(container=container, anchors=list(rows), rows=list(rows.values()))


def _rows(found: list[tuple[Anchor, list[HtmlElement]]]) -> dict[Anchor, HtmlElement]:
    """The row of each link: the highest element that holds this address of the group only.

    Rows of one list stand at one depth: the usual one, so that a group of a single row does not
    make its whole block a row. One link speaks for each row: the first, or its longest headline.
    """
    urls: dict[HtmlElement, set[str]] = {}
    for anchor, chain in found:
        for holder in chain:
            urls.setdefault(holder, set()).add(anchor.url)
    highest: dict[Anchor, list[HtmlElement]] = {
        anchor: [holder for holder in chain if len(urls[holder]) == 1] for anchor, chain in found
    }
    # Counted from the container down, because emphasis makes the way up differ.
    depths = Counter(
        len(chain) - len(highest[anchor]) for anchor, chain in found if highest[anchor]
    )
    usual = depths.most_common(1)[0][0] if depths else 0
    speakers: dict[HtmlElement, Anchor] = {}
    for anchor, chain in found:
        place = len(chain) - 1 - usual
        if place < 0:
            continue
        other = speakers.setdefault(chain[place], anchor)
        if other.url == anchor.url and len(anchor.headline) > len(other.headline):
            speakers[chain[place]] = anchor
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
