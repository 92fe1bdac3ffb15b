"""Lines of an article as HTML paragraphs: the text with its links, emphasis and pictures."""

from __future__ import annotations

import re
from html import escape

from lxml.html import HtmlElement

from feedsvc.parse.pages.lines import BLOCKS, Line, fold, fold_runs

_INLINE = frozenset({"b", "strong", "em", "i", "sub", "sup", "a", "u", "small"})
# Where lazy loaders keep the address of the picture, best first.
_LAZY = ("data-original", "data-src", "data-echo", "data-lazy-src", "data-url", "_src", "original")

_PLACEHOLDER = re.compile(
    r"(?:^|[/_-])(?:blank|grey|gray|loading|placeholder|spacer|transparent|lazy(?:load)?|default)[\w-]*\.(?:gif|png|svg|jpe?g)",
    re.I,
)
_CANDIDATE = re.compile(r"(?P<address>[^\s,]\S*)(?:\s+(?P<size>\d+(?:\.\d+)?)[wx])?\s*(?:,|\Z)")


def cut_line(line: Line, text: str) -> Line:
    """The line shortened to the beginning `text` of its folded text, which ends before a bracket."""
    raw = "".join(run for run, _ in line.pieces)
    cuts = (at for at in range(len(raw) - 1, -1, -1) if raw[at] in "(（")
    keep = next((at for at in cuts if fold(raw[:at]) == text), 0)
    pieces = []
    for run, holder in line.pieces:
        if run and keep > 0:
            pieces.append((run[:keep], holder))
            keep -= len(run)
        elif not run:
            pieces.append((run, holder))
    return Line(text=text, block=line.block, linked=min(line.linked, len(text)), pieces=pieces)


def paragraph(line: Line) -> str:
    """A line as HTML: `<p>` with its links, emphasis and pictures, white space folded."""
    if not line.pieces:
        return f"<p>{escape(line.text, quote=False)}</p>"
    parts: list[str] = []
    open_tags: list[HtmlElement] = []
    for text, holder in line.pieces:
        chain = _inline_chain(holder, line.block)
        _switch(parts, open_tags, chain)
        parts.append(
            _picture(holder)
            if holder.tag == "img" and not text
            else fold_runs(escape(text, quote=False))
        )
    _switch(parts, open_tags, [])
    tag = line.block.tag if line.is_heading and line.block is not None else "p"
    tag = "h3" if tag in {"h1", "h2"} else tag
    return f"<{tag!s}>{''.join(parts).strip()}</{tag!s}>"


def _inline_chain(holder: HtmlElement, block: HtmlElement | None) -> list[HtmlElement]:
    chain: list[HtmlElement] = []
    node: HtmlElement | None = holder
    while node is not None and node is not block and node.tag not in BLOCKS:
        if node.tag in _INLINE:
            chain.append(node)
        node = node.getparent()
    return chain[::-1]


def _switch(parts: list[str], opened: list[HtmlElement], wanted: list[HtmlElement]) -> None:
    same = 0
    while same < len(opened) and same < len(wanted) and opened[same] is wanted[same]:
        same += 1
    while len(opened) > same:
        parts.append(f"</{opened.pop().tag!s}>")
    for element in wanted[same:]:
        href = element.get("href") if element.tag == "a" else None
        parts.append(f'<a href="{escape(href)}">' if href else f"<{element.tag!s}>")
        opened.append(element)


def picture_address(image: HtmlElement) -> str:
    """Where a picture really is, as written: lazy loaders show a placeholder until they run."""
    for name in _LAZY:
        said = (image.get(name) or "").strip()
        if said and not said.startswith("data:"):
            return said
    shown = (image.get("src") or "").strip()
    if shown and not shown.startswith("data:") and not _PLACEHOLDER.search(shown):
        return shown
    return _largest(image.get("srcset") or image.get("data-srcset") or "") or shown


def _largest(srcset: str) -> str:
    """The candidate of the largest width or density (HTML, section 4.8.4.2.1)."""
    best: tuple[float, str] = (-1.0, "")
    for candidate in _CANDIDATE.finditer(srcset):
        address = candidate["address"].rstrip(",")
        if not address.startswith("data:"):
            best = max(best, (float(candidate["size"] or 1), address))
    return best[1]


def _picture(image: HtmlElement) -> str:
    address = picture_address(image)
    if not address:
        return ""
    sizes = "".join(
        f' {name}="{escape(value)}"' for name in ("width", "height") if (value := image.get(name))
    )
    return f'<img src="{escape(address)}" alt="{escape(image.get("alt") or "")}"{sizes}>'
