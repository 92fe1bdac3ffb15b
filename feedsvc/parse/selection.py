"""Asking a document for what one rule names."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from feedsvc.parse.rules import Selector


def select_nodes(node: HtmlElement | str, rule: Selector) -> list[HtmlElement | str]:
    """The elements or strings that a CSS or XPath rule finds in an element, in document order.

    An expression that fails while it runs (a function called with the wrong kind of value) finds
    nothing, like one that matches nothing.
    """
    if isinstance(node, str):
        return []
    try:
        found = rule.xpath()(node)
    except etree.XPathError:
        return []
    if isinstance(found, str):
        return [str(found)] if found else []
    if not isinstance(found, list):
        return []
    return [each if isinstance(each, HtmlElement) else str(each) for each in found]


def select_json(data: object, rule: Selector) -> object:
    """The value at a JSON rule's path, or None where the path leads nowhere."""
    for step in rule.path():
        if isinstance(step, str) and isinstance(data, dict):
            data = data.get(step)
        elif isinstance(step, int) and isinstance(data, list) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def text_of(node: HtmlElement | str) -> str:
    """All text of what a rule found, `<br>` as a space."""
    if isinstance(node, str):
        return node
    parts: list[str] = []
    for each in node.iter():
        if each.tag == "br":
            parts.append(" ")
        elif isinstance(each.tag, str) and each.tag not in {"script", "style"} and each.text:
            parts.append(each.text)
        if each is not node and each.tail:
            parts.append(each.tail)
    return "".join(parts)
