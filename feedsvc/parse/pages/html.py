"""Lines of an article as HTML paragraphs: the text with its links, emphasis and pictures."""

from __future__ import annotations

from html import escape

from lxml.html import HtmlElement

from feedsvc.parse.pages.lines import BLOCKS, Line, fold, fold_runs

_INLINE = frozenset({"b", "strong", "em", "i", "sub", "sup", "a", "u", "small"})
# Where lazy loaders keep the address of the picture, best first.
_LAZY = ("data-original", "data-src", "data-echo", "data-lazy-src", "data-url", "_src", "original")


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


def _picture(image: HtmlElement) -> str:
    address = next((image.get(name) for name in _LAZY if image.get(name)), None) or image.get("src")
    if not address:
        return ""
    sizes = "".join(
        f' {name}="{escape(value)}"' for name in ("width", "height") if (value := image.get(name))
    )
    return f'<img src="{escape(address)}" alt="{escape(image.get("alt") or "")}"{sizes}>'
