"""HTML: what strangers may bring in, and what we make of text and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

import nh3

from feedsvc.domain.item import Repair
from feedsvc.text import flow
from feedsvc.text.bare import bare_paragraphs
from feedsvc.text.scrub import scrub
from feedsvc.text.shape import check_shape, without_opaque

_SEEN_ONLY_HERE = {"style", "hidden"}
_CLEANER = nh3.Cleaner(
    tags=set(flow.BORDERS | flow.BLOCKS | flow.INLINES | flow.VOIDS),
    clean_content_tags={
        "script", "style", "svg", "math", "iframe", "object", "template", "title", "textarea",
        "xmp", "noscript", "noembed", "noframes", "select", "button",
    },
    attributes={
        "a": {"href", "title"},
        "img": {"src", "data-src", "data-original", "alt", "title", "width", "height"}
        | _SEEN_ONLY_HERE,
        "audio": {"src"},
        "video": {"src", "poster"},
        "source": {"src"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "ol": {"start"},
        "abbr": {"title"},
        "time": {"datetime"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)  # fmt: skip
_ACTIVE = ("<script", "<iframe", "<object", "<embed", "<svg", "<math", "<form", "<frame", "script:")
_HANDLER = re.compile(r"<[^<>]*\son[a-z]+\s*=", re.IGNORECASE)

_LINE_TAG = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|table|blockquote|pre|section|article|"
    r"figure|figcaption|header|footer|aside|center|caption|summary|details)\b[^<>]*>",
    re.IGNORECASE,
)
_MARKUP_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^">]++|"[^"]*")*+)>|[^<]+')
_ANY_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


@dataclass(frozen=True, slots=True)
class Sanitised:
    """HTML that may be stored and shown, and what was mended in it."""

    html: str
    repairs: tuple[Repair, ...] = ()


def sanitise(html: str, *, base_url: str) -> Sanitised:
    """Make a stranger's HTML safe and plain: an allow-list of elements, absolute http(s) URLs.

    Scripts, handlers, styles, frames, forms, SVG, MathML, trackers and hidden pictures are gone,
    empty elements too; `<br><br>` and indented lines are paragraphs. The text holds no character
    that XML forbids. Idempotent. Raises TooComplex above 512 kB or a depth of 256. Repairs:
    "active_content" where something would have run.
    """
    bare = bare_paragraphs(html)
    if bare is not None:
        check_shape(bare, base_url)
        return Sanitised(bare)
    return sanitise_markup(html, base_url=base_url)


def sanitise_markup(html: str, *, base_url: str) -> Sanitised:
    """The long way of `sanitise`, for what `bare_paragraphs` was asked about and did not know."""
    repairs = (Repair(kind="active_content"),) if _is_active(html) else ()
    candidate = without_opaque(html)
    check_shape(candidate, base_url)
    cleaned = _CLEANER.clean(candidate).replace("&nbsp;", "\u00a0")
    return Sanitised(flow.reflow(cleaned, base_url), repairs)


def _is_active(html: str) -> bool:
    lowered = html.lower()
    return any(word in lowered for word in _ACTIVE) or (
        " on" in lowered and _HANDLER.search(html) is not None
    )


def plain_text(html: str) -> str:
    """Give the words of HTML, one line for each paragraph, heading, list item or cell."""
    if "<" in html:
        html = without_opaque(html).replace("\n", " ")
        # Paragraphs alone are most of what there is, and plain replacing is ten times quicker.
        text = html.replace("</p><p>", "\n").replace("<p>", "\n").replace("</p>", "\n")
        html = text if "<" not in text else _ANY_TAG.sub("", _LINE_TAG.sub("\n", html))
    text = scrub(unescape(html) if "&" in html else html)
    lines = [line for line in text.split("\n") if line]
    words = text.split()
    if words != lines:
        words = [folded for line in lines if (folded := " ".join(line.split()))]
    return "\n".join(words)


def without_tags(line: str) -> str:
    """Give a line, such as a name, without the tags that somebody put into it; entities stay as they are."""
    return " ".join(_ANY_TAG.sub("", line).split()) if "<" in line else line


def beginning(html: str, characters: int) -> str:
    """Give the words of sanitised HTML up to the end of a paragraph, more than `characters` if there are.

    Line ends do not count, because a summary has none.
    """
    end = html.find("</p>", 2 * characters)
    text = plain_text(html[: end + 4]) if end >= 0 else ""
    return text if len(text) - text.count("\n") > characters else plain_text(html)


def paragraphs(text: str) -> str:
    """Make HTML of plain text: each line that is not empty becomes a `<p>`."""
    text = scrub(text)
    if "\n" not in text:
        line = " ".join(text.split())
        return f"<p>{escape(line, quote=False)}</p>" if line else ""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "".join([f"<p>{escape(line, quote=False)}</p>" for line in lines if line])


def replace_text(html: str, find: str, put: str) -> str:
    """Replace literal text between the tags of sanitised HTML; tags and what they split stay."""
    wanted, given = escape(find, quote=False), escape(put, quote=False)
    if not find or wanted not in html:
        return html
    return "".join(
        token.group() if token.group().startswith("<") else token.group().replace(wanted, given)
        for token in _MARKUP_TOKEN.finditer(html)
    )


def summarise(text: str, limit: int = 160) -> str:
    """Cut plain text to at most `limit` characters, after a sentence where one ends in good time.

    Never inside a number, a Latin word, an emoji sequence or brackets that the cut would leave
    open; a cut elsewhere than after a sentence ends with "…".
    """
    line = _joined(text, limit + 2)
    if len(line) <= limit:
        return line
    sentence, brackets = _sentence(line, limit)
    if sentence >= limit // 3:
        return line[:sentence]
    clause = _clause(line, limit, brackets)
    return line[: clause or limit - 1].rstrip("，、；：,;: ") + "…"


_PAIRS = {"（": "）", "(": ")", "《": "》", "【": "】", "[": "]", "「": "」", "『": "』", "“": "”"}
_CLOSERS = frozenset(_PAIRS.values())
_SENTENCE_ENDS = frozenset("。！？!?")
_NOTABLE = re.compile("[" + re.escape("".join({*_PAIRS, *_CLOSERS, *_SENTENCE_ENDS})) + "]")
_JOINED = re.compile(
    r"[A-Za-z0-9.,:%@_-]{2}|.[\u0300-\u036f\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|\u200d."
)


def _joined(text: str, enough: int) -> str:
    """The paragraphs in one line, until it is long enough; between Han no space is put."""
    out = ""
    for raw in text.split("\n"):
        line = " ".join(scrub(raw).split())
        if line:
            wide = out[-1:] > "\u2e7f" or line[0] > "\u2e7f"
            out += line if wide or not out else f" {line}"
        if len(out) >= enough:
            break
    return out


def _sentence(line: str, limit: int) -> tuple[int, list[tuple[int, int]]]:
    """The last place (length) within `limit` after a sentence, and where brackets are open until there."""
    sentence = 0
    waiting: list[str] = []
    brackets: list[tuple[int, int]] = []
    opened = 0
    for found in _NOTABLE.finditer(line, 0, limit):
        at, char = found.start(), found.group()
        if char in _PAIRS:
            opened = opened if waiting else at
            waiting.append(_PAIRS[char])
        elif waiting and char == waiting[-1]:
            waiting.pop()
            if not waiting:
                brackets.append((opened, at))
        if not waiting and _ends_sentence(line, at):
            sentence = at + 1
    if waiting:
        brackets.append((opened, limit))
    return sentence, brackets


def _ends_sentence(line: str, at: int) -> bool:
    before = line[at - 1 : at] if line[at] in _CLOSERS else line[at]
    return before in _SENTENCE_ENDS and line[at + 1 : at + 2] not in _SENTENCE_ENDS | _CLOSERS


def _clause(line: str, limit: int, brackets: list[tuple[int, int]]) -> int:
    """The last place (length) below `limit` that splits nothing; 0 if there is none."""
    for at in range(limit - 2, -1, -1):
        if any(start <= at < end for start, end in brackets):
            continue
        if not _JOINED.match(line, at):
            return at + 1
    return 0
