"""Whether a document is a gatekeeper's: a test of the visitor in place of what was asked for."""

from __future__ import annotations

import re

# A page with less text than this shows nothing without its scripts.
LEAST_TEXT = 60
# A gatekeeper that explains itself is brief.
MOST_WALL_TEXT = 600
# A page of so many elements has something to say.
MOST_CLOSED = 60
# No gatekeeper sends more than this.
LARGEST = 200_000

_TESTS = re.compile(
    r"document\s*\.\s*cookie|location\s*(?:\.\s*(?:href|replace|reload|assign))?\s*[=(]"
    r"|\beval\s*\(|challenge|captcha|__jsl|acw_sc__|\$_ts|enable\s+javascript",
    re.I,
)
_WALL = re.compile(
    r"enable javascript and cookies|checking (?:if the site|your browser)|just a moment\.\.\.|verify you are human|"
    r"请.{0,4}(?:开启|启用|打开).{0,4}JavaScript|(?:安全|人机|滑块|滑动|访问|身份)验证|"
    r"请(?:完成|通过|输入).{0,8}验证|(?:请求|访问).{0,16}(?:被拦截|已被拦截|安全威胁|疑似攻击|过于频繁)",
    re.I,
)
_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|\Z)", re.I | re.S)
_HIDDEN = re.compile(r"<(style|noscript|template|title)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_TAG = re.compile(r"<[^>]*>")
_FRAME = re.compile(r"</?(?:!doctype|html|head|body|meta|link|base)\b[^>]*>", re.I)


def is_challenge(text: str) -> bool:
    """Whether a page only runs scripts to test its visitor, or says that it wants him tested.

    A script-only body, scripts that set a cookie and come back where there is hardly any text, and
    a brief page that asks for a verification count; an empty page and a page that a script fills
    (an element waits for it) do not.
    """
    if len(text) > LARGEST:
        return False
    if any(text.count(end) > MOST_CLOSED for end in ("</a>", "</p>", "</div>")):
        return False
    scripts = _SCRIPT.findall(text) if "<script" in text.lower() else []
    bare = _HIDDEN.sub("", _COMMENT.sub("", _SCRIPT.sub("", text)))
    words = " ".join(_TAG.sub(" ", bare).split())
    if len(words) < LEAST_TEXT and scripts:
        return _TESTS.search("".join(scripts)) is not None or not _FRAME.sub("", bare).strip()
    return len(words) < MOST_WALL_TEXT and bool(scripts) and _WALL.search(words) is not None
