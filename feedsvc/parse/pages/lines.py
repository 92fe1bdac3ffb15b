"""A page as lines in document order: what stands on one printed line, in which block, how far linked.

HTML pages and saved plain text meet here, so that one extractor reads both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from feedsvc.errors import TooComplex
from feedsvc.parse.document import DEEPEST
from feedsvc.parse.pages.labels import Labelled, read_labels

# Elements that end a line. What is not listed stays inside it, invented tags included.
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "noframes",
        "template",
        "head",
        "select",
        "option",
        "textarea",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "button",
        "input",
        "canvas",
        "audio",
        "video",
        "map",
    ]
)
_LISTS = frozenset({"ul", "ol", "nav"})
# The longest article is a hundredth of this.
MOST_LINES = 20_000
# Longer lines are prose, whatever words they hold.
LONGEST_LABELLED = 600
_SPACE = re.compile(r"[\s\u3000\u00a0\ufeff\u200b]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
# A hidden block larger than this is content that a script unfolds, not a note to robots.
_SMALL_HIDDEN = 300


@dataclass(slots=True, eq=False)
class Line:
    """One printed line: its text folded to single spaces, and where it stands.

    `block` is the innermost block element (None in saved text), `linked` the number of its
    characters inside links, `pieces` its runs of text and pictures with the element that holds each.
    """

    text: str
    block: HtmlElement | None = None
    linked: int = 0
    pieces: list[tuple[str, HtmlElement]] = field(default_factory=list)
    _labels: list[Labelled] | None = None
    _spaced: str | None = None

    @property
    def labels(self) -> list[Labelled]:
        """The labelled values of the line (来源：…, 责任编辑：…); their places count in `spaced`."""
        if self._labels is None:
            self._labels = read_labels(self.spaced) if len(self.text) <= LONGEST_LABELLED else []
        return self._labels

    @property
    def spaced(self) -> str:
        """The text with a space wherever markup stands between words: labels are told apart by it."""
        if len(self.pieces) < 2:
            return self.text
        if self._spaced is None:
            self._spaced = fold(" ".join(run for run, _ in self.pieces))
        return self._spaced

    @property
    def is_heading(self) -> bool:
        """Whether it stands in h1–h6."""
        return self.block is not None and self.block.tag in HEADINGS

    @property
    def has_picture(self) -> bool:
        """Whether it shows a picture."""
        return any(holder.tag == "img" for _, holder in self.pieces)

    @property
    def is_linked(self) -> bool:
        """Whether nearly all of it is link text, as in navigation."""
        return self.linked > 0.7 * len(self.text)


@dataclass(slots=True, eq=False)
class PageLines:
    """All lines of a page, and for each block element the range of its lines."""

    lines: list[Line]
    spans: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)


def fold(text: str) -> str:
    """Runs of white space, the ideographic and no-break kinds included, to one space; trimmed."""
    if "\ufeff" in text or "\u200b" in text:
        text = text.replace("\ufeff", " ").replace("\u200b", " ")
    return " ".join(text.split())


def fold_runs(text: str) -> str:
    """Runs of white space to one space, at the ends too."""
    return _SPACE.sub(" ", text)


def plain_lines(text: str, subject: str) -> PageLines:
    """The lines of a saved plain text; empty ones are left out. Raises TooComplex for too many."""
    if text.count("\n") > MOST_LINES:
        raise TooComplex(subject, f"more than {MOST_LINES} lines")
    return PageLines(
        lines=[Line(text=folded) for raw in text.splitlines() if (folded := fold(raw))]
    )


def read_lines(tree: HtmlElement, subject: str) -> PageLines:
    """The lines of an HTML tree. Raises TooComplex for markup nested too deep to be real."""
    reader = _Reader(subject)
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            reader.leave(element)
        elif element.tag in _SKIPPED or _is_hidden(element):
            walk.skip_subtree()
            reader.skipped.add(element)
            reader.depth += 1
        else:
            reader.enter(element)
    reader.end_line()
    return PageLines(lines=reader.lines, spans=reader.spans)


def read_zone(
    top: HtmlElement, parts: tuple[HtmlElement, HtmlElement], more: int, subject: str
) -> PageLines:
    """The lines from element `top` on to `more` lines below the text.

    `parts` are the elements of the headline and of the text, both in `top`. The rest of the page
    (navigation and lists above the headline, other articles below) is not looked at.
    """
    title, body = parts
    held = {title, *title.iterancestors(), body, *body.iterancestors()}
    above = True
    reader = _Reader(subject)
    most = MOST_LINES + more
    for start in _onwards(top):
        walk = etree.iterwalk(start, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                above = above and element is not title
                is_list = above and element.tag in _LISTS and element not in held
                if is_list or element.tag in _SKIPPED or _is_hidden(element):
                    walk.skip_subtree()
                    reader.skipped.add(element)
                    reader.depth += 1
                else:
                    reader.enter(element)
                continue
            reader.leave(element)
            if element is body:
                reader.end_line()
                most = len(reader.lines) + more
            if len(reader.lines) >= most:
                return PageLines(lines=reader.lines, spans=reader.spans)
    reader.end_line()
    return PageLines(lines=reader.lines, spans=reader.spans)


def _onwards(top: HtmlElement) -> Iterator[HtmlElement]:
    """An element, and what follows it in the page."""
    yield top
    node: HtmlElement | None = top
    while node is not None:
        yield from node.itersiblings()
        node = node.getparent()


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    return (
        style is not None
        and _HIDDEN.search(style) is not None
        and len(fold("".join(element.itertext()))) < _SMALL_HIDDEN
    )


class _Reader:
    """Gathers pieces until a block boundary ends the line."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.lines: list[Line] = []
        self.spans: dict[HtmlElement, tuple[int, int]] = {}
        self.skipped: set[HtmlElement] = set()
        self.depth = 0
        self._blocks: list[HtmlElement] = []
        self._pieces: list[tuple[str, HtmlElement]] = []
        self._links = 0
        self._linked = 0
        self._preformatted = 0
        self._pictured = False

    def enter(self, element: HtmlElement) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooComplex(self.subject, f"markup nested deeper than {DEEPEST} elements")
        tag = element.tag
        if tag in BLOCKS:
            self.end_line()
            self._blocks.append(element)
            self._preformatted += tag == "pre"
            self.spans[element] = (len(self.lines), 0)
        elif tag == "a":
            self._links += 1
        elif tag == "img":
            self._pieces.append(("", element))
            self._pictured = True
        text = element.text
        if text and (self._pieces or not text.isspace()):
            self._add(text, element)

    def leave(self, element: HtmlElement) -> None:
        self.depth -= 1
        tag = element.tag
        if element in self.skipped:
            self.skipped.discard(element)
        elif tag in BLOCKS:
            self.end_line()
            self._blocks.pop()
            self._preformatted -= tag == "pre"
            self.spans[element] = (self.spans[element][0], len(self.lines))
        elif tag == "a":
            self._links -= 1
        tail = element.tail
        if tail and (self._pieces or not tail.isspace()):
            parent = element.getparent()
            if parent is not None:
                self._add(tail, parent)

    def end_line(self) -> None:
        if not self._pieces:
            return
        text = fold("".join(text for text, _ in self._pieces))
        if text or self._pictured:
            if len(self.lines) == MOST_LINES:
                raise TooComplex(self.subject, f"more than {MOST_LINES} lines")
            block = self._blocks[-1] if self._blocks else None
            self.lines.append(
                Line(
                    text=text, block=block, linked=min(self._linked, len(text)), pieces=self._pieces
                )
            )
        self._pieces = []
        self._linked = 0
        self._pictured = False

    def _add(self, text: str, holder: HtmlElement) -> None:
        if "\n" in text and self._preformatted:
            first, *rest = text.split("\n")
            self._put(first, holder)
            for each in rest:
                self.end_line()
                self._put(each, holder)
        else:
            self._put(text, holder)

    def _put(self, text: str, holder: HtmlElement) -> None:
        if not self._pieces and text.isspace():
            return
        self._pieces.append((text, holder))
        if self._links:
            self._linked += len(text.strip())
