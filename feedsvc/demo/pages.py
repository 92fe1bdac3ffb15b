"""The sample partner's pages for people: its home page, article pages and the notice of a withdrawal. Pure."""

from __future__ import annotations

from datetime import datetime
from html import escape

from feedsvc.demo.addresses import ATOM, BROKEN, LIST, RSS, path_of
from feedsvc.demo.prose import clipped, day_and_weekday, minute, paragraphs_html
from feedsvc.demo.story import Report, SourceState, StoryState
from feedsvc.demo.texts import Outlet, SourceName

_NOTE = "这是示例合作方的站点，其中的机构、人物、地点和事件均为虚构。"
_STYLE = """
body{margin:0 auto;max-width:46rem;padding:0 1rem 3rem;font:1rem/1.8 "Noto Serif CJK SC",SimSun,serif;color:#222}
.top,.notice,.foot{font-size:.85rem;color:#666}.top{border-bottom:3px solid #8f1d1d;padding:.6rem 0}
h1{font-size:1.6rem;line-height:1.4;margin:1.6rem 0 .4rem}h1 span{display:block;font-size:1.1rem;font-weight:normal;color:#444}
.info{color:#666;border-bottom:1px solid #ddd;padding-bottom:.6rem}.text p{margin:.8em 0}
.text img{max-width:100%;height:auto}.editor{text-align:right;color:#666}
.side{border-top:1px solid #ddd;margin-top:2rem}.side h2,.column h2{font-size:1rem;color:#8f1d1d}
a{color:#1d4f8f;text-decoration:none}a:hover{text-decoration:underline}ul{padding-left:1.2em}time{color:#888;font-size:.85rem;margin-left:.8em}
"""


def home(state: StoryState) -> str:
    """Return the partner's front page: a masthead, its four columns, the way to its feeds."""
    columns = "".join(_column(source) for source in state.sources.values())
    return _document(
        f"{state.sources['rss'].outlet.name}及合作媒体",
        f'<div class="top"><strong>云岭警务网</strong>　四地平安新闻联播</div>\n'
        f'<p class="notice">{_NOTE}</p>\n'
        f'{columns}<p class="foot">订阅：<a href="{RSS}">要闻 RSS</a>　<a href="{ATOM}">法治江湾 Atom</a>　'
        f'<a href="{LIST}">望川平安网</a>　<a href="{BROKEN}">松塬社区报 RSS</a></p>\n',
        head=_feed_links(state),
    )


def article(state: SourceState, report: Report, now: datetime) -> str:
    """Return one article's page: masthead, headline, the line of date and source, text, editor, lists."""
    subheading = f" <span>{escape(report.subheading)}</span>" if report.subheading else ""
    return _document(
        f"{report.full_title}_{state.outlet.name}",
        f"{_masthead(state.outlet, now)}"
        f"<h1>{escape(report.title)}{subheading}</h1>\n"
        f'<div class="info">发布时间:{minute(report.published_at)} | 来源:{escape(report.attribution)}</div>\n'
        f'<div class="text">\n{paragraphs_html(report, "..", indent="　　")}\n</div>\n'
        f'<div class="editor">责任编辑:{escape(report.editor)}</div>\n'
        f"{_sidebar(state, report)}",
    )


def withdrawal(state: SourceState, report: Report, now: datetime) -> str:
    """Return the notice that stands where an article was; nothing of its text is in it."""
    return _document(
        f"【撤稿】{report.full_title}_{state.outlet.name}",
        f"{_masthead(state.outlet, now)}"
        f"<h1>【撤稿】{escape(report.full_title)}</h1>\n"
        f'<div class="info">撤回时间:{minute(report.updated_at)} | 来源:{escape(report.attribution)}</div>\n'
        f'<div class="text">\n<p>{escape(report.reason)}请各转载单位同步撤下。</p>\n</div>\n',
    )


def notice(heading: str, text: str) -> str:
    """Return a page that only says why there is nothing to see."""
    return _document(heading, f"<h1>{escape(heading)}</h1>\n<p>{escape(text)}</p>\n")


def _document(title: str, body: str, *, head: str = "") -> str:
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{head}<style>{_STYLE}</style>\n</head>\n"
        f'<body>\n{body}<p class="foot">{_NOTE}</p>\n</body>\n</html>\n'
    )


def _masthead(outlet: Outlet, now: datetime) -> str:
    return (
        f'<div class="top">{day_and_weekday(now)}　这里是{escape(outlet.name)}　'
        f'<a href="../">首页</a>·<a href="../">{escape(outlet.channel)}</a>·专题·图片·投稿</div>\n'
        f'<p class="notice">公告:{escape(outlet.motto)}</p>\n'
    )


def _sidebar(state: SourceState, report: Report) -> str:
    others = [
        each
        for each in state.reports
        if each.number != report.number and each.status != "withdrawn"
    ]
    return _titles("最新文章", others[:5]) + _titles("推荐文章", others[-3:])


def _titles(heading: str, reports: list[Report]) -> str:
    rows = "".join(
        f'<li><a href="{path_of(each)}">{escape(clipped(each.full_title))}</a></li>\n'
        for each in reports
    )
    return f'<div class="side"><h2>{heading}</h2>\n<ul>\n{rows}</ul></div>\n'


def _column(source: SourceState) -> str:
    rows = "".join(
        f'<li><a href="{path_of(report)}">{escape(report.title)}</a>'
        f"<time>{minute(report.published_at)}</time></li>\n"
        for report in source.reports
        if report.status != "withdrawn"
    )
    return (
        f'<div class="column"><h2>{escape(source.outlet.name)}·{escape(source.outlet.channel)}</h2>\n'
        f"<ul>\n{rows}</ul></div>\n"
    )


def _feed_links(state: StoryState) -> str:
    feeds: tuple[tuple[SourceName, str], ...] = (("rss", RSS), ("atom", ATOM))
    return "".join(
        f'<link rel="alternate" type="application/{name}+xml" href="{path}" '
        f'title="{escape(state.sources[name].outlet.name)}">\n'
        for name, path in feeds
    )
