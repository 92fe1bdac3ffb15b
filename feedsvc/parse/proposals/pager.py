"""The link to the list's following page, as a rule that is asked of the whole page."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from feedsvc.parse.proposals.labels import steady_classes
from feedsvc.parse.proposals.selectors import finds
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

_NEXT = re.compile(
    r"[\s\[(<（【]*(?:(?:下|后)\s*[一1]?\s*页|下一頁|下頁|next(?:\s+page)?|older(?:\s+posts)?|更早)[\s\])>）】›»→]*",
    re.IGNORECASE,
)
_ARROWS = {">", "›", "»", "→", ">>"}
_SCRIPTED = re.compile(
    r"createPage(?:HTML|Bar)?\s*\(|\bcountPage\b|\bpageCount\b|javascript:[^\"'>]*page|data-page=|laypage|"
    r"pagination\s*\(|gotopage|turnpage",
    re.IGNORECASE,
)


def next_rule(tree: HtmlElement, base: str, page_url: str) -> str | None:
    """The rule for the link to the next page, None where there is none that can be followed."""
    for node in tree.iter("a"):
        if not _leads_on(node, base, page_url):
            continue
        if (node.get("rel") or "").lower() == "next":
            return 'a[rel="next"]'
        text = one_line(text_of(node))
        if not text or not (_NEXT.fullmatch(text) or text in _ARROWS):
            continue
        for name in steady_classes(node):
            css = f"a.{name}"
            if finds(tree, css) == [node]:
                return css
        if text in _ARROWS or '"' in text or "'" in text:
            continue
        return f"xpath:.//a[normalize-space()='{text}']"
    return None


def is_scripted(markup: str) -> bool:
    """Whether a script of the page writes a pager, whose addresses are not in the markup."""
    return _SCRIPTED.search(markup) is not None


def _leads_on(node: HtmlElement, base: str, page_url: str) -> bool:
    href = (node.get("href") or "").strip()
    url = absolute(base, href) if href and not href.startswith("#") else None
    return url is not None and url != page_url
