"""Rules: what an operator may write, and the key that is named when it cannot be used."""

from typing import Any

import pytest

from feedsvc.errors import ConfigError
from feedsvc.parse.rules import read_rules


def test_rules_keep_language_and_expression() -> None:
    rules = read_rules(
        {
            "list": {"items": "ul.news > li", "link": "xpath:.//a/@href"},
            "page": {"body": " #zoom ", "remove": ".ad, .share"},
        },
        "partner",
    )
    assert rules.list is not None
    assert rules.page is not None
    assert rules.list.link is not None
    assert (rules.list.link.language, rules.list.link.expression) == ("xpath", ".//a/@href")
    assert rules.list.title is None
    assert rules.page.body is not None
    assert (rules.page.body.language, rules.page.body.expression) == ("css", "#zoom")


def test_no_rules_are_no_tables() -> None:
    rules = read_rules({}, "partner")
    assert rules.list is None
    assert rules.page is None


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("data.list[0].url", ("data", "list", 0, "url")),
        ("$.rows", ("rows",)),
        ("$", ()),
        ("[2]", (2,)),
        ("标题", ("标题",)),
    ],
)
def test_json_paths(path: str, steps: tuple[str | int, ...]) -> None:
    rules = read_rules({"list": {"items": f"json:{path}"}}, "partner").list
    assert rules is not None
    assert rules.items.path() == steps


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"lists": {}}, r"unknown key lists \(known: list, page\)"),
        ({"list": {"itmes": "li"}}, r"unknown key list\.itmes \(known: list\.items, "),
        ({"page": {"items": "li"}}, r"unknown key page\.items"),
        ({"list": "li"}, "list is not a table"),
        ({"list": {"link": "a"}}, r"list\.items is missing"),
        ({"list": {"items": 7}}, r"list\.items is not a selector but 7"),
        ({"list": {"items": "  "}}, r"list\.items is not a selector"),
        ({"list": {"items": "li["}}, r"list\.items is not valid CSS"),
        ({"list": {"items": "xpath://li["}}, r"list\.items is not valid XPATH"),
        ({"list": {"items": "xpath:"}}, r"list\.items is not valid XPATH"),
        ({"list": {"items": "json:a..b"}}, r"list\.items is not valid JSON"),
        ({"list": {"items": "json:a[x]"}}, r"list\.items is not valid JSON"),
        ({"list": {"items": "json:rows", "link": "a"}}, r"list\.link mixes"),
        ({"list": {"items": "li", "link": "json:url"}}, r"list\.link mixes"),
        ({"page": {"title": "json:title"}}, r"page\.title: an article page is HTML"),
        ({"page": {"title": "h" * 1001}}, r"page\.title is longer"),
    ],
)
def test_what_cannot_be_used_is_named(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read_rules(table, "partner")
    assert caught.value.subject == "partner"
    assert caught.value.permanent
