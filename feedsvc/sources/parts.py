"""An article that a partner prints over several pages, fetched page by page and put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from feedsvc.domain.item import Item, Repair
from feedsvc.domain.parsed import ParsedPage
from feedsvc.errors import BrokenDocument, FetchError, NotAFeed
from feedsvc.fetch.exchange import FetchResponse
from feedsvc.text.urls import canonical

# Pages of one article, the first included; more is an album or a trap.
MOST_PARTS = 20
LARGEST = 400_000

# Fetches and reads one further page of an article; raises `FetchError` and `ParseError`.
Turn = Callable[[str], tuple[ParsedPage, FetchResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The article of all its pages, and the bytes that the further ones cost."""

    item: Item
    wire_bytes: int = 0


def whole_article(first: ParsedPage, url: str, turn: Turn) -> Whole:
    """Turn the pages of an article whose first page came from `url`, and put their texts together.

    A further page that is not there (404) or holds no text ends the article with the repair
    `page_missing`; any other failure is raised, because half an article is worse than a later one.
    """
    item, page, wire_bytes = first.item, first, 0
    seen = {canonical(url)}
    for _ in range(MOST_PARTS - 1):
        following = page.next_url
        if following is None or canonical(following) in seen or len(item.content_html) > LARGEST:
            break
        seen.add(canonical(following))
        try:
            page, response = turn(following)
        except (BrokenDocument, FetchError) as error:
            if isinstance(error, FetchError) and not error.permanent:
                raise
            missing = Repair(kind="page_missing", detail=f"{following} {error.cause}")
            return Whole(
                item=replace(item, repairs=(*item.repairs, missing)), wire_bytes=wire_bytes
            )
        wire_bytes += response.wire_bytes
        if page.item.content_html in item.content_html:
            # A pager that leads round in circles, or a script that shows the first page again.
            break
        item = _joined(item, page.item)
    return Whole(item=item, wire_bytes=wire_bytes)


def only_page(parsed: object, url: str) -> ParsedPage:
    """What a parser made of an article page; raises NotAFeed for anything else."""
    if not isinstance(parsed, ParsedPage):
        raise NotAFeed(url, "the document is not an article page")
    return parsed


def _joined(item: Item, more: Item) -> Item:
    """The text goes on; whom the first page does not name, a later one may: credits stand at the end."""
    return replace(
        item,
        content_html=item.content_html + more.content_html,
        authors=item.authors or more.authors,
        editors=item.editors or more.editors,
        attribution=item.attribution or more.attribution,
        credit_line=item.credit_line or more.credit_line,
        ai_label=item.ai_label or more.ai_label,
        dateline=item.dateline or more.dateline,
        original_title=item.original_title or more.original_title,
        rights=item.rights or more.rights,
        repairs=tuple(dict.fromkeys((*item.repairs, *more.repairs))),
    )
