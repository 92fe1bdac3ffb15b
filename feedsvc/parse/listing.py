"""A list page by its source's rules → the links to articles from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from feedsvc.domain.item import Precision
from feedsvc.domain.parsed import ListedLink, ParsedList, ParseJob
from feedsvc.errors import BrokenDocument, NotAFeed, RulesMismatch
from feedsvc.parse.address_dates import address_date
from feedsvc.parse.document import Source, base_of, is_feed, read_text, read_tree, refuse_challenge
from feedsvc.parse.embedded import json_documents
from feedsvc.parse.following import following_list_page
from feedsvc.parse.list_dates import date_text, row_date
from feedsvc.parse.pages.printed_date import find_date
from feedsvc.parse.rules import ListRules, Selector, read_rules
from feedsvc.parse.selection import select_json, select_nodes, text_of
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

# Rows kept of one page (the cap on items of one poll); more is a dump, not a list.
MOST_ROWS = 2000
# Rows looked at, those without a link or with a known one included.
MOST_ROWS_READ = 3 * MOST_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a list says of one article, as printed."""

    link: str | None
    title: str
    date: str
    rest: str = ""


def parse_list(job: ParseJob) -> ParsedList:
    """Read the rows of a list page, in document order, each address once.

    Raises RulesMismatch when there are no rules or they find no row, NotAFeed for a feed document,
    Blocked for a challenge page, ConfigError for rules that cannot be used.
    """
    rules = read_rules(job.rules or {}, job.url).list
    if rules is None:
        raise RulesMismatch(job.url, "the list needs rules: a [list] table with at least `items`")
    source = read_text(job)
    if is_feed(source.text):
        raise NotAFeed(job.url, "the document is a feed, not a list page; add it with kind feed")
    refuse_challenge(source.text, job.url)
    read_rows = _json_rows if rules.items.language == "json" else _html_rows
    rows, base, following = read_rows(source, rules, job)
    links = _listed(rows, base, job, has_rule=rules.date is not None)
    if not links:
        raise RulesMismatch(
            job.url, f"list.items finds no row with a link ({_spoken(rules.items)})"
        )
    return ParsedList(
        charset=source.charset,
        links=links,
        next_url=absolute(base, following) if following else None,
        rules=dict(job.rules or {}),
        repairs=source.repairs,
    )


_Rows = tuple[Iterator[_Row], str, str | None]


def _html_rows(source: Source, rules: ListRules, job: ParseJob) -> _Rows:
    tree = read_tree(source.text, job.url, source.utf8)
    rows = (_html_row(node, rules) for node in select_nodes(tree, rules.items))
    base = base_of(tree, job.url)
    if rules.next is None:
        return rows, base, following_list_page(tree, source.text, job.url, base)
    if rules.next.language == "url":
        return rows, base, rules.next.following(job.url)
    return rows, base, _address(select_nodes(tree, rules.next))


def _html_row(row: HtmlElement | str, rules: ListRules) -> _Row:
    if isinstance(row, str):
        return _Row(link=row, title="", date="")
    anchors = select_nodes(row, rules.link) if rules.link else _own_links(row)
    headings = select_nodes(row, rules.title) if rules.title else anchors[:1]
    dates = select_nodes(row, rules.date) if rules.date else []
    title = _full_title(headings)
    return _Row(
        link=_address(anchors),
        title=title,
        date=one_line(date_text(dates[0])) if dates else "",
        # Without a rule the date is what the row prints beside the headline.
        rest="" if rules.date else one_line(text_of(row)).replace(title, " "),
    )


def _own_links(row: HtmlElement) -> list[HtmlElement | str]:
    if row.tag == "a":
        return [row]
    return [each for each in row.iter("a") if each.get("href") and one_line(text_of(each))]


def _address(nodes: list[HtmlElement | str]) -> str | None:
    for node in nodes:
        if isinstance(node, str):
            return node
        for each in node.iter("a"):
            if each.get("href"):
                return each.get("href")
    return None


def _full_title(nodes: list[HtmlElement | str]) -> str:
    """The headline as text; a list that shortens it keeps the whole one in the `title` attribute."""
    for node in nodes:
        text = one_line(text_of(node))
        whole = one_line(node.get("title") or "") if not isinstance(node, str) else ""
        stem = text.rstrip(".…")
        if whole and (not text or (stem != text and whole.startswith(stem))):
            return whole
        if text:
            return text
    return ""


def _json_rows(source: Source, rules: ListRules, job: ParseJob) -> _Rows:
    documents = list(json_documents(source.text))
    if not documents:
        raise BrokenDocument(job.url, "the list is not JSON that can be read")
    # A page may hold several; the list is in the first that has it.
    data = next((each for each in documents if select_json(each, rules.items)), documents[0])
    found = select_json(data, rules.items)
    rows = (_json_row(each, rules) for each in (found if isinstance(found, list) else []))
    return rows, job.url, _json_following(data, rules, job)


def _json_following(data: object, rules: ListRules, job: ParseJob) -> str | None:
    if rules.next is None:
        return following_list_page(None, "", job.url, job.url)
    if rules.next.language == "url":
        return rules.next.following(job.url)
    return _printed(data, rules.next) or None


def _json_row(row: object, rules: ListRules) -> _Row:
    if rules.link is None and isinstance(row, str):
        return _Row(link=row, title="", date="")
    return _Row(
        link=_printed(row, rules.link),
        title=_bare(_printed(row, rules.title)),
        date=_printed(row, rules.date),
    )


def _bare(title: str) -> str:
    """A headline without the markup by which scripts colour it."""
    return one_line(plain_text(title) if "<" in title else title)


def _printed(data: object, rule: Selector | None) -> str:
    found = select_json(data, rule) if rule else None
    return str(found) if isinstance(found, str | int | float) else ""


def _listed(
    rows: Iterator[_Row], base: str, job: ParseJob, *, has_rule: bool
) -> tuple[ListedLink, ...]:
    links: dict[str, ListedLink] = {}
    for row in islice(rows, MOST_ROWS_READ):
        link = absolute(base, row.link) if row.link else None
        if link is None or link in links:
            continue
        links[link] = _listed_link(row, link, job, has_rule=has_rule)
        if len(links) == MOST_ROWS:
            break
    return tuple(links.values())


def _listed_link(row: _Row, link: str, job: ParseJob, *, has_rule: bool) -> ListedLink:
    """One row; a list without a rule for dates may have them in its articles' addresses."""
    if row.date:
        found = row_date(row.date, zone=job.timezone, seen_at=job.seen_at)
    else:
        found = find_date(row.rest, zone=job.timezone, seen_at=job.seen_at)
        if found is None and not has_rule:
            found = address_date(link, zone=job.timezone, seen_at=job.seen_at)
    precision: Precision = found.precision if found else "none"
    return ListedLink(
        link=link,
        title=row.title,
        published_at=found.at if found else None,
        published_precision=precision,
    )


def _spoken(selector: Selector) -> str:
    prefix = "" if selector.language == "css" else f"{selector.language}:"
    return prefix + selector.expression
