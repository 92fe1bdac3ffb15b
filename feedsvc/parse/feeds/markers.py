"""A partner's own word that an item is withdrawn or corrected, where it stands in the text itself."""

from __future__ import annotations

import re

from feedsvc.domain.item import MarkerStatus
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line

_TITLE_MARK = re.compile(r"\s*(?:【(?P<boxed>撤稿|撤回|更正)】|(?P<plain>撤稿|更正)\s*[:：])\s*")
_REASON = re.compile(r"原因[:：]\s*([^\n]+)")
_STATUS: dict[str, MarkerStatus] = {"撤稿": "withdrawn", "撤回": "withdrawn", "更正": "corrected"}
_LABEL = re.compile(r"<p>\s*【AI(?:辅助)?生成】\s*</p>|【AI(?:辅助)?生成】")
LONGEST_REASON = 200


def marked_title(title: str) -> tuple[MarkerStatus | None, str]:
    """Part a title from its mark: 【撤稿】, 【撤回】, 撤稿： say withdrawn, 【更正】, 更正： corrected."""
    found = _TITLE_MARK.match(title)
    if found is None:
        return None, title
    return _STATUS[found["boxed"] or found["plain"]], title[found.end() :]


def without_label(html: str) -> str:
    """Take the words off that we put before what a machine made: who shows it says so anew (docs/feeds.md)."""
    return _LABEL.sub("", html, count=1)


def reason_in(html: str) -> str:
    """The reason that the notice of a withdrawal gives: after 原因：, else its words; "" for none."""
    text = plain_text(html)
    found = _REASON.search(text)
    return one_line(found.group(1) if found else text, LONGEST_REASON)
