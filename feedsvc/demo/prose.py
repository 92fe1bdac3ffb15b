"""How a report is set: its text as HTML paragraphs, its dates as printed. Pure."""

from __future__ import annotations

from datetime import datetime
from html import escape

from feedsvc.demo.pictures import HEIGHT, WIDTH
from feedsvc.demo.story import Report
from feedsvc.demo.texts import BEIJING

_WEEKDAYS = "一二三四五六日"
# A picture stands after the paragraph that opens the story.
_BEFORE_PICTURE = 2


def paragraphs_html(report: Report, base: str, *, indent: str = "") -> str:
    """Return the text as paragraphs, the credit at the end of the last one, `indent` before each."""
    texts = [escape(each, quote=False) for each in report.paragraphs]
    texts[-1] += escape(report.credit, quote=False)
    blocks = [f"<p>{indent}{each}</p>" for each in texts]
    if report.picture is not None:
        source = escape(f"{base}/img/{report.picture.name}.png")
        alt = escape(report.picture.alt)
        blocks.insert(
            _BEFORE_PICTURE,
            f'<p><img src="{source}" alt="{alt}" width="{WIDTH}" height="{HEIGHT}"></p>',
        )
    return "\n".join(blocks)


def summary(report: Report) -> str:
    """Return the paragraph that a feed shows of an article: the first that is not a note of ours."""
    return report.paragraphs[1 if report.status == "corrected" else 0]


def minute(at: datetime) -> str:
    """Return 2019-08-09 10:45 on the partner's clock."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def spoken_minute(at: datetime) -> str:
    """Return 2019年08月09日 10:45 on the partner's clock."""
    return f"{at.astimezone(BEIJING):%Y年%m月%d日 %H:%M}"


def day_and_weekday(at: datetime) -> str:
    """Return 2019年12月4日 星期三 on the partner's clock."""
    local = at.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日 星期{_WEEKDAYS[local.weekday()]}"


def clipped(title: str, length: int = 18) -> str:
    """Return a title as sidebars print it: cut, with an ellipsis."""
    return title if len(title) <= length else f"{title[:length]}…"
