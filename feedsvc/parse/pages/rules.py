"""What a source's page rules say about one page."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.domain.item import Repair
from feedsvc.errors import RulesMismatch
from feedsvc.parse.pages.body import Body, trim
from feedsvc.parse.pages.labels import editors_of, outlet_of
from feedsvc.parse.pages.lines import PageLines, fold
from feedsvc.parse.pages.names import split_names
from feedsvc.parse.pages.title import Title
from feedsvc.parse.rules import PageRules, Selector
from feedsvc.parse.selection import select_nodes, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """The fields that rules found; an empty one is found generically. Each rule without a match is a repair."""

    title: Title | None = None
    date: str = ""
    attribution: str = ""
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    body: Body | None = None
    repairs: tuple[Repair, ...] = ()


def remove_ruled(tree: HtmlElement, rules: PageRules) -> None:
    """Take what `remove` names out of the page; the text after a removed element stays."""
    for node in select_nodes(tree, rules.remove) if rules.remove else []:
        if not isinstance(node, str) and node.getparent() is not None:
            node.drop_tree()


def apply_rules(tree: HtmlElement, page: PageLines, rules: PageRules, subject: str) -> Ruled:
    """Read the fields that rules name.

    Raises RulesMismatch when the rule for the body finds nothing: the layout has changed, and a
    guess would be published. Other rules without a match leave their field to the generic way.
    """
    asked = {
        "title": rules.title,
        "date": rules.date,
        "attribution": rules.attribution,
        "authors": rules.authors,
        "editors": rules.editors,
    }
    said = {name: _said(tree, rule) for name, rule in asked.items() if rule is not None}
    missing = tuple(
        Repair(kind="rule_unmatched", detail=f"page.{name}")
        for name, text in said.items()
        if not text
    )
    title = said.get("title", "")
    return Ruled(
        title=Title(text=title, sure=1.0) if title else None,
        date=said.get("date", ""),
        attribution=outlet_of(said.get("attribution", "")),
        authors=split_names(_value(said.get("authors", ""))),
        editors=editors_of(_value(said.get("editors", ""))),
        body=_ruled_body(tree, page, rules.body, subject) if rules.body else None,
        repairs=missing,
    )


def _said(tree: HtmlElement, rule: Selector) -> str:
    for node in select_nodes(tree, rule):
        if text := fold(text_of(node)):
            return text
    return ""


def _value(text: str) -> str:
    """What follows the label, where an element holds both."""
    label, colon, value = text.replace("：", ":").partition(":")
    return value if colon and len(label) <= 6 else text


def _ruled_body(tree: HtmlElement, page: PageLines, rule: Selector, subject: str) -> Body:
    for node in select_nodes(tree, rule):
        if isinstance(node, str):
            continue
        inside = set(node.iter())
        held = [
            index
            for index, line in enumerate(page.lines)
            if any(holder in inside for _, holder in line.pieces)
        ]
        if held:
            body = Body(start=held[0], stop=held[-1] + 1, how="rules", sure=1.0)
            return trim(page.lines, body)
    raise RulesMismatch(subject, f"page.body finds no text ({rule.expression})")
