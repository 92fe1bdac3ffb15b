"""The page that follows a page: of a list, or of an article that is printed over several.

A link says so (下一页), or a script that writes the links (`createPageHTML(5, 0, "index", "html")`,
`var countPage = 5`), or the numbers in addresses (`index_1.html`, `?page=2`). Whoever follows sets
the bounds; here nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from feedsvc.parse.selection import text_of
from feedsvc.text.urls import absolute, canonical

_NEXT = re.compile(
    r"[\s\[(<（【]*(?:(?:下|后)\s*[一1]?\s*[页頁]|next(?:\s+page)?|older(?:\s+posts)?)[\s\])>）】›»→]*\Z",
    re.I,
)
_NUMBER = re.compile(r"[\s\[(（【第]*(?P<number>[1-9]\d{0,2})[\s\])）】页]*\Z")
# Most links say neither, and one look is cheaper than two.
_MORE = re.compile(f"{_NEXT.pattern}|{_NUMBER.pattern}", re.I)
# A pager's link may hold an arrow beside its words, but not a teaser.
MOST_CHILDREN = 2
# TRS: how many pages, which one this is (from 0; newer templates from 1), the name, the extension.
_WRITTEN = re.compile(
    r"createPageHTML\s*\(\s*(?:[\"'][\w-]*[\"']\s*,\s*)?(?P<count>\d{1,4})\s*,\s*(?P<index>\d{1,4})\s*,"
    r"\s*[\"'](?P<name>[\w./-]{1,80})[\"']\s*,\s*[\"'](?P<extension>\w{2,6})[\"']"
)
_COUNT = re.compile(r"\bvar\s+(?:countPage|pageCount|totalPages?)\s*=\s*(?P<count>\d{1,4})\b")
_CURRENT = re.compile(
    r"\bvar\s+(?:currentPage|currPage|curPage|pageIndex)\s*=\s*(?P<index>\d{1,4})\b"
)
# Looking for these first is a hundred times faster than the patterns on a page without them.
_WRITERS = ("createPageHTML", "countPage", "pageCount", "totalPage")
_NUMBERED = re.compile(r"(?P<stem>.*[^/])[_-](?P<number>\d{1,2})(?P<extension>\.\w{2,6})?\Z")
_PLAIN = re.compile(r"(?P<stem>.+?)(?P<extension>\.\w{2,6})?\Z")
_LIST_NAME = re.compile(r"(?:.*/)?(?:index|list)(?:_|-)?\Z|.*/page/?\Z", re.I)
_PARAMETER = re.compile(
    r"(?P<before>(?:\A|&)(?:page|p|pn|page_?no|page_?num|page_?index|current_?page|cur_?page)=)(?P<number>\d{1,4})(?=&|\Z)",
    re.I,
)
_PATH_PAGE = re.compile(r"(?P<before>/page/)(?P<number>\d{1,4})(?=/|\Z)", re.I)


def following_list_page(tree: HtmlElement | None, text: str, url: str, base: str) -> str | None:
    """The absolute address of the list's next page, or None where nothing speaks of one.

    `tree` is None for a list that is no HTML; then only the number in its address counts.
    """
    if tree is not None:
        linked = _linked(tree, url, base)
        if linked is not None:
            return linked
        written = _written(text, url, base)
        if written is not None or _is_written(text):
            return written
        if any(True for _ in _numbers(tree)):
            return None
    return _counted(url)


def following_article_page(
    tree: HtmlElement, scripts: tuple[str, ...], url: str, base: str
) -> str | None:
    """The absolute address of the article's next page, or None.

    A link counts only if its address is this page's with another number, so that neither the next
    article nor the next page of a list is taken for more of this one.
    """
    if not url.startswith(("http://", "https://")):
        return None
    for element in tree.iter("a"):
        said = text_of(element) if 0 < len(element) <= MOST_CHILDREN else element.text or ""
        address = _other(element, url, base) if len(said) <= 12 and _says_more(said) else None
        if address is not None and _continues(url, address):
            return address
    writing = (_written(script, url, base) for script in scripts)
    return next((address for address in writing if address is not None), None)


def _says_more(said: str) -> bool:
    """Whether a link says 下一页 or the number of a page other than the first."""
    found = _MORE.match(said)
    return found is not None and found["number"] != "1"


def _continues(url: str, address: str) -> bool:
    """Whether an address is the page after `url`: the same with the number 1 or 2, or the next number."""
    stem, number = _page_of(address)
    here = urlsplit(canonical(url))
    first = f"{here.netloc}{here.path}?{here.query}"
    here_stem, here_number = _page_of(url)
    return (stem == first and number in {1, 2}) or (
        stem == here_stem and here_number is not None and number == here_number + 1
    )


def _page_of(url: str) -> tuple[str, int | None]:
    """An address without its page number, and the number; the first page often has none.

    `c_12.htm`, `c_12_2.htm` and `c_12_3.htm` are pages of one article; the second may be `_1` or `_2`.
    """
    parts = urlsplit(canonical(url))
    asked = _PARAMETER.search(parts.query)
    if asked is not None:
        rest = parts.query[: asked.start()] + parts.query[asked.end() :]
        return f"{parts.netloc}{parts.path}?{rest.strip('&')}", int(asked["number"])
    numbered = _NUMBERED.match(parts.path)
    if numbered is not None:
        path = f"{numbered['stem']}{numbered['extension'] or ''}"
        return f"{parts.netloc}{path}?{parts.query}", int(numbered["number"])
    return f"{parts.netloc}{parts.path}?{parts.query}", None


def _linked(tree: HtmlElement, url: str, base: str) -> str | None:
    for element in tree.iter("a", "link"):
        is_next = (element.get("rel") or "").lower() == "next"
        if not is_next and element.tag == "a":
            said = text_of(element).strip() or element.get("title") or ""
            is_next = len(said) <= 20 and _NEXT.match(said) is not None
        address = _other(element, url, base) if is_next else None
        if address is not None:
            return address
    return None


def _numbers(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Links that are page numbers."""
    for element in tree.iter("a"):
        if element.get("href") and _NUMBER.match(text_of(element)):
            yield element


def _other(element: HtmlElement, url: str, base: str) -> str | None:
    href = (element.get("href") or "").strip()
    if not href or href.startswith("#"):
        return None
    address = absolute(base, href)
    same_host = address is not None and urlsplit(address).netloc == urlsplit(url).netloc
    return address if same_host and canonical(address or "") != canonical(url) else None


def _written(text: str, url: str, base: str) -> str | None:
    """The next page by a script that writes the links."""
    if "Page" not in text or not any(mark in text for mark in _WRITERS):
        return None
    call = _WRITTEN.search(text)
    if call is not None:
        index, count = int(call["index"]), int(call["count"])
        # From 0 the last of five is 4 and the second page `_1`; from 1 it is 5 and `_2`.
        last = count if index == 1 and _page_of(url)[1] is None else count - 1
        if index + 1 > last:
            return None
        return absolute(base, f"{call['name']}_{index + 1}.{call['extension']}")
    return _counted_by_script(text, url)


def _is_written(text: str) -> bool:
    return any(mark in text for mark in _WRITERS) and bool(
        _WRITTEN.search(text) or _COUNT.search(text)
    )


def _counted_by_script(text: str, url: str) -> str | None:
    """The next page where a script holds but the number of pages (`var countPage = 5`)."""
    count, current = _COUNT.search(text), _CURRENT.search(text)
    path = urlsplit(url).path
    if count is None or path.endswith("/"):
        return None
    numbered = _NUMBERED.match(path)
    is_later = numbered and current and current["index"] == numbered["number"]
    named = numbered if is_later else _PLAIN.match(path)
    number = int(numbered["number"]) + 1 if numbered and is_later else 1
    if named is None or number >= int(count["count"]):
        return None
    return absolute(url, f"{named['stem']}_{number}{named['extension'] or ''}")


def _counted(url: str) -> str | None:
    """The next page by the number that the address carries."""
    parts = urlsplit(url)

    def one_more(found: re.Match[str]) -> str:
        return f"{found['before']}{int(found['number']) + 1}"

    if _PARAMETER.search(parts.query):
        return parts._replace(query=_PARAMETER.sub(one_more, parts.query, count=1)).geturl()
    if _PATH_PAGE.search(parts.path):
        return parts._replace(path=_PATH_PAGE.sub(one_more, parts.path, count=1)).geturl()
    numbered = _NUMBERED.match(parts.path)
    if numbered is not None and _LIST_NAME.match(numbered["stem"]):
        mark = parts.path[len(numbered["stem"])]
        more = f"{numbered['stem']}{mark}{int(numbered['number']) + 1}{numbered['extension'] or ''}"
        return parts._replace(path=more).geturl()
    return None
