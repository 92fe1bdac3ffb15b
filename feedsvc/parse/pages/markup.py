"""An HTML page as text and as a tree, with its elements by id and by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

_WITH_ID = etree.XPath("/descendant::*[@id]")
_WITH_CLASS = etree.XPath("/descendant::*[@class]")

_Index = dict[str, list[HtmlElement]]


@dataclass(slots=True, eq=False)
class Markup:
    """A page that is asked for elements.

    The tree is read once for all ids and once for all classes, when the first of them is asked for:
    a search for a single name costs as much (0.1 ms on 160 kB of markup).
    """

    text: str
    tree: HtmlElement
    _by_id: _Index | None = None
    _by_class: _Index | None = None

    def with_id(self, name: str) -> Sequence[HtmlElement]:
        """The elements with an id, in document order; pages use one twice."""
        if self._by_id is None:
            self._by_id = {}
            for element in _WITH_ID(self.tree):
                self._by_id.setdefault(element.get("id"), []).append(element)
        return self._by_id.get(name, ())

    def with_class(self, name: str) -> Sequence[HtmlElement]:
        """The elements of a class, in document order; one that names it twice comes twice."""
        if self._by_class is None:
            self._by_class = {}
            for element in _WITH_CLASS(self.tree):
                for each in element.get("class").split():
                    self._by_class.setdefault(each, []).append(element)
        return self._by_class.get(name, ())
