"""Pages that answer 200 and yet hold no article: what they say instead. Pure."""

from __future__ import annotations

import re
from typing import Literal

from feedsvc.domain.item import Item
from feedsvc.text.html import plain_text

Absence = Literal["gone", "busy"]

# An article that tells of vanished pages is longer than the notice of one.
LONGEST_NOTICE = 200
_THING = r"(?:页面|网页|文章|内容|信息|新闻|稿件|链接|资源|文件|页|文)"
_GONE = re.compile(
    _THING + r"[^。！？\n]{0,12}?(?:不存在|被?删除|已?下线|找不到|未找到|已失效|已过期|已撤[回稿除下])"
    r"|(?:找不到|无法找到|没有找到|未找到)[^。！？\n]{0,12}" + _THING
    + r"|\b404\b|not\s+found|no\s+longer\s+(?:available|exists)",
    re.I,
)  # fmt: skip
_BUSY = re.compile(
    r"维护|系统升级|网站升级|稍[后候]再?(?:试|访问|来)|(?:系统|服务器|网络)繁忙|访问(?:过于频繁|量过大)"
    r"|暂时无法(?:访问|显示)|暂停(?:访问|服务)|maintenance|temporarily\s+unavailable",
    re.I,
)


def absence(item: Item) -> Absence | None:
    """Return what a page says instead of an article: that it is gone, or to come back later."""
    text = f"{item.title}\n{plain_text(item.content_html)}"
    if len(text) > LONGEST_NOTICE:
        return None
    if _BUSY.search(text):
        return "busy"
    return "gone" if _GONE.search(text) else None
