"""A feed document → its items: RSS, RDF, Atom, JSON Feed and their kin, whole or broken.

bytes → tree (`tree`) or JSON → what each item tells, in strings (one reader for each format) → items
(`item`), the newest of them, which is where every format comes out alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Part, Rejection
from feedsvc.errors import NotAFeed
from feedsvc.parse.document import refuse_challenge
from feedsvc.parse.feeds import open_news, sitemap, syndication
from feedsvc.parse.feeds.contents import Contents
from feedsvc.parse.feeds.item import make_item
from feedsvc.parse.feeds.json_documents import read_json
from feedsvc.parse.feeds.newest import keep_newest
from feedsvc.parse.feeds.packed import unpacked
from feedsvc.parse.feeds.repeats import note_repeats, settle_tombstones
from feedsvc.parse.feeds.tree import Tree, read_at_once, read_text
from feedsvc.parse.feeds.xml_source import name_of
from feedsvc.text.charset import decode
from feedsvc.text.dates import read_date
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

_PAGE = re.compile(
    r"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body|script|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_READERS: dict[str, Callable[[Tree, ParseJob], Contents]] = {
    "urlset": sitemap.read,
    "sitemapindex": sitemap.read,
    "document": open_news.read,
}
_BROKEN = Repair(kind="broken_xml")
# What documents of this software name as their generator.
OURS = "feedsvc"
# The neighbours that lead into a feed's past, and the document's own address (RFC 5005).
RELATIONS = frozenset({"self", "next", "prev-archive"})


def parse_feed(job: ParseJob) -> ParsedFeed:
    """Read a feed document; items in document order, at most 2,000, the newest.

    Raises NotAFeed for anything else (its sentence says what it is), Blocked for a challenge page,
    EmptyFeed for a feed without items, BrokenDocument where not one item could be read, TooComplex
    for a dangerous shape.
    """
    job = unpacked(job)
    tree = read_at_once(job)
    if tree is not None and name_of(tree.root)[1] != "html":
        return _read_tree(tree, job)
    decoded = decode(job.body, content_type=job.content_type, override=job.charset)
    start = decoded.text[:400].lstrip() or decoded.text.lstrip()[:400]
    if not start:
        raise NotAFeed(job.url, "the document is empty")
    if start[0] in "{[":
        contents = read_json(decoded.text, job)
        return _finished(contents, job, decoded.charset, decoded.repairs)
    if _PAGE.match(decoded.text):
        refuse_challenge(decoded.text, job.url)
        raise NotAFeed(job.url, "it is an HTML page, not a feed")
    return _read_tree(read_text(decoded, job), job)


def _read_tree(tree: Tree, job: ParseJob) -> ParsedFeed:
    reader = _READERS.get(name_of(tree.root)[1], syndication.read)
    contents = reader(tree, job)
    return _finished(contents, job, tree.charset, tree.repairs, tree.rejections)


def _finished(
    contents: Contents,
    job: ParseJob,
    charset: str,
    repairs: tuple[Repair, ...],
    rejections: tuple[Rejection, ...] = (),
) -> ParsedFeed:
    kept, capped = keep_newest(contents.items, job)
    extractor = f"feed:{contents.reader or contents.format}"
    items = [make_item(told, job, extractor, (_BROKEN,) if mended else ()) for told, mended in kept]
    return ParsedFeed(
        format=contents.format,
        charset=charset,
        title=one_line(contents.title),
        home_url=absolute(job.base_url, contents.home_url) if contents.home_url else None,
        items=note_repeats(settle_tombstones(items), one_line(contents.language, 20)),
        parts=_parts(contents, job),
        links=_links(contents, job),
        offers_since=contents.generator == OURS,
        rejections=(*rejections, *contents.rejections),
        repairs=(*repairs, *contents.repairs, *capped),
    )


def _links(contents: Contents, job: ParseJob) -> dict[str, str]:
    found = {rel: absolute(job.base_url, url) for rel, url in contents.links.items()}
    return {rel: url for rel, url in found.items() if url is not None and rel in RELATIONS}


def _parts(contents: Contents, job: ParseJob) -> tuple[Part, ...]:
    named = [(absolute(part.base_url, part.link), part.updated) for part in contents.parts]
    return tuple(
        Part(url=url, updated_at=read.at if read else None)
        for url, updated in named
        if url is not None
        for read in (read_date(updated, zone=job.timezone, seen_at=job.seen_at),)
    )
