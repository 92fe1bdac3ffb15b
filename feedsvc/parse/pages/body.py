"""Which lines of a page are the article's own text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from feedsvc.parse.pages.density import PROSE, dense_span, prose
from feedsvc.parse.pages.labels import is_header_line
from feedsvc.parse.pages.lines import Line, PageLines

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
# Where less of the page's prose stands below it, a line is not the headline but its echo.
LEAST_BELOW = 0.3
# Notices in a masthead may be prose, but not much of it.
MOST_PROSE_ABOVE = 160

_TAIL = re.compile(
    r"^(?:[\[【（(\s]*(?:打印|关闭|收藏|返回|分享|字体|纠错|顶部|本页|此页|窗口|首页|转发|推荐|[大中小])[】\]）)\s]*)+\Z|"
    r"^[\[【（(<《■◆▲●>»\s]*(?:(?:责任编辑|责\s*编|本文编辑|编\s*辑|责任校对|校\s*对)\s*[:：]|责任编辑\s|纠错|"
    r"(?:最新|推荐|相关|热门|延伸|猜你喜欢|更多|精彩|热点|图片|编辑|今日|往期|大家|网友|视频)(?:的)?(?:文章|新闻|阅读|报道|资讯|推荐|内容|精彩|链接|"
    r"图集|专题|评论|信息|看点|视频|更新|回顾|喜欢|都在看)|(?:最新|热门|热点|本周|今日)(?:消息|动态|排行)\Z|"
    r"(?:阅读|点击|浏览|热度|一周|24小时|本周|今日)(?:热门|热点)?(?:排行|排名|要闻|热点|热文)|推荐阅读|猜你喜欢|延伸阅读|大家都在看|跟帖|"
    r"分享(?:到|至|让)|上一页|下一页|(?:[【\[]?\d+[】\]]\s*){2,}|扫(?:一扫|描)|上一篇|下一篇|上一条|下一条|附件下载|打印(?:本页|此页)?$|关闭(?:窗口|本页)?$|"
    r"版权(?:声明|所有|与免责)|(?:本[网站报文])?(?:特别|郑重|免责|版权)?声明[:：]?|法律声明|返回(?:首页|顶部|列表)|网站地图|联系我们|关于我们|"
    r"(?:本文)?(?:关键[词字]|标签)[:：]|相关(?:标签|专题|链接)|本文来源[:：]|举报|copyright|©|主办单位|网友评论|"
    r"(?:凡)?本(?:网|站|报)?注明|未经(?:授权|许可|本[网站报])|参与评论|发表评论|我来说两句|已有\d*人|\d*人参与|点赞$|收藏$|"
    r"网站首页|地址[:：]|电话[:：].{0,20}(?:传真|邮编)|ICP备|.{0,12}ICP备|.{0,8}公网安备)",
    re.I,
)
_COMMENTS = re.compile(
    r"(?:网友|全部|所有|最新|热门|精彩|用户|读者|文章)(?:评论|留言)|(?:发表|我要|参与)(?:评论|留言)|评论区|跟[帖贴]|"
    r"评论\s*[(（]?\s*\d*\s*[)）]?\Z|\d+\s*条(?:评论|留言|回复)|我来说两句|.{0,40}有\s*\d+\s*[个条](?:想法|评论)"
)
_FOOT = re.compile(r"\A(?:.{0,14}版权所有|copyright|©)", re.I)
# The first characters once more at the beginning: at any other there is nothing to try.
_FOOT_WORDS = re.compile(
    r"(?=[公关新京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川黔滇陕甘青蒙桂宁藏某])(?:"
    r"[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川黔滇陕甘青蒙桂宁新藏某]ICP[备证]|公网安备|"
    r"关于我们.{0,30}联系我们|新闻信息服务许可证)",
    re.I,
)
_STATEMENT = re.compile(
    r"[【\[（(*※\s]*(?:免责|版权|特别|郑重|转载|本[站网])?声\s*明[】\]]?\s*[:：]|凡本[网站]|本[网站](?:注明|转载|部分)"
)
LONGEST_STATEMENT = 500
# A recommendation with so much of the prose below it stands within the text.
BOX_SHARE = 0.35
_STANDS_ALONE = 60
_EDITOR = re.compile(r"^[\[【（(\s]*(?:责任编辑|责\s*编)")
# Below an editor line stands nothing of the article, however much of it there is.
LEAST_BEFORE_EDITOR = 60
# A number of comments or votes, a row of key words, a tool's name.
_COUNTER = re.compile(r"[+＋\d\s]{0,8}\Z|[^，。：]{1,20}(?:\|[^|，。：]{1,20}){2,}\Z|字号\Z|图集\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The range of lines of an article's text; `sure` is 0.0–1.0, `how` what found it.

    `out` are the lines within it that are none of the text: boxes that recommend other articles.
    """

    start: int
    stop: int
    how: str
    sure: float
    out: frozenset[int] = frozenset()

    def lines(self, lines: list[Line]) -> list[Line]:
        """The text's own lines among those of the page."""
        return [lines[at] for at in range(self.start, self.stop) if at not in self.out]


def find_body(page: PageLines, headline: int | None = None) -> Body:
    """The article's lines on an HTML page: a known container, else the densest one; then trimmed.

    What stands above line `headline` is not the text. `sure` falls with the share of the page's
    prose that stands below the headline and yet outside.
    """
    lines = page.lines
    after = headline if headline is not None and _has_prose_below(lines, headline) else -1
    named = _named_container(page, after)
    span = named or dense_span(page, after)
    if span is None:
        return trim(lines, Body(start=0, stop=len(lines), how="lines", sure=0.3))
    how = "container" if named else "density"
    body = trim(lines, Body(start=span[0], stop=span[1], how=how, sure=0.0))
    return replace(body, sure=_sureness(lines, body, after))


def _has_prose_below(lines: list[Line], headline: int) -> bool:
    below = sum(map(prose, lines[headline:]))
    return below >= LEAST_BELOW * sum(map(prose, lines))


def _sureness(lines: list[Line], body: Body, after: int) -> float:
    inside = sum(map(_sentences, lines[body.start : body.stop]))
    around = sum(map(_sentences, lines[max(after, 0) :])) or 1
    most, least = (0.95, 0.6) if body.how == "container" else (0.9, 0.4)
    return least + (most - least) * min(1.0, inside / around * 1.5)


def _sentences(line: Line) -> int:
    own = len(line.text) - line.linked
    return own if own >= LEAST_SURE and "。" in line.text else 0


def trim(lines: list[Line], body: Body) -> Body:
    """A range without the header lines at its beginning and what follows the article's end."""
    start = _after_header(lines, body.start, body.stop)
    stop = _before_tail(lines, start, body.stop)
    while start < stop and _is_scrap(lines[start]):
        start += 1
    while stop > start and _is_scrap(lines[stop - 1]):
        stop -= 1
    return replace(body, start=start, stop=stop, out=_boxes(lines, start, stop))


def is_tail_line(text: str) -> bool:
    """Whether a line opens what pages print below an article (editor, shares, recommendations)."""
    return len(text) <= _STANDS_ALONE and _TAIL.match(text) is not None


def _after_header(lines: list[Line], start: int, stop: int) -> int:
    """The line after the last header line (time, source) that has hardly any prose above it.

    Such a line with more of the sentences above it than below is the credit at a short text's end.
    """
    after, above, passed = start, 0, 0
    left = sum(map(_sentences, lines[start:stop]))
    for index in range(start, min(stop, start + 60)):
        line = lines[index]
        left -= _sentences(line)
        if is_header_line(line.text):
            if left < passed:
                break
            after = index + 1
        elif len(line.text) >= PROSE and "。" in line.text:
            above += len(line.text)
        passed += _sentences(line)
        if above > MOST_PROSE_ABOVE:
            break
    return after


def _before_tail(lines: list[Line], start: int, stop: int) -> int:
    total = sum(len(line.text) - line.linked for line in lines[start:stop])
    before, sentences = 0, False
    prose_left = sum(map(_sentences, lines[start:stop]))
    most_left = BOX_SHARE * prose_left
    for index in range(start, stop):
        line = lines[index]
        if (_opens_comments(line) or _opens_foot(line)) and before >= LEAST_SURE and sentences:
            return index
        sentences |= "。" in line.text
        prose_left -= _sentences(line)
        if is_tail_line(line.text) and index > start:
            is_editor = _EDITOR.match(line.text) is not None
            enough = LEAST_BEFORE_EDITOR if is_editor else 0.3 * total
            if before >= enough and (is_editor or prose_left < most_left):
                return index
        before += len(line.text) - line.linked
    return stop


def _boxes(lines: list[Line], start: int, stop: int) -> frozenset[int]:
    """Tail lines within a text, with the links right below each: the text goes on after them."""
    out: set[int] = set()
    for index in range(start, stop):
        line = lines[index]
        if is_tail_line(line.text) or (index - 1 in out and line.is_linked):
            out.add(index)
    return frozenset(out)


def _opens_comments(line: Line) -> bool:
    """Whether readers' comments follow: nothing of the article does, however much they write."""
    return len(line.text) <= 40 and not line.is_linked and _COMMENTS.match(line.text) is not None


def _opens_foot(line: Line) -> bool:
    """Whether the site's own foot begins, or a long statement on rights below the article."""
    text = line.text
    if _FOOT.match(text) or _FOOT_WORDS.search(text):
        return True
    return _STANDS_ALONE < len(text) <= LONGEST_STATEMENT and _STATEMENT.match(text) is not None


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


def _named_container(page: PageLines, after: int) -> tuple[int, int] | None:
    best: tuple[int, int, tuple[int, int]] | None = None
    for element, span in page.spans.items():
        rank = _rank(element)
        if rank is None or span[1] <= after:
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
