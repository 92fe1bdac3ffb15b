"""Where a page speaks of its article: the lines just above and below the text, and its machine remarks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from feedsvc.parse.pages.labels import LabelKind, read_labels
from feedsvc.parse.pages.lines import Line
from feedsvc.parse.pages.meta import Meta
from feedsvc.parse.pages.printed_date import printed_dates

# A value that stands in a cell of its own.
LONGEST_VALUE = 20
# A cell that is nothing but a label, its value in the next.
_LABEL_CELL = re.compile(r"(?:(?:信息|文章|稿件)?来\s*源|稿\s*源|责任编辑|责\s*编|作\s*者)\Z")
_CELLS = frozenset({"td", "th", "dd", "li"})
_NO_VALUE = re.compile(r"[，。！？；…]|[:：]\Z")
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])[:：][0-5]\d(?:[:：][0-5]\d)?\Z")
# Further away stand other articles' dates and outlets (measured on 49 pages of 40 sites).
ABOVE, BELOW = 20, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The lines above the text (nearest first) and below it; `zone`, `seen_at`, `url` as in the job."""

    above: list[Line]
    below: list[Line]
    meta: Meta
    zone: str
    seen_at: datetime
    url: str = ""


def whole_remarks(lines: list[Line]) -> list[Line]:
    """The lines in document order, a label and its value in the next cell put together again.

    Tables, definition lists and list items part 来源： from 某某网, and a day from its time.
    """
    whole: list[Line] = []
    for line in lines:
        if whole and _belongs(line, whole[-1]):
            whole.append(_together(whole.pop(), line))
        else:
            whole.append(line)
    return whole


def _together(before: Line, line: Line) -> Line:
    mark = "：" if _LABEL_CELL.match(before.text) else " "
    gap = [(mark, holder) for _, holder in before.pieces[-1:]]
    return Line(
        text=f"{before.text}{mark}{line.text}",
        block=before.block,
        linked=before.linked + line.linked,
        pieces=[*before.pieces, *gap, *line.pieces],
    )


def _belongs(line: Line, before: Line) -> bool:
    if line.block is None or before.block is None or len(line.text) > LONGEST_VALUE:
        return False
    if line.block.getparent() is not before.block.getparent():
        return False
    if _CLOCK.match(line.text):
        dates = list(printed_dates(before.text))
        return bool(dates) and not dates[-1].has_time and dates[-1].end == len(before.text)
    if _LABEL_CELL.match(before.text) and line.block.tag in _CELLS:
        return not line.labels and _NO_VALUE.search(line.text) is None
    labels = before.labels
    waits = bool(labels) and not labels[-1].value and labels[-1].kind != "other"
    return waits and not line.labels and _NO_VALUE.search(line.text) is None


def values_of(text: str, kind: LabelKind) -> list[str]:
    """The values of one kind in a machine remark, which may repeat its label (来源：某某网) or not."""
    if not text:
        return []
    values = [label.value for label in read_labels(text) if label.kind == kind]
    return values or [text]


def labelled(lines: list[Line], kind: LabelKind) -> list[str]:
    """What stands after the labels of one kind, line by line."""
    return [label.value for line in lines for label in line.labels if label.kind == kind]
