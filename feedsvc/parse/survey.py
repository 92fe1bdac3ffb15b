"""What is this document? Its class, the feeds it names and, for a list, proposals to read it. Pure."""

from __future__ import annotations

from feedsvc.domain.parsed import DocumentClass, ParseJob, Survey
from feedsvc.parse.document import base_of, is_feed, read_text, read_tree, refuse_challenge
from feedsvc.parse.proposals.feed_links import feed_links
from feedsvc.parse.proposals.propose import propose
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line


def survey(job: ParseJob) -> Survey:
    """Say what a document is.

    Raises NotAFeed for a challenge page, BrokenDocument when there is no readable markup at all,
    TooComplex for a shape that would take too long.
    """
    source = read_text(job)
    if is_feed(source.text):
        return Survey(charset=source.charset, looks_like="feed", repairs=source.repairs)
    refuse_challenge(source.text, job.url)
    tree = read_tree(source.text, job.url)
    proposals = propose(tree, source, job)
    looks_like: DocumentClass = "list" if proposals else "other"
    heading = tree.find(".//title")
    return Survey(
        charset=source.charset,
        looks_like=looks_like,
        title=one_line(text_of(heading)) if heading is not None else "",
        feeds=feed_links(tree, base_of(tree, job.url)),
        proposals=proposals,
        repairs=source.repairs,
    )
