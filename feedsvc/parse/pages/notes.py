"""What a page remarks on an article besides its fields: the former headline, and the rights in it."""

from __future__ import annotations

import re

from feedsvc.parse.pages.lines import Line

_ORIGINAL = re.compile(r"^[（(【\[]?\s*(?:原标题|原题|原题为)\s*[:：为]?\s*(?P<title>.{4,124})$")
_ORIGINAL_INSIDE = re.compile(
    r"[（(]\s*原(?:标)?题(?:为)?\s*[:：]?\s*(?P<title>[^()（）]{4,124}?)\s*[)）]"
)
_OPENING, _CLOSING = "（(【[", "）)】]"
_QUOTES = (("《", "》"), ("“", "”"), ('"', '"'))
_FOOTER = re.compile(r"关于我们|联系我们|网站地图")
_RIGHTS = re.compile(
    r"(?:未经|不得|谢绝|禁止|严禁|如需|请勿).{0,20}转载|版权(?:归|属|所有)|转载(?:请|须|时|必须)|授权转载|免责声明"
)


def original_title(lines: list[Line]) -> str:
    """The headline that the page says the article had before (原标题), or ""."""
    for line in lines:
        found = _ORIGINAL.match(line.text)
        if found:
            return _headline(found["title"])
    for line in lines[-3:]:
        found = _ORIGINAL_INSIDE.search(line.text)
        if found:
            return _headline(found["title"])
    return ""


def _headline(printed: str) -> str:
    """A headline without the brackets and quotes around the whole remark; its own (（图）) stay."""
    text = printed.strip()
    if text[-1] in _CLOSING and sum(map(text.count, _CLOSING)) > sum(map(text.count, _OPENING)):
        text = text[:-1].rstrip()
    for quote, unquote in _QUOTES:
        if text.startswith(quote) and text.find(unquote, 1) == len(text) - 1:
            return text[1:-1].strip()
    return text


def rights(below: list[Line]) -> str:
    """The page's statement on rights and reposting nearest below the text, or ""."""
    for line in below:
        if len(line.text) <= 300 and not _FOOTER.search(line.text) and _RIGHTS.search(line.text):
            return line.text
    return ""
