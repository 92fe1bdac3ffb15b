"""Rules: where a partner's list and article pages keep their fields, as an operator wrote them down.

Tables `list` (items, link, title, date, next) and `page` (title, date, attribution, authors,
editors, body, remove). A value is a CSS selector, or `xpath:` and an XPath 1.0 expression, or
`json:` and a path of names and indexes such as `json:data.list[0].url`. `list.next` may also be
`url:` and the address of a following page with its number as `{n}`: `url:index_{n}.html`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal, get_args
from urllib.parse import urljoin

from cssselect import GenericTranslator, HTMLTranslator, SelectorError
from lxml import etree

from feedsvc.errors import ConfigError

Language = Literal["css", "xpath", "json", "url"]
# Operators write rules by hand; longer than this is a paste gone wrong.
LONGEST_RULE = 1000

_STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One rule value: its language and the expression without the language's prefix."""

    language: Language
    expression: str

    def xpath(self) -> etree.XPath:
        """The compiled XPath of a CSS or XPath rule; relative to the node it is asked of."""
        return _compiled(self.language, self.expression)

    def path(self) -> tuple[str | int, ...]:
        """The steps of a JSON rule: names and list indexes."""
        return _steps(self.expression)

    def following(self, url: str) -> str:
        """The page after `url` by a url: rule: `{n}` is its number, `{n-1}` where the second is `_1`.

        A page that the rule does not describe is the first.
        """
        mark = "{n-1}" if "{n-1}" in self.expression else "{n}"
        head, _, tail = self.expression.partition(mark)
        before = urljoin(url, f"{head}0").removesuffix("0")
        number = url.removeprefix(before).removesuffix(tail) if url.startswith(before) else ""
        if not (number.isascii() and number.isdigit()):
            number = "0" if mark == "{n-1}" else "1"
        return f"{before}{int(number) + 1}{tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRules:
    """Rules of a list page; `items` finds the rows, the others are asked of each row, `next` of the page."""

    items: Selector
    link: Selector | None = None
    title: Selector | None = None
    date: Selector | None = None
    next: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """Rules of an article page; a field without a rule is found generically."""

    title: Selector | None = None
    date: Selector | None = None
    attribution: Selector | None = None
    authors: Selector | None = None
    editors: Selector | None = None
    body: Selector | None = None
    remove: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one source; a table that is absent is None."""

    list: ListRules | None = None
    page: PageRules | None = None


def read_rules(table: Mapping[str, Any], subject: str) -> Rules:
    """Read and check rules. Raises ConfigError that names the key which cannot be used.

    `subject` is what the rules belong to (a source's slug, a file), for the message.
    """
    _refuse_unknown(table, ("list", "page"), subject, "")
    chosen: dict[str, dict[str, Selector]] = {}
    for name, kind in (("list", ListRules), ("page", PageRules)):
        if name in table:
            known = tuple(each.name for each in fields(kind))
            chosen[name] = _read_table(table[name], known, subject, name)
    lists = chosen.get("list")
    if lists is not None and "items" not in lists:
        raise ConfigError(subject, "list.items is missing: it finds the rows of the list")
    if lists is not None:
        _refuse_mixture(lists, subject, "list")
    pages = chosen.get("page")
    if pages is not None:
        _refuse_json(pages, subject)
    return Rules(
        list=ListRules(**lists) if lists is not None else None,
        page=PageRules(**pages) if pages is not None else None,
    )


def _read_table(
    table: object, known: tuple[str, ...], subject: str, name: str
) -> dict[str, Selector]:
    if not isinstance(table, Mapping):
        raise ConfigError(subject, f"{name} is not a table")
    _refuse_unknown(table, known, subject, f"{name}.")
    return {key: _selector(value, subject, f"{name}.{key}") for key, value in table.items()}


def _refuse_unknown(
    table: Mapping[str, Any], known: tuple[str, ...], subject: str, prefix: str
) -> None:
    for key in table:
        if key not in known:
            names = ", ".join(prefix + each for each in known)
            raise ConfigError(subject, f"unknown key {prefix}{key} (known: {names})")


def _selector(value: object, subject: str, key: str) -> Selector:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(subject, f"{key} is not a selector but {value!r}")
    if len(value) > LONGEST_RULE:
        raise ConfigError(subject, f"{key} is longer than {LONGEST_RULE} characters")
    language: Language = "css"
    expression = value.strip()
    for prefix in get_args(Language):
        if expression.startswith(f"{prefix}:"):
            language = prefix
            expression = expression.removeprefix(f"{prefix}:").strip()
    selector = Selector(language=language, expression=expression)
    try:
        if language == "url":
            _check_template(selector.expression, key)
        elif language == "json":
            selector.path()
        else:
            selector.xpath()
    except (SelectorError, etree.XPathError, ValueError) as error:
        raise ConfigError(subject, f"{key} is not valid {language.upper()}: {error}") from error
    return selector


def _check_template(expression: str, key: str) -> None:
    if key != "list.next":
        raise ValueError("only list.next may be an address")
    if expression.count("{n}") + expression.count("{n-1}") != 1:
        raise ValueError("it needs {n} or {n-1} once, where the number of the page stands")


def _refuse_mixture(table: Mapping[str, Selector], subject: str, name: str) -> None:
    is_json = table["items"].language == "json"
    for key, selector in table.items():
        if selector.language != "url" and (selector.language == "json") != is_json:
            raise ConfigError(
                subject, f"{name}.{key} mixes json: with selectors of HTML; use one for the table"
            )


def _refuse_json(table: Mapping[str, Selector], subject: str) -> None:
    for key, selector in table.items():
        if selector.language == "json":
            raise ConfigError(subject, f"page.{key}: an article page is HTML, json: finds nothing")


@lru_cache(maxsize=256)
def _compiled(language: Language, expression: str) -> etree.XPath:
    if language == "xpath":
        return etree.XPath(expression)
    # HTMLTranslator knows :checked, :link and case-insensitive names.
    translator: GenericTranslator = HTMLTranslator()
    return etree.XPath(translator.css_to_xpath(expression, prefix="descendant-or-self::"))


@lru_cache(maxsize=256)
def _steps(expression: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    position = 0
    # "$" is the document itself, as JSONPath users write it.
    expression = expression.removeprefix("$")
    while position < len(expression):
        step = _STEP.match(expression, position)
        if step is None:
            raise ValueError(f"no path of names and indexes at {expression[position:]!r}")
        steps.append(step[1] if step[1] is not None else int(step[2]))
        position = step.end()
    return tuple(steps)
