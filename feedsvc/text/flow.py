"""Sanitised HTML → one plain form: paragraphs, headings, lists, tables, figures and inline marks.

Containers without meaning (div, section …) become paragraph borders, `<br><br>` and indented lines
become paragraphs, what is empty disappears, URLs become absolute. Elements are written only when
content arrives in them, which is what makes empty ones vanish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape

from feedsvc.text.scrub import scrub
from feedsvc.text.urls import absolute

# No letter of the alphabets we publish, but NFC joins it with the ">" of a tag before it.
_SLASH_OVERLAY = "\u0338"
_BLANK = " \t\n\u00a0\u3000"
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^">]++|"[^"]*")*+)>|([^<]+)')
_ATTRIBUTE = re.compile(r'([a-z][a-z0-9-]*)="([^"]*)"')
_INDENTED = re.compile("[ \t\n]*(?:\u3000\u3000|\u00a0{4})")
_EMPTY_TABLE = re.compile(r"<table>(?:</?t[a-z]+[^>]*>|\s)*</table>")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,4}")

BORDERS = frozenset(
    {"p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "address"}
    | {"center", "form", "fieldset"}
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_PHRASE_BLOCKS = _HEADINGS | {"dt", "summary", "caption", "pre"}
_FLOW_BLOCKS = frozenset(["blockquote", "details"])
_CELLS = frozenset(["td", "th"])
BLOCKS = (
    _PHRASE_BLOCKS
    | _FLOW_BLOCKS
    | _CELLS
    | frozenset(["ul", "ol", "li", "dl", "dd", "table", "thead", "tbody", "tfoot", "tr"])
    | frozenset(["figure", "figcaption"])
)
MEDIA = frozenset(["audio", "video"])
INLINES = MEDIA | frozenset(
    {"a", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "small", "mark", "code"}
    | {"kbd", "samp", "var", "q", "cite", "abbr", "time", "ruby", "rt", "rp", "bdi"}
)
VOIDS = frozenset(["br", "hr", "img", "source"])
_KEPT_NUMBERS = {"td": ("colspan", "rowspan"), "th": ("colspan", "rowspan"), "ol": ("start",)}
_KEPT_WORDS = {"abbr": "title", "time": "datetime"}


@dataclass(slots=True)
class _Open:
    """An element of the input that is open; `tag` is "" where only its content is kept."""

    name: str
    tag: str
    written: bool = False


@dataclass(slots=True)
class _Flow:
    """What has been written and what is open while tokens go by."""

    base_url: str
    out: list[str] = field(default_factory=list)
    blocks: list[_Open] = field(default_factory=list)
    inlines: list[_Open] = field(default_factory=list)
    breaks: int = 0
    has_content: bool = False
    in_paragraph: bool = False
    asked_paragraph: bool = False
    media: int = 0

    def context(self) -> str:
        return self.blocks[-1].name if self.blocks else ""

    def text(self, raw: str) -> None:
        raw = raw.lstrip(_SLASH_OVERLAY)
        if self.media or not raw:
            return
        if self.context() == "pre":
            self.verbatim(raw)
            return
        if not self.has_content or self.breaks:
            if self.breaks and _INDENTED.match(raw):
                self.breaks += 1
            raw = raw.lstrip(_BLANK + _SLASH_OVERLAY)
            if not raw:
                return
        elif not raw.strip(_BLANK):
            # Between two marks a space separates words; alone it would keep an empty mark alive.
            if not self.out[-1].endswith(" "):
                self.out.append(" ")
            return
        self.begin()
        self.out.append(raw)

    def verbatim(self, raw: str) -> None:
        raw = raw if self.has_content else raw.lstrip("\n" + _SLASH_OVERLAY)
        if self.has_content or raw.strip(_BLANK):
            self.begin()
            self.out.append(raw)

    def begin(self) -> None:
        """Write all that content needs around it: breaks, blocks, paragraph, marks."""
        if self.breaks and self.has_content:
            if self.breaks > 1 and (self.in_paragraph or not self.blocks):
                self.end_line()
            else:
                self.out.append("<br>" * min(self.breaks, 2))
        self.breaks = 0
        self.write_blocks()
        if not self.has_content:
            context = self.context()
            if (
                not context
                or context in _FLOW_BLOCKS
                or (self.asked_paragraph and context not in _PHRASE_BLOCKS)
            ):
                self.out.append("<p>")
                self.in_paragraph = True
        for mark in self.inlines:
            if not mark.written:
                self.out.append(mark.tag)
                mark.written = True
        self.has_content = True

    def write_blocks(self) -> None:
        for block in self.blocks:
            if not block.written:
                self.out.append(block.tag)
                block.written = True

    def end_line(self) -> None:
        """Close the paragraph or line; marks that span it open again with the next content."""
        self.breaks = 0
        if not self.has_content:
            return
        while not self.out[-1].startswith("<") and self.context() != "pre":
            self.out[-1] = self.out[-1].rstrip(_BLANK)
            if self.out[-1]:
                break
            self.out.pop()
        for mark in reversed(self.inlines):
            if mark.written:
                self.out.append(f"</{mark.name}>" if mark.tag else "")
                mark.written = False
        if self.in_paragraph:
            self.out.append("</p>")
        self.has_content = self.in_paragraph = False

    def border(self, *, opening: bool) -> None:
        if self.context() in _PHRASE_BLOCKS:
            self.breaks = max(self.breaks, 1)
            return
        self.end_line()
        self.asked_paragraph = opening

    def open_block(self, name: str, tag: str) -> None:
        self.end_line()
        self.asked_paragraph = False
        if name in _HEADINGS and self.context() in _HEADINGS:
            tag = ""  # a heading's start tag ends a heading when it is read again
        self.blocks.append(_Open(name, tag))
        if name in _CELLS:
            self.write_blocks()  # an empty cell holds its column

    def close_block(self, name: str) -> None:
        self.end_line()
        self.asked_paragraph = False
        if self.context() != name:
            return
        block = self.blocks.pop()
        if block.written and block.tag:
            self.out.append(f"</{name}>")

    def close_inline(self, name: str) -> None:
        for at in range(len(self.inlines) - 1, -1, -1):
            if self.inlines[at].name == name:
                mark = self.inlines.pop(at)
                self.media -= name in MEDIA
                if mark.written and mark.tag:
                    self.out.append(f"</{name}>")
                return


def reflow(html: str, base_url: str) -> str:
    """Bring nh3's output into the plain form; relative URLs count from `base_url`. Idempotent.

    Only elements and attributes named in this module are written, whatever the input holds.
    """
    flow = _Flow(base_url)
    soiled = (
        scrub(html) != html
    )  # decided once; the parts are scrubbed apart, as markup must not be
    for closing, name, attributes, text in _TOKEN.findall(html):
        if text:
            flow.text(scrub(text) if soiled else text)
        elif closing:
            _close(flow, name)
        else:
            _open(flow, name, dict(_ATTRIBUTE.findall(attributes)) if attributes else {})
    flow.end_line()
    for block in reversed(flow.blocks):
        flow.close_block(block.name)
    made = "".join(flow.out)
    return _EMPTY_TABLE.sub("", made) if "<table>" in made else made


def _open(flow: _Flow, name: str, attributes: dict[str, str]) -> None:
    if name in BORDERS:
        flow.border(opening=True)
    elif name in BLOCKS:
        flow.open_block(name, _tag(name, attributes))
    elif name in MEDIA:
        _open_media(flow, name, attributes)
    elif name == "a":
        flow.inlines.append(_Open(name, _link(flow.base_url, attributes)))
    elif name in INLINES:
        flow.inlines.append(_Open(name, _tag(name, attributes)))
    else:
        _void(flow, name, attributes)


def _close(flow: _Flow, name: str) -> None:
    if name in BORDERS:
        flow.border(opening=False)
    elif name in BLOCKS:
        flow.close_block(name)
    else:
        flow.close_inline(name)


def _void(flow: _Flow, name: str, attributes: dict[str, str]) -> None:
    if name == "source":
        source = _url(flow.base_url, attributes.get("src"))
        if source and flow.media:
            flow.begin()
            flow.out.append(f"<source{_attributes({'src': source})}>")
    elif flow.media:
        return
    elif name == "br":
        flow.breaks += 1
    elif name == "hr":
        flow.end_line()
        flow.write_blocks()
        flow.out.append("<hr>")
    elif name == "img" and (picture := _picture(flow.base_url, attributes)):
        flow.begin()
        flow.out.append(picture)


def _open_media(flow: _Flow, name: str, attributes: dict[str, str]) -> None:
    source = _url(flow.base_url, attributes.get("src"))
    kept = {"src": source, "poster": _url(flow.base_url, attributes.get("poster"))}
    flow.inlines.append(_Open(name, f'<{name} controls=""{_attributes(kept)}>'))
    flow.media += 1
    if source:
        flow.begin()


def _link(base_url: str, attributes: Mapping[str, str]) -> str:
    href = unescape(attributes.get("href", "")).strip()
    kept = (
        scrub(href)
        if href.lower().startswith("mailto:")
        else _url(base_url, attributes.get("href"))
    )
    return (
        f"<a{_attributes({'href': kept, 'title': _words(attributes.get('title'))})}>"
        if kept
        else ""
    )


def _picture(base_url: str, attributes: Mapping[str, str]) -> str:
    """The tag of a picture to be seen; "" for trackers, spacers and pictures without an address."""
    if "hidden" in attributes or _HIDDEN.search(unescape(attributes.get("style", ""))):
        return ""
    sizes = {
        side: attributes.get(side, "").removesuffix("px").strip() for side in ("width", "height")
    }
    if any(size in {"0", "1"} for size in sizes.values()):
        return ""
    # Where a script loads pictures late, `src` is only a placeholder.
    late = (attributes.get("data-original"), attributes.get("data-src"), attributes.get("src"))
    source = next((url for given in late if (url := _url(base_url, given))), None)
    if source is None:
        return ""
    words = {"alt": _words(attributes.get("alt")) or "", "title": _words(attributes.get("title"))}
    numbers = {side: size for side, size in sizes.items() if _NUMBER.fullmatch(size)}
    return f"<img{_attributes({'src': source, **words, **numbers})}>"


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    if not attributes:
        return f"<{name}>"
    kept: dict[str, str | None] = {
        key: attributes[key]
        for key in _KEPT_NUMBERS.get(name, ())
        if _NUMBER.fullmatch(attributes.get(key, ""))
    }
    if (word := _KEPT_WORDS.get(name)) is not None:
        kept[word] = _words(attributes.get(word))
    return f"<{name}{_attributes(kept)}>"


def _url(base_url: str, given: str | None) -> str | None:
    return absolute(base_url, unescape(given)) if given else None


def _words(given: str | None) -> str | None:
    return " ".join(scrub(unescape(given)).split()) if given else None


def _attributes(kept: Mapping[str, str | None]) -> str:
    return "".join(
        f' {name}="{escape(value)}"' for name, value in kept.items() if value is not None
    )
