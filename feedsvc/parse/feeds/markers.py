"""A partner's own word that an item is withdrawn or corrected, where it stands in the text itself."""

from __future__ import annotations

import re
from html import unescape

from feedsvc.domain.item import MarkerStatus
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line

_TITLE_MARK = re.compile(r"\s*(?:【(?P<boxed>撤稿|撤回|更正)】|(?P<plain>撤稿|更正)\s*[:：])\s*")
_REASON = re.compile(r"原因[:：]\s*([^\n]+)")
_STATUS: dict[str, MarkerStatus] = {"撤稿": "withdrawn", "撤回": "withdrawn", "更正": "corrected"}
_LABEL = re.compile(r"<p>\s*【AI(?:辅助)?生成】\s*</p>|【AI(?:辅助)?生成】")
LONGEST_REASON = 200
# As we write it (docs/feeds.md): a next hop that took it for text would put a second one before it.
_NOTE = re.compile(
    r"\s*<p>\s*<strong>【更正】</strong>\s*本文已于 [^<：]{1,40}（北京时间） 更正：(?P<reason>[^<]*)</p>"
)
_NOTE_IN_SUMMARY = re.compile(r"(\s*<p>)?\s*【更正】")
_NO_REASON = "未说明"


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


def corrected_note(content: str, summary: str) -> tuple[str, str, str] | None:
    """Part a text (HTML) and its summary from the note of a correction before them; None where there is none.

    Return text, summary, and the reason that the note gives.
    """
    found = _NOTE.match(content)
    if found is None:
        return None
    said = found["reason"].strip()
    reason = one_line(unescape(said), LONGEST_REASON)
    mark = _NOTE_IN_SUMMARY.match(summary)
    if mark is not None and summary.startswith(said, mark.end()):
        summary = (mark[1] or "") + summary[mark.end() + len(said) :].lstrip()
    return content[found.end() :], summary, "" if reason == _NO_REASON else reason
