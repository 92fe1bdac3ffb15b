"""Which names an item goes by: pure functions from items to keys and hashes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc.domain.article import Content, Keys
from feedsvc.domain.item import Item, Marker, Repair
from feedsvc.text.fingerprints import alike
from feedsvc.text.html import plain_text
from feedsvc.text.urls import canonical, names_an_article

# Below this many characters two different notices may well read the same (今日无新闻发布), so the text
# alone names no article.
LEAST_TEXT_TO_NAME = 40
SAME_TEXT = 0.5


def assign_keys(items: Sequence[Item]) -> list[tuple[Item, Keys]]:
    """Give each item of one document its keys; an item that merely repeats another is left out.

    A guid that different items share does not identify, so all of them go by guid and link
    together, or by guid and words where they share the link too; all, not only the later ones,
    because partners put new items on top. A link that several items share (a home page, one page
    of briefs) identifies none of them.
    """
    links = [_link(item) for item in items]
    links_of = Counter(dict(zip(items, links, strict=True)).values())
    shared_guids = _shared_guids(items, links)
    taken: set[str] = set()
    kept: list[tuple[Item, Keys]] = []
    for item, link in zip(items, links, strict=True):
        keys = _keys(item, link, links_of, shared_guids)
        text_taken = f"text:{keys.content_hash}" in taken
        nameless = keys.guid is None and keys.url is None
        if keys.primary in taken or (nameless and text_taken):
            continue
        taken |= {keys.primary, f"text:{keys.content_hash}"}
        if keys.content_hash is not None and text_taken:
            kept.append(
                (_noting(item, "same_text_as_other_item"), replace(keys, content_hash=None))
            )
        else:
            kept.append((item, keys))
    return kept


def content_hash(title: str, body_html: str) -> str | None:
    """Hash title and text without white space; None where the text is too short to name an article."""
    text = "".join(plain_text(body_html).split())
    if len(text) < LEAST_TEXT_TO_NAME:
        return None
    return _digest("".join(title.split()), text)


def source_hash(content: Content, marker: Marker | None, embargo: datetime | None = None) -> str:
    """Hash all that a source said of an article, so that the next poll sees whether it changed.

    Dates are left out on purpose: pages that print the time of the request would change at every
    poll (notes on readers that hash them).
    """
    said = (
        content.title,
        content.original_title,
        content.summary,
        content.body_html,
        content.attribution,
        content.origin_url or "",
        *content.authors,
        "\x1e",
        *content.editors,
        content.credit_line,
        content.rights,
        *(enclosure.url for enclosure in content.enclosures),
        f"{marker.status}\x1e{marker.reason}" if marker else "",
        # Only where there is one, so that what was stored before the label was read stays the same.
        *([content.ai_label] if content.ai_label else ()),
        *([f"embargo\x1e{embargo.isoformat()}"] if embargo else ()),
    )
    return _digest(*said)


def _keys(
    item: Item, link: str | None, links_of: Counter[str | None], shared_guids: Mapping[str, bool]
) -> Keys:
    guid = item.guid
    if guid is not None and guid in shared_guids:
        words = f"|{_digest(folded(item.title))}" if shared_guids[guid] else ""
        guid = f"{guid}|{link}{words}"
    text_hash = content_hash(item.title, _body(item))
    alone = link is not None and links_of[link] == 1 and names_an_article(link)
    url = link if alone else None
    if guid is None and url is None and text_hash is None:
        text_hash = _digest(item.title, item.summary_html, link or "")
    return Keys(guid=guid, url=url, content_hash=text_hash)


def _link(item: Item) -> str | None:
    return canonical(item.link) if item.link else None


def _shared_guids(items: Sequence[Item], links: Sequence[str | None]) -> dict[str, bool]:
    """Find the guids that several items of one document bear; True: their links tell them no better.

    An older state of the same article, which some partners leave in, is no other item.
    """
    bearers: dict[str, list[tuple[Item, str | None]]] = {}
    for item, link in zip(items, links, strict=True):
        if item.guid is not None:
            bearers.setdefault(item.guid, []).append((item, link))
    shared: dict[str, bool] = {}
    for guid, group in bearers.items():
        if len(group) == 1:
            continue
        first: dict[str | None, Item] = {}
        unlike = any(not _is_same(first.setdefault(link, item), item) for item, link in group)
        if unlike or len(first) > 1:
            shared[guid] = unlike
    return shared


def _is_same(one: Item, other: Item) -> bool:
    return folded(one.title) == folded(other.title) or is_same_text(_body(one), _body(other))


def is_same_text(one: str, other: str) -> bool:
    """Whether two HTML bodies are states of one article: more than half of the shorter is in both."""
    return alike(one, other) > SAME_TEXT


def _body(item: Item) -> str:
    return item.content_html or item.summary_html


def folded(title: str) -> str:
    """Reduce a title to what is compared."""
    return "".join(title.split()).casefold()


def _noting(item: Item, kind: str) -> Item:
    return replace(item, repairs=(*item.repairs, Repair(kind=kind)))


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
