"""A list page without rules → ranked proposals, each checked by reading the page with it as a poll would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lxml.html import HtmlElement

from feedsvc.domain.parsed import ParseJob, Proposal, Reason
from feedsvc.errors import FeedsvcError
from feedsvc.parse.document import Source, base_of
from feedsvc.parse.listing import MOST_ROWS, parse_list
from feedsvc.parse.proposals.anchors import find_anchors, folded
from feedsvc.parse.proposals.fields import (
    link_rule,
    pairs_of,
    picture_title_rule,
    title_rule,
)
from feedsvc.parse.proposals.groups import Group, find_groups, lowered
from feedsvc.parse.proposals.marks import Marks, marks_of
from feedsvc.parse.proposals.pager import is_scripted, next_rule
from feedsvc.parse.proposals.place import Page
from feedsvc.parse.proposals.row_dates import DateReader, date_rule
from feedsvc.parse.proposals.selectors import find_items_selector
from feedsvc.text.urls import canonical

# Groups that are looked at closely, and proposals that are handed back.
MOST_GROUPS = 12
MOST_PROPOSALS = 5
# Two proposals with so much of their rows in common are one.
SAME = 0.8
# Rows that a proposal must read again of those it was made from.
LEAST_READ = 0.8
# Levels of elements tried as rows, from the outermost down to the link.
MOST_STEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    group: Group
    marks: Marks


def propose(tree: HtmlElement, source: Source, job: ParseJob) -> tuple[Proposal, ...]:
    """Return up to `MOST_PROPOSALS` proposals, the best first; none for a page without repeated links."""
    base = base_of(tree, job.url)
    known = known_names(job)
    page = Page(find_anchors(tree, base, job.url, known))
    reader = DateReader(job.timezone, job.seen_at)
    groups = find_groups(page.anchors)
    groups.sort(key=lambda group: -marks_of(group, page, 0.5).total)
    ranked = [_rank(group, page, reader) for group in groups[:MOST_GROUPS]]
    ranked.sort(key=lambda each: -each.marks.total)
    pager = next_rule(tree, base, job.url)
    extra = (Reason(kind="scripted_pager"),) if pager is None and is_scripted(source.text) else ()
    proposals: list[Proposal] = []
    taken: list[set[str]] = []
    for each in ranked:
        urls = {canonical(anchor.url) for anchor in each.group.anchors}
        if any(len(urls & other) >= SAME * len(urls | other) for other in taken):
            continue
        made = _proposal(tree, each, pager, reader, job)
        if made is None:
            continue
        taken.append(urls)
        proposals.append(replace(made, reasons=(*made.reasons, *extra)))
        if len(proposals) == MOST_PROPOSALS:
            break
    return tuple(proposals)


def known_names(job: ParseJob) -> frozenset[str]:
    """What the job knows, in the forms that links are compared by."""
    return frozenset(
        name
        for each in job.known
        for name in ((canonical(each),) if "://" in each else (folded(each),))
        if name
    )


def _rank(group: Group, page: Page, reader: DateReader) -> _Ranked:
    _, dated = date_rule(pairs_of(group), reader)
    return _Ranked(group=group, marks=marks_of(group, page, dated))


def _proposal(
    tree: HtmlElement, ranked: _Ranked, pager: str | None, reader: DateReader, job: ParseJob
) -> Proposal | None:
    group: Group | None = ranked.group
    for _ in range(MOST_STEPS):
        if group is None:
            return None
        made = _rules_for(tree, group, pager, reader)
        proposal = _checked({"list": made}, ranked, job) if made else None
        if proposal is not None:
            return proposal
        # Rows without a name may hold elements with one.
        group = lowered(group)
    return None


def _rules_for(
    tree: HtmlElement, group: Group, pager: str | None, reader: DateReader
) -> dict[str, str] | None:
    pairs = pairs_of(group)
    items = find_items_selector(tree, group)
    link = link_rule(pairs, group)
    if items is None or link is None:
        return None
    date, _ = date_rule(pairs, reader)
    printed = any(pair.headline for pair in pairs)
    title = title_rule(pairs, link) if printed else picture_title_rule(pairs)
    found = {
        "items": items.css,
        "link": link,
        "title": title,
        "date": date,
        "next": pager,
    }
    return {key: value for key, value in found.items() if value is not None}


def _checked(rules: dict[str, Any], ranked: _Ranked, job: ParseJob) -> Proposal | None:
    """The proposal with the rows that a poll would read by it; None if it does not read its own rows."""
    try:
        rows = parse_list(replace(job, kind="list", rules=rules)).links
    except FeedsvcError:
        return None
    wanted = {anchor.url for anchor in ranked.group.anchors}
    read = {row.link for row in rows}
    if len(wanted & read) < LEAST_READ * min(len(wanted), MOST_ROWS):
        return None
    strays = 1 - len(wanted & read) / len(read)
    return Proposal(
        rules=rules,
        confidence=round(max(0.0, ranked.marks.confidence * (1 - strays)), 2),
        rows=rows,
        reasons=ranked.marks.reasons,
        continued=ranked.marks.continued,
    )
