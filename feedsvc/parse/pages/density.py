"""Where the prose of a page is densest: for pages whose markup does not say where the text stands."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from feedsvc.parse.pages.labels import is_header_line
from feedsvc.parse.pages.lines import HEADINGS, Line, PageLines

# A line that long with a full stop in it is prose.
PROSE = 40
# A block of the text holds hardly any links.
MOST_LINKED = 0.1

# A thread of comments has a time and a 回复 for every few lines that its readers wrote.
FEWEST_TOOLS, TOOL_SHARE, LONGEST_TOOL = 4, 0.2, 40
_REPLY = re.compile(
    r"^(?:查看)?(?:回复|举报|点赞|支持|反对|顶|踩|赞)\b|\A\d{1,4}\s*[#楼]|沙发\Z|板凳\Z|"
    r"(?:今|昨|前)天\s*\d{1,2}:\d\d|\d+\s*(?:分钟|小时|天)前|20\d\d-\d{1,2}-\d{1,2}\s+\d{1,2}:\d\d|只看(?:该作者|楼主)"
)

_SENTENCE = re.compile(r"[，。！？；、：,]")
_UNLIKELY = re.compile(
    r"comment|footer|recommend|related|sidebar|copyright|breadcrumb|hot|rank|share|nav|menu|login|tuijian",
    re.I,
)
_LIKELY = re.compile(
    r"article|content|text|body|detail|editor|main|news|post|zw|neirong|con\b", re.I
)


def prose(line: Line) -> int:
    """The characters of a line that is prose outside links, else 0."""
    own = len(line.text) - line.linked
    return own if own >= PROSE and "。" in line.text else 0


def dense_span(page: PageLines, after: int) -> tuple[int, int] | None:
    """The range of the element with the densest prose below line `after`, or None without prose.

    An article that its system has cut into several blocks side by side is put together again.
    """
    scores: dict[HtmlElement, float] = {}
    for line in page.lines[max(after, 0) :]:
        if line.block is None or line.is_linked or len(line.text) < 10:
            continue
        worth = _worth(line)
        element: HtmlElement | None = line.block
        if element is not None and element.tag in HEADINGS | {
            "p",
            "li",
            "blockquote",
            "span",
            "pre",
            "figcaption",
        }:
            element = element.getparent()
        share = 1.0
        while element is not None and share > 0.2:
            scores[element] = scores.get(element, 0.0) + worth * share
            share /= 2
            element = element.getparent()
    weighed = {
        element: score * _weight(element, page)
        for element, score in scores.items()
        if element in page.spans
    }
    if not weighed:
        return None
    best = max(weighed, key=lambda element: weighed[element])
    return _joined(best, page, after)


def _joined(best: HtmlElement, page: PageLines, after: int) -> tuple[int, int]:
    """The range of an element and of the like blocks of prose right beside it."""
    start, stop = page.spans[best]
    for sibling in best.itersiblings():
        span = page.spans.get(sibling)
        if span is None or span[0] == span[1]:
            continue
        if _is_slight(page.lines[span[0] : span[1]]):
            continue
        if not _is_like(sibling, best, page):
            break
        stop = span[1]
    for sibling in best.itersiblings(preceding=True):
        span = page.spans.get(sibling)
        if span is None or span[0] == span[1]:
            continue
        if _is_slight(page.lines[span[0] : span[1]]) and span[0] > after:
            continue
        if span[0] <= after or not _is_like(sibling, best, page):
            break
        start = span[0]
    return start, stop


def _is_slight(lines: list[Line]) -> bool:
    """Whether a block between others is but an advertisement or a caption."""
    return (
        len(lines) <= 2
        and sum(len(line.text) for line in lines) <= PROSE
        and not any(is_header_line(line.text) or line.is_heading for line in lines)
    )


def _is_like(element: HtmlElement, best: HtmlElement, page: PageLines) -> bool:
    start, stop = page.spans[element]
    lines = page.lines[start:stop]
    names = f"{element.get('id', '')} {element.get('class', '')}"
    return (
        element.tag == best.tag
        and element.get("class") == best.get("class")
        and not _UNLIKELY.search(names)
        and sum(map(prose, lines)) >= PROSE
        and sum(line.linked for line in lines)
        <= MOST_LINKED * sum(len(line.text) for line in lines)
        and not any(is_header_line(line.text) for line in lines[:3])
    )


def _worth(line: Line) -> float:
    own = len(line.text) - line.linked
    marks = len(_SENTENCE.findall(line.text))
    return (1.0 + marks + min(own / 50, 6.0)) if marks else min(own / 100, 0.5)


def _weight(element: HtmlElement, page: PageLines) -> float:
    start, stop = page.spans[element]
    chars = sum(len(line.text) for line in page.lines[start:stop]) or 1
    linked = sum(line.linked for line in page.lines[start:stop])
    names = f"{element.get('id', '')} {element.get('class', '')}"
    weight = 1.0 - linked / chars
    if _UNLIKELY.search(names):
        weight *= 0.3
    if _LIKELY.search(names):
        weight *= 1.2
    if _is_thread(page.lines[start:stop]):
        weight *= 0.1
    return weight


def _is_thread(lines: list[Line]) -> bool:
    """Whether so many lines are readers' tools and times that readers wrote what is between them."""
    tools = sum(
        len(line.text) <= LONGEST_TOOL and _REPLY.search(line.text) is not None for line in lines
    )
    return tools >= FEWEST_TOOLS and tools >= TOOL_SHARE * len(lines)
