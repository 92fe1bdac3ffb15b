"""A document's bytes → its tree: at once where it is clean UTF-8, else by text, else what can be saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParseJob, Rejection
from feedsvc.errors import BrokenDocument, NotAFeed
from feedsvc.parse.feeds.newest import MOST_READ
from feedsvc.parse.feeds.salvage import salvage
from feedsvc.parse.feeds.xml_source import (
    check_size,
    has_base,
    mark_forbidden,
    parse_at_once,
    parse_strictly,
    without_prolog,
)
from feedsvc.text.charset import Decoded, claims_only_utf8
from feedsvc.text.scrub import one_line

_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A document's tree, and what had to be mended to get it.

    `saved` holds the items of a broken document, each with whether it had to be mended; the root
    then is only the document's head. `based` says whether xml:base stands anywhere in it, `clean`
    that no mark of a character which XML forbids does.
    """

    root: etree._Element
    charset: str
    saved: Sequence[tuple[etree._Element, bool]] | None = None
    rejections: tuple[Rejection, ...] = ()
    repairs: tuple[Repair, ...] = ()
    based: bool = False
    clean: bool = False

    def items(self, whole: Iterable[etree._Element]) -> Sequence[tuple[etree._Element, bool]]:
        """The items that were saved from a broken document, else those found in the whole one.

        At most 50,000: nothing that comes after them will be among the newest 2,000 that are kept.
        """
        if self.saved is not None:
            return self.saved[:MOST_READ]
        return [(element, False) for element in islice(whole, MOST_READ)]


def read_at_once(job: ParseJob) -> Tree | None:
    """Read a well-formed document in nothing but UTF-8; None where `read_text` must look."""
    if not claims_only_utf8(job.body, content_type=job.content_type, override=job.charset):
        return None
    body = job.body.removeprefix(_UTF8_MARK)
    if not body.startswith(b"<"):
        return None
    check_size(body, job.url)
    root = parse_at_once(body, job.url)
    if root is None:
        return None
    return Tree(root=root, charset="utf-8", based=has_base(root), clean=True)


def read_text(decoded: Decoded, job: ParseJob) -> Tree:
    """Read a decoded document, whole or broken; raises as `parse_feed` does."""
    text = without_prolog(decoded.text.lstrip(), job.url)
    check_size(text.encode("utf-8", "replace"), job.url)
    root = parse_strictly(text, job.url)
    repairs = decoded.repairs
    forbidden = 0
    if isinstance(root, str):
        text, forbidden = mark_forbidden(text)
        if forbidden:
            repairs = (*repairs, Repair(kind="control_characters", detail=str(forbidden)))
            root = parse_strictly(text, job.url)
    if isinstance(root, str):
        broken = Repair(kind="broken_xml", detail=root)
        return _saved(text, decoded.charset, job, (*repairs, broken))
    return Tree(
        root=root,
        charset=decoded.charset,
        repairs=repairs,
        based=has_base(root),
        clean=not forbidden,
    )


def _saved(text: str, charset: str, job: ParseJob, repairs: tuple[Repair, ...]) -> Tree:
    saved = salvage(text, job.url)
    if saved is None:
        raise _not_a_feed(text, job, repairs[-1].detail)
    elements = [item for item in saved.items if not isinstance(item, Rejection)]
    if not elements:
        raise BrokenDocument(job.url, f"no whole item could be read: {repairs[-1].detail}")
    return Tree(
        root=saved.head,
        charset=charset,
        saved=elements,
        rejections=tuple(item for item in saved.items if isinstance(item, Rejection)),
        repairs=repairs,
        based="xml:base" in text,
        clean=all(repair.kind != "control_characters" for repair in repairs),
    )


def _not_a_feed(text: str, job: ParseJob, reason: str) -> NotAFeed | BrokenDocument:
    if not text.startswith("<"):
        return NotAFeed(job.url, f"it is plain text, not a feed: “{one_line(text, 40)}”")
    if re.search(r"<(?:html|head|body|div|table)\b", text[:4000], re.IGNORECASE):
        return NotAFeed(job.url, "it is an HTML page, not a feed")
    return BrokenDocument(job.url, f"XML that cannot be read: {reason}")
