"""What is this document? Its class, the feeds it names and, for a list, proposals to read it. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from lxml.html import HtmlElement

from feedsvc.domain.parsed import DocumentClass, ParseJob, Proposal, Survey
from feedsvc.errors import FeedsvcError
from feedsvc.parse.document import (
    Source,
    base_of,
    is_feed,
    is_markup,
    read_text,
    read_tree,
    refuse_challenge,
)
from feedsvc.parse.embedded import json_documents
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.proposals.anchors import width
from feedsvc.parse.proposals.feed_links import feed_links
from feedsvc.parse.proposals.json_lists import propose_json
from feedsvc.parse.proposals.propose import MOST_PROPOSALS, propose
from feedsvc.parse.proposals.prose import longest_prose
from feedsvc.parse.proposals.selectors import finds
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line

# A proposal below this confidence makes no list of a page.
LEAST_SURE = 0.5
# Running text (Han characters) of an article whose page has a list beside it, and of one that has none.
LEAST_PROSE = 160.0
SHORT_PROSE = 60.0
# So long a text is an article's however long the list beside it is; so few rows are no list beside a text.
LONG_PROSE = 250.0
FEW = 5
_JSON = re.compile(r"\s*(?:[\[{]|[\w$.]+\s*[=(]\s*[\[{])")
_OTHER_XML = re.compile(
    r"\s*<\?xml[^>]*>\s*(?:<!--(?:(?!-->).)*-->\s*)*<(?!!doctype\s+html|html\b)"
    r"|\s*<(?:\w+:)?(?:urlset|sitemapindex)\b",
    re.IGNORECASE | re.DOTALL,
)


def survey(job: ParseJob) -> Survey:
    """Say what a document is.

    Raises NotAFeed for a challenge page, BrokenDocument when there is no readable markup at all,
    TooComplex for a shape that would take too long.
    """
    source = read_text(job)
    if is_feed(source.text):
        return Survey(charset=source.charset, looks_like="feed", repairs=source.repairs)
    refuse_challenge(source.text, job.url)
    in_scripts = propose_json(source, job)
    if not _is_page(source.text):
        return _no_page(source, in_scripts, job)
    tree = read_tree(source.text, job.url, source.utf8)
    proposals = _merged(propose(tree, source, job), in_scripts)
    feeds = feed_links(tree, base_of(tree, job.url))
    looks_like = _class_of(tree, proposals)
    if feeds and looks_like != "article":
        looks_like = "feed_links"
    heading = tree.find(".//title")
    return Survey(
        charset=source.charset,
        looks_like=looks_like,
        title=one_line(text_of(heading)) if heading is not None else "",
        feeds=feeds,
        proposals=proposals,
        repairs=source.repairs,
    )


def _merged(
    printed: tuple[Proposal, ...], in_scripts: tuple[Proposal, ...]
) -> tuple[Proposal, ...]:
    """What a page prints, and what its scripts hold; of equal confidence the printed one."""
    both = sorted((*printed, *in_scripts), key=lambda each: -each.confidence)
    return tuple(both[:MOST_PROPOSALS])


def _class_of(tree: HtmlElement, proposals: tuple[Proposal, ...]) -> DocumentClass:
    """A list, or the page of one article, which has lists beside a long text."""
    best = proposals[0] if proposals else None
    items = [each.rules["list"]["items"] for each in proposals]
    rows = [
        row
        for rule in items
        if not rule.startswith("json:")
        for row in finds(tree, rule)
        if isinstance(row, HtmlElement)
    ]
    prose = longest_prose(tree, rows)
    if best is not None and best.confidence >= LEAST_SURE:
        headlines = sum(width(row.title) for row in best.rows)
        least = (
            max(LEAST_PROSE, min(headlines, LONG_PROSE)) if len(best.rows) > FEW else SHORT_PROSE
        )
        return "article" if prose >= least else "list"
    return "article" if prose >= SHORT_PROSE else "other"


def _is_page(text: str) -> bool:
    """Whether a text is a web page, and not JSON with markup in its values or XML of another kind."""
    return is_markup(text) and not _JSON.match(text) and not _OTHER_XML.match(text)


def _no_page(source: Source, in_scripts: tuple[Proposal, ...], job: ParseJob) -> Survey:
    """A document that is no web page: one of the kinds of feed, if its reader finds items; else JSON."""
    seen = Survey(charset=source.charset, looks_like="other", repairs=source.repairs)
    with suppress(FeedsvcError):
        parsed = parse_feed(replace(job, kind="feed"))
        is_sitemap = parsed.format.startswith("sitemap")
        return replace(seen, looks_like="sitemap" if is_sitemap else "feed", title=parsed.title)
    if any(json_documents(source.text)):
        return replace(seen, looks_like="json", proposals=in_scripts[:MOST_PROPOSALS])
    return seen
