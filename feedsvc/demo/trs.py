"""The partner without a feed: list and article pages of an old TRS content system. Pure.

The bytes are GB18030, but header and meta tag say gb2312, which lacks letters such as 镕 and 喆:
the commonest mislabelling in the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from feedsvc.demo.addresses import path_of
from feedsvc.demo.prose import clipped, minute, paragraphs_html, spoken_minute
from feedsvc.demo.story import Report, SourceState
from feedsvc.demo.texts import BEIJING

CONTENT_TYPE = "text/html; charset=gb2312"
PAGE_ROWS = 6
# The list cuts headlines to the width of its column and keeps the whole one in the title attribute.
_LIST_TITLE = 22


def list_page(state: SourceState, page: int) -> bytes:
    """Return the list's first page (0) or its second (1), which holds all that is left."""
    reports = state.reports[PAGE_ROWS:] if page else state.reports[:PAGE_ROWS]
    pager = (
        '<a class="prev" href="index.html">上一页</a>'
        if page
        else '<a class="next" href="index_1.html">下一页</a>'
    )
    outlet = state.outlet
    return _encoded(
        f"{outlet.channel}_{outlet.name}",
        f"{_masthead(state)}"
        f'<div class="path">当前位置：<a href="/">首页</a> &gt; {escape(outlet.channel)}</div>\n'
        f'<ul class="txt-list">\n{_rows(reports)}</ul>\n'
        f'<div class="page"><script>createPageHTML(2, {page}, "index", "html");</script>{pager}</div>\n',
    )


def article(state: SourceState, report: Report) -> bytes:
    """Return an article page: gettitle in the h1, report ids in the header, the editor tag nested twice."""
    printed = minute if report.number % 2 else spoken_minute
    subheading = f"<br>{escape(report.subheading)}" if report.subheading else ""
    authors = " ".join(report.authors)
    return _encoded(
        f"{report.full_title}_{state.outlet.name}",
        f"{_masthead(state)}"
        f'<div class="path">当前位置：<a href="/">首页</a> &gt; <a href="../index.html">'
        f"{escape(state.outlet.channel)}</a> &gt; 正文</div>\n"
        f'<div class="article">\n<h1><gettitle>{escape(report.title)}{subheading}</gettitle></h1>\n'
        f'<div class="info">发布时间：<span id="pub_time_report">{printed(report.published_at)}</span> | '
        f'来源：<span id="source_report">{escape(report.attribution)}</span>　'
        f'作者：<span id="author_report">{escape(authors)}</span></div>\n'
        f'<div class="content">{_text(report)}</div>\n'
        f'<div class="editor">责任编辑：<span>{escape(report.editor)}</span></div>\n</div>\n'
        f"{_sidebar(state, report)}",
    )


def _text(report: Report) -> str:
    return (
        '<div class="TRS_Editor"><style type="text/css">.TRS_Editor P{line-height:2;font-size:12pt}</style>'
        f'<div class="TRS_Editor">\n{paragraphs_html(report, "../..", indent="　　")}\n'
        "<p>&nbsp;</p>\n</div></div>"
    )


def _encoded(title: str, body: str) -> bytes:
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html>\n<head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n{body}"
        '<div class="bottom">版权所有：望川平安网　本站为示例，内容均为虚构</div>\n</body>\n</html>\n'
    ).encode("gb18030")


def _masthead(state: SourceState) -> str:
    return (
        f'<div class="top">{escape(state.outlet.name)}　<a href="/">首页</a> | '
        f'<a href="/n3559/index.html">{escape(state.outlet.channel)}</a> | 图片 | 专题 | 联系我们</div>\n'
        f'<div class="motto">{escape(state.outlet.motto)}</div>\n'
    )


def _rows(reports: Sequence[Report]) -> str:
    return "".join(
        f'<li><a href=".{path_of(report).removeprefix("/n3559")}" target="_blank" '
        f'title="{escape(report.full_title)}">{escape(clipped(report.full_title, _LIST_TITLE))}</a>'
        f"<span>{report.published_at.astimezone(BEIJING):%Y-%m-%d}</span></li>\n"
        for report in reports
    )


def _sidebar(state: SourceState, report: Report) -> str:
    others = [each for each in state.reports if each.number != report.number]
    return _titles("最新文章", others[:5]) + _titles("推荐文章", others[-3:])


def _titles(heading: str, reports: Sequence[Report]) -> str:
    rows = "".join(
        f'<li><a href="{path_of(each)}">{escape(clipped(each.full_title))}</a></li>\n'
        for each in reports
    )
    return f'<div class="side"><h3>{heading}</h3><ul>\n{rows}</ul></div>\n'
