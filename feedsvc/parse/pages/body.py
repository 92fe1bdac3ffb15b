"""Which lines of a page are the article's own text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.parse.pages.labels import is_header_line
from feedsvc.parse.pages.lines import HEADINGS, Line, PageLines

# Containers that editing systems give an article's text, surest first: TRS, Founder, VSB,
# government portals, courts, and the names that most templates use.
CONTAINERS = (
    "enpcontent",
    "trs_editor",
    "ucap-content",
    "vsb_content",
    "rwb_zw",
    "rm_txt_con",
    "p-detail",
    "article_view_content",
    "detail_txt",
    "zoom",
    "ztdx",
    "endtext",
    "artibody",
    "articletext",
    "article-content",
    "article_content",
    "articlecontent",
    "content_area",
    "left_zw",
    "newscontent",
    "news_content",
    "news-content",
    "main-content",
    "contenttext",
    "textbody",
    "post_body",
    "post_text",
    "text_con",
    "articlebody",
    "mcontent",
)
_RANK = {name: rank for rank, name in enumerate(CONTAINERS)}
LEAST_CONTAINER = 100
# The first of them are never used for anything else, so a short text in one is a short text.
SURE_CONTAINERS, LEAST_SURE = 6, 15
# A line that long with a full stop in it is prose.
PROSE = 40
# Notices in a masthead may be prose, but not much of it.
MOST_PROSE_ABOVE = 160

_SENTENCE = re.compile(r"[，。！？；、：,]")
_UNLIKELY = re.compile(
    r"comment|footer|recommend|related|sidebar|copyright|breadcrumb|hot|rank|share|nav|menu|login|tuijian",
    re.I,
)
_LIKELY = re.compile(
    r"article|content|text|body|detail|editor|main|news|post|zw|neirong|con\b", re.I
)
_TAIL = re.compile(
    r"^[\[【（(<《■◆▲●>»\s]*(?:(?:责任编辑|责\s*编|本文编辑|编\s*辑|责任校对|校\s*对)\s*[:：]|责任编辑\s|纠错|"
    r"(?:最新|推荐|相关|热门|延伸|猜你喜欢|更多|精彩|热点|图片|编辑|今日|往期|大家|网友|视频)(?:的)?(?:文章|新闻|阅读|报道|资讯|推荐|内容|精彩|链接|"
    r"图集|专题|评论|信息|看点|视频|更新|回顾|喜欢|都在看)|推荐阅读|猜你喜欢|延伸阅读|大家都在看|跟帖|"
    r"分享(?:到|至|让)|上一页|下一页|(?:[【\[]?\d+[】\]]\s*){2,}|扫(?:一扫|描)|上一篇|下一篇|上一条|下一条|附件下载|打印(?:本页|此页)?$|关闭(?:窗口|本页)?$|"
    r"版权(?:声明|所有|与免责)|(?:本[网站报文])?(?:特别|郑重|免责|版权)?声明[:：]?|法律声明|返回(?:首页|顶部|列表)|网站地图|联系我们|关于我们|"
    r"(?:本文)?(?:关键[词字]|标签)[:：]|相关(?:标签|专题|链接)|本文来源[:：]|举报|copyright|©|主办单位|网友评论|"
    r"(?:凡)?本(?:网|站|报)?注明|未经(?:授权|许可|本[网站报])|参与评论|发表评论|我来说两句|已有\d*人|\d*人参与|点赞$|收藏$|"
    r"网站首页|地址[:：]|电话[:：].{0,20}(?:传真|邮编)|ICP备|.{0,12}ICP备|.{0,8}公网安备)",
    re.I,
)
_STANDS_ALONE = 60
_EDITOR = re.compile(r"^[\[【（(\s]*(?:责任编辑|责\s*编)")
# Below an editor line stands nothing of the article, however much of it there is.
LEAST_BEFORE_EDITOR = 60
# A number of comments or votes, a row of key words, a tool's name.
_COUNTER = re.compile(r"[+＋\d\s]{0,8}\Z|[^，。：]{1,20}(?:\|[^|，。：]{1,20}){2,}\Z|字号\Z|图集\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The range of lines of an article's text; `sure` is 0.0–1.0, `how` what found it."""

    start: int
    stop: int
    how: str
    sure: float


def find_body(page: PageLines) -> Body:
    """The article's lines on an HTML page: a known container, else the densest one; then trimmed."""
    named = _named_container(page)
    if named is not None:
        return trim(page.lines, Body(start=named[0], stop=named[1], how="container", sure=0.95))
    dense = _dense_container(page)
    if dense is None:
        return trim(page.lines, Body(start=0, stop=len(page.lines), how="lines", sure=0.3))
    return trim(page.lines, dense)


def trim(lines: list[Line], body: Body) -> Body:
    """A range without the header lines at its beginning and what follows the article's end."""
    start = _after_header(lines, body.start, body.stop)
    stop = _before_tail(lines, start, body.stop)
    while start < stop and _is_scrap(lines[start]):
        start += 1
    while stop > start and _is_scrap(lines[stop - 1]):
        stop -= 1
    return Body(start=start, stop=stop, how=body.how, sure=body.sure)


def is_tail_line(text: str) -> bool:
    """Whether a line opens what pages print below an article (editor, shares, recommendations)."""
    return len(text) <= _STANDS_ALONE and _TAIL.match(text) is not None


def _after_header(lines: list[Line], start: int, stop: int) -> int:
    """The line after the last header line (time, source) that has hardly any prose above it."""
    after, prose = start, 0
    for index in range(start, min(stop, start + 60)):
        text = lines[index].text
        if is_header_line(text):
            after = index + 1
        elif len(text) >= PROSE and "。" in text:
            prose += len(text)
        if prose > MOST_PROSE_ABOVE:
            break
    return after


def _before_tail(lines: list[Line], start: int, stop: int) -> int:
    total = sum(len(line.text) - line.linked for line in lines[start:stop])
    before = 0
    for index in range(start, stop):
        line = lines[index]
        if is_tail_line(line.text) and index > start:
            enough = LEAST_BEFORE_EDITOR if _EDITOR.match(line.text) else 0.3 * total
            if before >= enough:
                return index
        before += len(line.text) - line.linked
    return stop


def _is_scrap(line: Line) -> bool:
    """Navigation, a lone tool word, or a header line at the edge of a body."""
    if line.has_picture:
        return False
    text = line.text
    return (
        (line.is_linked and len(text) < 60)
        or is_tail_line(text)
        or _COUNTER.match(text) is not None
    )


def _named_container(page: PageLines) -> tuple[int, int] | None:
    best: tuple[int, int, tuple[int, int]] | None = None
    for element, span in page.spans.items():
        rank = _rank(element)
        if rank is None:
            continue
        size = sum(len(line.text) - line.linked for line in page.lines[span[0] : span[1]])
        least = LEAST_SURE if rank < SURE_CONTAINERS else LEAST_CONTAINER
        if size >= least and (best is None or (rank, -size) < best[:2]):
            best = (rank, -size, span)
    return best[2] if best else None


def _rank(element: HtmlElement) -> int | None:
    names = (element.get("id", "") + " " + element.get("class", "")).lower().split()
    ranks = [_RANK[name] for name in names if name in _RANK]
    return min(ranks) if ranks else None


def _dense_container(page: PageLines) -> Body | None:
    scores: dict[HtmlElement, float] = {}
    for line in page.lines:
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
    span = page.spans[best]
    total = sum(scores_of for scores_of in weighed.values())
    return Body(
        start=span[0],
        stop=span[1],
        how="density",
        sure=0.5 + 0.4 * min(1.0, weighed[best] / (total or 1.0) * 2),
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
    return weight
