"""The links of a page that may lead to articles: address, printed headline, and what speaks for them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass

from lxml.html import HtmlElement

from feedsvc.parse.proposals.address import article_likeness
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute, canonical, registrable_domain

# Links looked at; a page with more of them is a dump, and its first ones show its structure.
MOST_ANCHORS = 4000
# The same words on this many links (更多, 查看详情, a section's name) are no headline.
MOST_NAMESAKES = 3
LIKELY = 0.5
_STRANGE_HOST = 0.75
_DATE_ONLY = re.compile(r"[\d\s:：/.年月日-]+")
_PRINTED_DAY = re.compile(
    r"[(\[（【]?\s*(?:\d{4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s*[)\]）】]?|"
    r"\d{4}-\d{1,2}|\d{1,2}"
)
_BLOCKS = frozenset(
    {"div", "p", "dl", "dt", "dd", "ul", "li", "section", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_CALL = re.compile(
    r"(?:阅读全文|查看(?:详情|更多|全文)|更多|详细|more|read more|continue reading|[»>\[\].…\s]|\d+)+",
    re.IGNORECASE,
)


@dataclass(slots=True, eq=False)
class Anchor:
    """One link: `url` absolute, `headline` as printed or "" for a bare picture."""

    node: HtmlElement
    url: str
    headline: str
    likeness: float
    known: bool = False


def find_anchors(
    tree: HtmlElement, base: str, page_url: str, known: Set[str] = frozenset()
) -> list[Anchor]:
    """The links that may be articles', in document order.

    `known` holds canonical addresses and folded headlines of articles that the source had before
    (see `folded`); a link that continues them counts as an article's whatever it looks like.
    """
    found = list(_all_anchors(tree, base, page_url, known))
    names = Counter(anchor.headline for anchor in found)
    targets: dict[str, set[str]] = {}
    for anchor in found:
        targets.setdefault(anchor.headline, set()).add(anchor.url)
    return [
        anchor
        for anchor in found
        if anchor.known
        or not anchor.headline
        or names[anchor.headline] < MOST_NAMESAKES
        or len(targets[anchor.headline]) == 1
    ]


def _all_anchors(tree: HtmlElement, base: str, page_url: str, known: Set[str]) -> Iterator[Anchor]:
    here = canonical(page_url)
    domain = registrable_domain(page_url)
    for count, node in enumerate(tree.iter("a")):
        if count >= MOST_ANCHORS:
            return
        href = (node.get("href") or "").strip()
        url = absolute(base, href) if href and not href.startswith("#") else None
        if url is None or canonical(url) == here:
            continue
        headline = headline_of(node)
        if _CALL.fullmatch(headline) or _DATE_ONLY.fullmatch(headline):
            continue
        is_known = bool(known) and (canonical(url) in known or folded(headline) in known)
        likeness = article_likeness(url)
        if domain and registrable_domain(url) != domain:
            likeness *= _STRANGE_HOST
        yield Anchor(
            node=node,
            url=url,
            headline=headline,
            likeness=1.0 if is_known else likeness,
            known=is_known,
        )


def headline_of(node: HtmlElement) -> str:
    """What a link prints as the headline: its heading or best part where it wraps a whole card."""
    for heading in node.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        text = one_line(text_of(heading))
        if text:
            return text
    whole = one_line(text_of(node))
    parts = _parts(node)
    if len(parts) > 1:
        return next((part for part in parts if width(part) >= 8), max(parts, key=len))
    return parts[0] if parts else whole or one_line(node.get("title") or "")


def _parts(node: HtmlElement) -> list[str]:
    """The texts of a card's parts but its dates; one text where the link is no card."""
    has_blocks = any(each.tag in _BLOCKS for each in node.iterdescendants())
    pieces = [one_line(text_of(child)) for child in node.iter() if _is_leaf(child)]
    own = [one_line(text) for text in (node.text, *(child.tail for child in node)) if text]
    has_date = any(_PRINTED_DAY.fullmatch(piece) for piece in pieces)
    if not (has_blocks or has_date):
        return []
    return [piece for piece in (*own, *pieces) if piece and not _PRINTED_DAY.fullmatch(piece)]


def _is_leaf(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag == "a":
        return False
    return not any(each.tag in _BLOCKS or each.tag == "span" for each in element.iterdescendants())


def folded(headline: str) -> str:
    """A headline as it is compared: widths, case, white space and punctuation made equal."""
    kept = unicodedata.normalize("NFKC", headline).casefold()
    return "".join(char for char in kept if char.isalnum())


def width(text: str) -> float:
    """The length of a text in Han characters; two of Latin script count as one."""
    return sum(1.0 if ord(char) > 0x2E80 else 0.5 for char in text)


def headline_quality(headline: str) -> float:
    """0.0–1.0: how much a text looks like a headline by its length; names of sections are shorter."""
    length = width(headline)
    if length < 4:
        return 0.0
    if length < 8:
        return 0.2 + 0.2 * (length - 4)
    if length <= 45:
        return 1.0
    return 0.6 if length <= 80 else 0.2
