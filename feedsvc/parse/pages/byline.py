"""Who signed an article inside its own text, and the text without its closing credit."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc.domain.item import Dateline
from feedsvc.parse.pages.credits import Credit, byline, closing_credit, opening_credit
from feedsvc.parse.pages.html import cut_line
from feedsvc.parse.pages.lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An article's lines without the closing credit, and what credits and bylines say."""

    lines: list[Line]
    credit_line: str = ""
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None


def sign(lines: list[Line]) -> Signed:
    """Take the closing credit out of an article's lines and read the wire line that opens them.

    The opening wire line stays in the text, where its first sentence needs it.
    """
    opening = next((found for line in lines[:3] if (found := opening_credit(line.text))), None)
    kept, closing = _without_closing(lines)
    credit = closing or opening or Credit()
    authors = [*(closing.authors if closing else ()), *(opening.authors if opening else ())]
    if not authors:
        authors = [name for line in [*kept[:10], *kept[10:][-5:]] for name in byline(line.spaced)]
    datelines = [each.dateline for each in (closing, opening) if each is not None and each.dateline]
    return Signed(
        lines=kept,
        credit_line=credit.text,
        authors=tuple(dict.fromkeys(authors)),
        dateline=datelines[0] if datelines else None,
    )


def _without_closing(lines: list[Line]) -> tuple[list[Line], Credit | None]:
    last = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].text), None)
    if last is None:
        return lines, None
    credit = closing_credit(lines[last].text)
    if credit is None:
        return lines, None
    rest = lines[last].text.removesuffix(credit.text).rstrip()
    shorter = [cut_line(lines[last], rest)] if rest else []
    return [*lines[:last], *shorter, *lines[last + 1 :]], credit
