"""What readers are told of an article that was withdrawn or corrected, in the words of a newsroom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from html import escape

from feedsvc.domain.item import AiLabel

WITHDRAWN_MARK = "【撤稿】"
CORRECTED_MARK = "【更正】"
_BEIJING = timezone(timedelta(hours=8))
AI_MARKS: Mapping[AiLabel, str] = {"generated": "【AI生成】", "assisted": "【AI辅助生成】"}
_NO_REASON = "未说明"


def withdrawn_title(title: str) -> str:
    """Return the title under the mark of withdrawal, which it carries once however often it travelled."""
    return title if title.startswith(WITHDRAWN_MARK) else f"{WITHDRAWN_MARK}{title}"


def withdrawn_summary(reason: str) -> str:
    """Return the plain notice of a withdrawal: none of the old text."""
    return f"本文已撤回，请勿继续转载。原因：{reason or _NO_REASON}"


def withdrawn_html(reason: str, at: datetime) -> str:
    """Return the notice as HTML; `at` is when the article was withdrawn."""
    return (
        f"<p><strong>{WITHDRAWN_MARK}</strong>本文已于 {shown_minute(at)} 撤回，正文与图片不再提供，请勿继续转载。</p>"
        f"<p>原因：{escape(reason or _NO_REASON)}</p>"
    )


def corrected_summary(reason: str, summary: str) -> str:
    """Return the summary under a plain note of the correction."""
    return f"{CORRECTED_MARK}{reason or _NO_REASON} {summary}".rstrip()


def corrected_html(reason: str, at: datetime, body: str) -> str:
    """Return the body under a visible note of the correction; `at` is when it was corrected."""
    note = f"本文已于 {shown_minute(at)} 更正：{escape(reason or _NO_REASON)}"
    return f"<p><strong>{CORRECTED_MARK}</strong>{note}</p>{body}"


def labelled(words: str, label: AiLabel, *, html: bool = False) -> str:
    """Return a text that begins by saying that a machine made it, once however often it travelled.

    GB 45438-2025, section 4: at the beginning, the end or a fitting place of the text.
    """
    if not label or AI_MARKS[label] in words:
        return words
    return f"<p>{AI_MARKS[label]}</p>{words}" if html else f"{AI_MARKS[label]}{words}"


def shown_minute(at: datetime) -> str:
    """Return a moment as people in Beijing write it."""
    return f"{at.astimezone(_BEIJING):%Y-%m-%d %H:%M}（北京时间）"
