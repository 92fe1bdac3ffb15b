"""Who wrote an article and who answers for the page."""

from __future__ import annotations

import re

from feedsvc.parse.pages.attribution import signed_outlet
from feedsvc.parse.pages.byline import Signed
from feedsvc.parse.pages.labels import OUTLET_END, editors
from feedsvc.parse.pages.lines import Line
from feedsvc.parse.pages.names import is_person, split_names
from feedsvc.parse.pages.surroundings import Surroundings, labelled, values_of


def found_editors(around: Surroundings) -> tuple[tuple[str, ...], float]:
    """The responsible editors; empty when the page names none."""
    for value in labelled(around.below + around.above, "editor"):
        if names := editors(value):
            return names, 1.0
    for value in values_of(around.meta.ids.get("editor", ""), "editor"):
        if names := editors(value):
            return names, 0.95
    return (), 0.0


def found_authors(
    around: Surroundings, signed: Signed, lines: list[Line], editors_found: tuple[str, ...]
) -> tuple[tuple[str, ...], float]:
    """The authors: labelled in the header, then by wire line or byline in the text, then by meta tags.

    A machine-readable author who is the page's editor is none: editing systems fill in who typed.
    """
    if people := _labelled_people(around.above):
        return people, 1.0
    for value in values_of(around.meta.ids.get("author", ""), "author"):
        if people := _people(value, but_not=editors_found):
            return people, 0.95
    if signed.authors:
        return signed.authors, 0.95
    if people := _labelled_people([*lines[-3:], *around.below, *lines[:2]]):
        return people, 0.85
    for line in around.above:
        if signed_by := signed_outlet(line):
            return (signed_by[0],), 0.8
    people = _people(around.meta.tags.get("author", ""), but_not=editors_found)
    return (people, 0.7) if people else ((), 0.0)


def _labelled_people(lines: list[Line]) -> tuple[str, ...]:
    for value in labelled(lines, "author"):
        if people := _people(value):
            return people
        # A pen name follows no rule but its length.
        names = split_names(value)
        if names and all(2 <= len(each) <= 4 and not OUTLET_END.search(each) for each in names):
            return names
    return ()


def _people(value: str, but_not: tuple[str, ...] = ()) -> tuple[str, ...]:
    names = split_names(re.split(r"[)）】\]|｜<]", value, maxsplit=1)[0])
    return names if any(is_person(name) for name in names) and set(names) - set(but_not) else ()
