"""The headline as printed: one whole line, subheading included."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.parse.pages.labels import is_header_line, read_labels
from feedsvc.parse.pages.lines import Line, fold
from feedsvc.parse.pages.meta import Meta
from feedsvc.parse.selection import text_of

# Headlines stand at most so many lines above the text; a table of contents may stand between.
ZONE = 60
LONGEST = 200
# How sure we are of a headline that only <title> states; one printed above the header line is surer.
STATED = 0.75
_SEPARATOR = re.compile(r"\s*(?:[_|｜丨]+|-{2,3}|\s[-–—]{1,2}\s|[-–—]{1,2}(?=[^-–—]{2,14}\Z))\s*")
_SITE_NAME = re.compile(
    r"\A\w{2,10}(?:网|网站|官网|门户|在线|首页|频道|日报|晚报|数字报|电子版|信息港|论坛|电视台)\Z"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_MASTHEAD = re.compile(
    r"今天是|欢迎(?:访问|光临|来到)|公告[:：]|当前位置|您?(?:现在)?的?位置|首页|设为|加入收藏|登录|注册|投稿|网站地图|星期[一二三四五六日]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A headline; `line` is its index among the page's lines (None: it is in no line), `sure` 0.0–1.0."""

    text: str
    sure: float
    line: int | None = None


def find_title(lines: list[Line], start: int, meta: Meta) -> Title:
    """The headline of the article whose text begins at line `start`.

    A line is the headline when `<title>` or the meta tags say the same; where they are silent, it
    is the heading nearest to the text, or the line above the header line.
    """
    named = meta.tags.get("articletitle") or meta.tags.get("og:title") or ""
    stems = _stems(meta.head_title) + ([named] if named else [])
    printed = _printed_twice(lines, start, stems)
    if printed is not None:
        return printed
    heading = _nearest_heading(lines, start)
    if heading is not None:
        return heading
    above = title_above(lines, start)
    if above.sure > STATED:
        return above
    if stems and len(stems[0]) > 3 and not _MASTHEAD.search(stems[0]):
        return Title(text=named or stems[0], sure=STATED)
    return above


def is_stated(text: str, meta: Meta) -> bool:
    """Whether `<title>` or the meta tags state this headline, a site's name beside it set aside."""
    named = meta.tags.get("articletitle") or meta.tags.get("og:title") or ""
    wanted = [compared(stem) for stem in [*_stems(meta.head_title), named] if len(stem) >= 4]
    return _likeness(compared(text), wanted) > STATED


def headline_line(lines: list[Line], meta: Meta) -> int | None:
    """The first line that says what `<title>` or the meta tags say, headings first; None without one."""
    named = meta.tags.get("articletitle") or meta.tags.get("og:title") or ""
    wanted = {compared(stem) for stem in [*_stems(meta.head_title), named] if len(stem) >= 4}
    same = [
        index
        for index, line in enumerate(lines)
        if 4 <= len(line.text) <= LONGEST and not line.is_linked and compared(line.text) in wanted
    ]
    return next((index for index in same if lines[index].is_heading), same[0] if same else None)


def title_of_element(lines: list[Line], element: HtmlElement) -> Title:
    """The headline that an element of the page holds, without a header line inside it."""
    for index, line in enumerate(lines):
        if any(holder is element or element in holder.iterancestors() for _, holder in line.pieces):
            whole = _whole_heading(lines, index) if line.is_heading else line.text
            return Title(text=whole, sure=1.0, line=index)
    return Title(text=fold(text_of(element)), sure=0.9)


def title_above(lines: list[Line], start: int) -> Title:
    """The nearest line above the text that can be a headline; skips header lines and navigation."""
    for index in range(start - 1, max(-1, start - 12), -1):
        text = lines[index].text
        if is_header_line(text) or not text or _MASTHEAD.search(text):
            continue
        if lines[index].is_linked or len(text) > LONGEST or len(text) < 4 or _is_tool(text):
            continue
        above_header = index + 1 < len(lines) and is_header_line(lines[index + 1].text)
        return Title(text=text, sure=0.9 if above_header else 0.6, line=index)
    return Title(text="", sure=0.0)


def _is_tool(text: str) -> bool:
    """Whether a line is a remark or a tool (字号：大 中 小, a share button's name), not words of an editor."""
    labels = read_labels(text)
    if any(label.kind != "other" or label.start == 0 for label in labels):
        return True
    return _HAN.search(text) is None and " " not in text


def compared(text: str) -> str:
    """A text as headlines are compared: NFKC, lower case, without spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def _stems(head_title: str) -> list[str]:
    """`<title>` without site names: the whole, and each shorter beginning; a mere site name says nothing."""
    if _SITE_NAME.search(head_title):
        return []
    cuts = [each.start() for each in _SEPARATOR.finditer(head_title)]
    whole = [head_title] if head_title else []
    stems = [head_title[:cut] for cut in cuts if cut]
    # A site that names itself first (某某数字报-标题): what follows its name is the headline.
    first = _SEPARATOR.search(head_title)
    if first is not None and _SITE_NAME.search(head_title[: first.start()]):
        stems = [head_title[first.end() :], *(s for s in stems if not _SITE_NAME.search(s))]
    return stems + whole if stems else whole


def _printed_twice(lines: list[Line], start: int, stems: list[str]) -> Title | None:
    wanted = [compared(stem) for stem in stems]
    wanted = [each for each in wanted if len(each) >= 4]
    best: tuple[float, int] | None = None
    for index in range(max(0, start - ZONE), min(len(lines), start + 3)):
        line = lines[index]
        if not 4 <= len(line.text) <= LONGEST or is_header_line(line.text):
            continue
        value = _likeness(compared(line.text), wanted)
        if _SITE_NAME.search(line.text) and not line.is_heading:
            continue
        if value and line.is_heading:
            value += 0.3
        if value and line.is_linked:
            value -= 0.4
        if value > 0.4 and (best is None or value >= best[0]):
            best = (value, index)
    if best is None:
        return None
    text = _without_linked_prefix(lines[best[1]], wanted) or _whole_heading(lines, best[1])
    return Title(text=text, sure=min(1.0, 0.7 + best[0] * 0.25), line=best[1])


def _likeness(line: str, wanted: list[str]) -> float:
    """How well a line and one form of `<title>` agree: 1.0 equal, less where one begins with the other."""
    best = 0.0
    for stem in wanted:
        if line == stem:
            return 1.0
        if len(stem) >= 6 and line.endswith(stem):
            best = max(best, 0.9 * len(stem) / len(line))
        if len(line) >= 10 and stem.endswith(line):
            best = max(best, 0.85 * len(line) / len(stem))
        if len(line) >= 6 and (stem.startswith(line) or line.startswith(stem)):
            best = max(best, 0.9 * min(len(line), len(stem)) / max(len(line), len(stem)))
    return best


def _whole_heading(lines: list[Line], index: int) -> str:
    """A heading broken by `<br>` is one headline, but for a header line (time, source) inside it."""
    line = lines[index]
    if not line.is_heading or line.block is None:
        return line.text
    first = index
    while first and lines[first - 1].block is line.block:
        first -= 1
    words: list[str] = []
    for each in lines[first:]:
        if each.block is not line.block or is_header_line(each.text):
            break
        words.append(each.text)
    whole = fold(" ".join(words))
    return whole if words and len(whole) <= LONGEST else line.text


def _without_linked_prefix(line: Line, wanted: list[str]) -> str:
    """A heading without its linked category ([杂谈] …), where the rest is what `<title>` says."""
    if not line.linked:
        return ""
    plain = fold("".join(text for text, holder in line.pieces if not _in_link(holder)))
    return plain if compared(plain) in wanted else ""


def _in_link(holder: HtmlElement) -> bool:
    return holder.tag == "a" or any(each.tag == "a" for each in holder.iterancestors())


def _nearest_heading(lines: list[Line], start: int) -> Title | None:
    """The heading nearest above the text, else an h1 that the text's own container begins with."""
    above = range(min(start, len(lines)) - 1, max(-1, start - ZONE), -1)
    for index in above:
        if _is_headline(lines[index], {"h1", "h2", "h3"}):
            return Title(text=_whole_heading(lines, index), sure=0.8, line=index)
    for index in range(start, min(start + 5, len(lines))):
        if _is_headline(lines[index], {"h1"}):
            return Title(text=_whole_heading(lines, index), sure=0.8, line=index)
    return None


def _is_headline(line: Line, tags: set[str]) -> bool:
    return (
        line.block is not None
        and line.block.tag in tags
        and len(line.text) >= 4
        and not line.is_linked
        and not _MASTHEAD.search(line.text)
    )
