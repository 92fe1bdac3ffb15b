"""A family of editing systems: where its templates keep an article's headline and text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.parse.pages.lines import fold
from feedsvc.parse.pages.markup import Markup
from feedsvc.parse.pages.meta import Meta
from feedsvc.parse.pages.title import compared, is_stated
from feedsvc.parse.selection import text_of

SHORTEST_TITLE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Marks and places of one editing system; what stands round them is read as on any page.

    `marks` are pieces of markup of which one must be in the page's text. Places are `#id`,
    `.class` or element names, asked in order. `needs` names the fields without which the answer is
    not whole and the page is read generically.
    """

    name: str
    marks: tuple[str, ...]
    body: tuple[str, ...]
    title: tuple[str, ...] = ("h1", "h2")
    attribution: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset({"minute", "attribution"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One page taken apart; `attribution` and `authors` are the texts at the family's places."""

    family: Family
    title: HtmlElement
    body: HtmlElement
    attribution: str = ""
    authors: str = ""


def has_place(family: Family, page: Markup) -> bool:
    """Whether a page has an element where the family keeps its text; without one it is none of its."""
    return next(_all(page, family.body), None) is not None


def take_apart(family: Family, page: Markup, meta: Meta) -> Parts | None:
    """The parts of a page by a family's places; None where it has no text or no certain headline.

    The headline must be what `<title>` states, where that states anything: an h1 may be a logo.
    """
    body = _fullest(page, family.body)
    title = next((each for each in _all(page, family.title) if _is_headline(each, meta)), None)
    if body is None or title is None or body in title.iterancestors():
        return None
    return Parts(
        family=family,
        title=title,
        body=body,
        attribution=_said(page, family.attribution),
        authors=_said(page, family.authors),
    )


def _is_headline(element: HtmlElement, meta: Meta) -> bool:
    text = fold(text_of(element))
    if len(compared(text)) < SHORTEST_TITLE:
        return False
    return not meta.head_title or is_stated(text, meta)


def _said(page: Markup, places: tuple[str, ...]) -> str:
    return next((text for each in _all(page, places) if (text := fold(text_of(each)))), "")


def _all(page: Markup, places: tuple[str, ...]) -> Iterator[HtmlElement]:
    for place in places:
        yield from _at(page, place)


def _at(page: Markup, place: str) -> Iterable[HtmlElement]:
    if place.startswith("#"):
        return page.with_id(place[1:])
    if place.startswith("."):
        return page.with_class(place[1:])
    return page.tree.iter(place)


def _fullest(page: Markup, places: tuple[str, ...]) -> HtmlElement | None:
    """The element with most text at the first place that has any: containers are nested, or used twice."""
    for place in places:
        best, most = None, 0
        for element in _at(page, place):
            size = sum(len(text) for text in element.itertext() if not text.isspace())
            if size > most:
                best, most = element, size
        if best is not None:
            return best
    return None
