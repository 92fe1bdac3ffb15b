"""Who wrote an article and who answers for the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from feedsvc.parse.pages.attribution import signed_outlet
from feedsvc.parse.pages.byline import Signed
from feedsvc.parse.pages.credits import byline
from feedsvc.parse.pages.labels import OUTLET_END, editors
from feedsvc.parse.pages.lines import Line
from feedsvc.parse.pages.names import is_person, split_names
from feedsvc.parse.pages.printed_date import printed_dates
from feedsvc.parse.pages.surroundings import Surroundings, labelled, values_of

LONGEST_HEADER = 100
_LONE_EDITOR = re.compile(
    r"^[\[【（(\s]*(?:责任编辑|责编|编辑)\s+(?P<who>[\u4e00-\u9fff]{2,4}(?:\s[\u4e00-\u9fff]{2,4}){0,2}?)(?:[\]】）)\s]*\Z|\s+(?:校对|审核|美编|监制|签发|终审))"
)
# 作者：甲（某某大学教授）
_ASIDE = re.compile(r"[(（][^()（）]{1,30}[)）]")
_EDITOR_BESIDE = re.compile(
    r"(?:^|[\s|｜])(?:责任编辑|责编|编辑)\s+(?P<who>[\u4e00-\u9fff]{2,4}(?:\s[\u4e00-\u9fff]{2,4}){0,2})\s*(?:\Z|[|｜])"
)
_ROLE = re.compile(
    r"(?:记者|通讯员)\s+(?P<who>[\u4e00-\u9fff·]{2,4}(?:[\s、][\u4e00-\u9fff·]{2,4})*)"
)
_AUTHOR_MARK = re.compile(r"(?:^|[\s_/-])(?:author|writer|byline|zuozhe)(?:$|[\s_/-])", re.I)


def found_editors(around: Surroundings, inside: list[Line]) -> tuple[tuple[str, ...], float]:
    """The responsible editors; empty when the page names none.

    责任编辑 outranks the other editors that a page may name, and what stands below the text what
    stands above it; `inside` are the lines of the text, whose edges are asked last.
    """
    for values, sure in _editors_named(around, inside):
        for value in values:
            if names := editors(value):
                return names, sure
    return (), 0.0


def _editors_named(
    around: Surroundings, inside: list[Line]
) -> Iterator[tuple[Iterable[str], float]]:
    """Where editors may be named and how sure that is; none is read before it is asked for."""
    outside = [*around.below, *around.above]
    edges = [*inside[-4:], *inside[:3]]
    yield labelled(outside, "editor") + labelled(outside, "desk"), 1.0
    yield (said for line in outside if (said := _lone_editor(line))), 0.9
    yield values_of(around.meta.ids.get("editor", ""), "editor"), 0.95
    yield labelled(edges, "editor") + labelled(edges, "desk"), 0.8


def found_authors(
    around: Surroundings, signed: Signed, lines: list[Line], editors_found: tuple[str, ...]
) -> tuple[tuple[str, ...], float]:
    """The authors: labelled in the header, then by wire line or byline in the text, then by marks
    and meta tags.

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
    unlabelled = _unlabelled_authors(around, editors_found)
    return unlabelled if unlabelled[0] else _remarked_authors(around, lines, editors_found)


def _unlabelled_authors(
    around: Surroundings, editors_found: tuple[str, ...]
) -> tuple[tuple[str, ...], float]:
    for line in around.above:
        if signed_by := signed_outlet(line):
            return (signed_by[0],), 0.8
    for line in around.above:
        named = byline(line.spaced) or _beside_role(line) or _marked_author(line)
        if named and not set(named) & set(editors_found):
            return named, 0.75
    return (), 0.0


def _remarked_authors(
    around: Surroundings, lines: list[Line], editors_found: tuple[str, ...]
) -> tuple[tuple[str, ...], float]:
    """The meta tag's author where the page also prints him: else it is the site or whoever typed."""
    people = _people(around.meta.tags.get("author", ""), but_not=editors_found)
    printed = [*around.above, *lines[:3], *lines[-3:], *around.below]
    # The government portals' convention says what the tag is; elsewhere the page has to agree.
    if people and around.meta.is_government:
        return people, 0.7
    if people and all(any(name in line.text for line in printed) for name in people):
        return people, 0.7
    return (), 0.0


def _lone_editor(line: Line) -> str:
    """The name after 编辑 without a colon, in a line of nothing else or in a header line."""
    found = _LONE_EDITOR.match(line.text)
    if found is None and any(printed_dates(line.spaced)) and len(line.text) <= LONGEST_HEADER:
        found = _EDITOR_BESIDE.search(line.spaced)
    return found["who"] if found and all(map(is_person, found["who"].split())) else ""


def _beside_role(line: Line) -> tuple[str, ...]:
    """The names after 记者 in a line that also prints a time (2026-08-09 10:45 | 某某网 记者 甲)."""
    found = _ROLE.search(line.spaced) if len(line.text) <= LONGEST_HEADER else None
    if found is None or not any(printed_dates(line.spaced)):
        return ()
    names = split_names(found["who"])
    return names if names and all(map(is_person, names)) else ()


def _marked_author(line: Line) -> tuple[str, ...]:
    """The person in an element of a short line whose class or link says that it is the author."""
    if len(line.text) > LONGEST_HEADER:
        return ()
    for text, holder in line.pieces:
        marks = " ".join(
            holder.get(name, "") for name in ("class", "rel", "itemprop", "id", "href")
        )
        names = split_names(text) if _AUTHOR_MARK.search(marks) else ()
        if names and all(map(is_person, names)):
            return names
    return ()


def _labelled_people(lines: list[Line]) -> tuple[str, ...]:
    for value in labelled(lines, "author"):
        if people := _people(value):
            return people
        # A pen name follows no rule but its length.
        names = split_names(value) if "@" not in value else ()
        if names and all(2 <= len(each) <= 4 and not OUTLET_END.search(each) for each in names):
            return names
    return ()


def _people(value: str, but_not: tuple[str, ...] = ()) -> tuple[str, ...]:
    if "@" in value:
        return ()
    bare = _ASIDE.sub(" ", value)
    names = split_names(re.split(r"[)）】\]|｜<]", bare, maxsplit=1)[0])
    return names if any(is_person(name) for name in names) and set(names) - set(but_not) else ()
