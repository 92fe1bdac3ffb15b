"""Where a page speaks of its article: the lines just above and below the text, and its machine remarks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.parse.pages.labels import LabelKind, read_labels
from feedsvc.parse.pages.lines import Line
from feedsvc.parse.pages.meta import Meta

# Further away stand other articles' dates and outlets (measured on 49 pages of 40 sites).
ABOVE, BELOW = 20, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The lines above the text (nearest first) and below it; `zone` and `seen_at` as in the job."""

    above: list[Line]
    below: list[Line]
    meta: Meta
    zone: str
    seen_at: datetime


def values_of(text: str, kind: LabelKind) -> list[str]:
    """The values of one kind in a machine remark, which may repeat its label (来源：某某网) or not."""
    if not text:
        return []
    values = [label.value for label in read_labels(text) if label.kind == kind]
    return values or [text]


def labelled(lines: list[Line], kind: LabelKind) -> list[str]:
    """What stands after the labels of one kind, line by line."""
    return [label.value for line in lines for label in line.labels if label.kind == kind]
