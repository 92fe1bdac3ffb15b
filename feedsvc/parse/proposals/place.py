"""Where on a page a list stands: in the column people read, or in navigation, sidebars and foot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from feedsvc.parse.proposals.anchors import Anchor, width
from feedsvc.parse.proposals.labels import words_of
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line

# An element with more of the page's links than this is the page, not a part of it.
WHOLE = 0.7
_FURNITURE = frozenset(
    [
        "nav",
        "navbar",
        "navigation",
        "menu",
        "foot",
        "footer",
        "bottom",
        "header",
        "breadcrumb",
        "crumb",
        "crumbs",
        "position",
        "friend",
        "friends",
        "flink",
        "copyright",
        "login",
        "search",
        "toolbar",
        "share",
        "sitemap",
        "subnav",
        "sidenav",
        "topnav",
    ]
)
_SIDE = frozenset(
    [
        "side",
        "sidebar",
        "aside",
        "right",
        "rank",
        "ranking",
        "ranks",
        "hot",
        "hots",
        "top",
        "rmd",
        "recommend",
        "recommended",
        "recommendation",
        "tuijian",
        "related",
        "relate",
        "relative",
        "tags",
        "ad",
        "ads",
        "advert",
        "comment",
        "comments",
        "weather",
        "widget",
        "phb",
        "paihang",
        "rightbar",
        "zt",
        "special",
        "topics",
        "hotnews",
        "hotlist",
        "popular",
        "trending",
        "guess",
        "like",
        "extra",
    ]
)
_SHOW = frozenset(
    [
        "slide",
        "slider",
        "slides",
        "focus",
        "carousel",
        "swiper",
        "banner",
        "scroll",
        "marquee",
        "gallery",
        "flash",
        "lunbo",
    ]
)
_SIDE_WORDS = re.compile(
    r"热点|热门|热文|热搜|热读|热榜|排行|点击榜|推荐|相关|最热|精彩|猜你|延伸|关注|友情链接|友链|专题|视频|"
    r"广告|图说|阅读榜|看了又看|还看|轮播|hot|popular|most read|related|recommend|trending|sponsored",
    re.IGNORECASE,
)
_MILD_WORDS = re.compile(r"最新|更新|latest|recent|公告|通知|图片|滚动|快讯")
LONGEST_HEADING = 16
# Blocks of one list whose headings are read.
MOST_BLOCKS = 8


class Page:
    """All links of a page that may be articles', and how many of them each element holds."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self.anchors = anchors
        self._held = Counter(holder for anchor in anchors for holder in anchor.node.iterancestors())

    def parts(self, container: HtmlElement) -> Iterator[HtmlElement]:
        """The container and what is round it, as long as it is a part of the page."""
        own = self._held[container]
        for holder in (container, *container.iterancestors()):
            if holder.tag in {"body", "html"}:
                return
            held = self._held[holder]
            if held > WHOLE * len(self.anchors) and held > own:
                return
            yield holder


def place_penalty(container: HtmlElement, page: Page) -> float:
    """0.0 for the column people read … 1.0 for navigation and foot, by names of what is round it."""
    worst = 0.0
    for holder in page.parts(container):
        words = set(words_of(holder))
        if words & _FURNITURE or holder.tag in {"nav", "footer"}:
            worst = max(worst, 1.0)
        elif words & _SIDE or holder.tag == "aside":
            worst = max(worst, 0.6)
        elif words & _SHOW:
            worst = max(worst, 0.5)
    return worst


def heading_penalty(container: HtmlElement, rows: Sequence[HtmlElement], page: Page) -> float:
    """How much the headings over a list say that it is not the page's own: 热点排行, 推荐, 友情链接.

    A list of several blocks is judged by the worse of its own heading and those of most blocks.
    """
    blocks = [block for row in rows if (block := row.getparent()) is not None]
    blocks = list(dict.fromkeys(blocks))[:MOST_BLOCKS]
    inner = [_judged(heading_over(block, page)) for block in blocks if block is not container]
    own = _judged(heading_over(container, page))
    return max(own, sum(inner) / len(inner)) if inner else own


def _judged(heading: str) -> float:
    if _SIDE_WORDS.search(heading):
        return 1.0
    return 0.15 if _MILD_WORDS.search(heading) else 0.0


def heading_over(container: HtmlElement, page: Page) -> str:
    """The short text that stands over a list, "" for none."""
    for holder in page.parts(container):
        for before in holder.itersiblings(preceding=True):
            text = _short_text(before)
            if text:
                return text
            if len(one_line(text_of(before))) > 60:
                return ""  # something else stands between
    return ""


def _short_text(element: HtmlElement) -> str:
    if not isinstance(element.tag, str) or element.tag in {"script", "style", "nav"}:
        return ""
    if len(list(element.iter("a"))) > 2:
        return ""  # a row of sections, not a heading
    text = one_line(text_of(element))
    return text if 0 < width(text) <= LONGEST_HEADING else ""
