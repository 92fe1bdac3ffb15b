"""An article page → one Item: with the source's rules where it has them, generically elsewhere.

bytes → text → tree → a service's of our own kind as it says itself, else the lines of a known family's
parts, else all lines → where the article's text stands → the fields round it → its paragraphs.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import BrokenDocument
from feedsvc.parse.document import (
    Source,
    base_of,
    is_markup,
    read_text,
    read_tree,
    refuse_challenge,
)
from feedsvc.parse.following import following_article_page
from feedsvc.parse.pages.attribution import attribution, origin_url
from feedsvc.parse.pages.body import Body, find_body, trim
from feedsvc.parse.pages.byline import Signed, sign
from feedsvc.parse.pages.dates import published, ruled_date
from feedsvc.parse.pages.families.family import Family, Parts
from feedsvc.parse.pages.families.registry import FAMILIES, parts_of
from feedsvc.parse.pages.html import paragraph
from feedsvc.parse.pages.labels import outlet_of
from feedsvc.parse.pages.lines import Line, plain_lines, read_lines, read_zone
from feedsvc.parse.pages.markup import Markup
from feedsvc.parse.pages.meta import Meta, read_meta
from feedsvc.parse.pages.names import split_names
from feedsvc.parse.pages.notes import original_title, rights
from feedsvc.parse.pages.own import read_own
from feedsvc.parse.pages.people import found_authors, found_editors
from feedsvc.parse.pages.rules import Ruled, apply_rules, remove_ruled
from feedsvc.parse.pages.saved_text import find_text_body
from feedsvc.parse.pages.surroundings import ABOVE, BELOW, Surroundings, whole_remarks
from feedsvc.parse.pages.title import (
    Title,
    find_title,
    headline_line,
    title_above,
    title_of_element,
)
from feedsvc.parse.rules import PageRules, read_rules
from feedsvc.text.html import plain_text, sanitise
from feedsvc.text.scrub import one_line

# What made an article is kept with it; the number changes when the same page would read otherwise.
EXTRACTOR = "page-2"
# A text shorter than this was more likely missed than written.
SHORT = 100
# What was found by rules or at a family's place is the text, however short.
SURE_WAYS = frozenset({"rules", *(family.name for family in FAMILIES)})
ABSENT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A page taken apart: its lines, where the text stands in them, and what rules said."""

    lines: list[Line]
    body: Body
    title: Title
    meta: Meta
    base_url: str
    ruled: Ruled


def parse_page(job: ParseJob) -> ParsedPage:
    """Read the article of an HTML page or of a page saved as plain text.

    Raises Blocked for a challenge page, BrokenDocument for a page without a text, TooComplex for
    a shape that would take too long, RulesMismatch when the rule for the body finds nothing.
    """
    rules = read_rules(job.rules or {}, job.url).page or PageRules()
    source = read_text(job)
    if not is_markup(source.text):
        return _read(_text_view(source, job), source, job)
    refuse_challenge(source.text, job.url)
    tree = read_tree(source.text, job.url, source.utf8)
    markup = Markup(text=source.text, tree=tree)
    own = read_own(markup, source, job, EXTRACTOR) if rules == PageRules() else None
    if own is not None:
        return own
    meta = read_meta(markup)
    following = following_article_page(tree, meta.scripts, job.url, base_of(tree, job.url))
    parts = parts_of(markup, meta) if rules == PageRules() else None
    if parts is not None:
        with suppress(BrokenDocument):
            page = _read(_family_view(parts, tree, meta, job), source, job)
            if _is_whole(page, parts.family):
                return replace(page, next_url=following)
    return replace(_read(_html_view(tree, meta, job, rules), source, job), next_url=following)


def _is_whole(page: ParsedPage, family: Family) -> bool:
    item = page.item
    has = {"attribution": bool(item.attribution), "date": item.published_at is not None}
    has["minute"] = item.published_precision == "minute"
    return all(has[field] for field in family.needs)


def _read(view: _View, source: Source, job: ParseJob) -> ParsedPage:
    signed = sign(view.body.lines(view.lines))
    html = "".join(paragraph(line) for line in signed.lines)
    body = sanitise(html, base_url=view.base_url)
    text = plain_text(body.html).strip()
    if not text and "<img" not in body.html:
        raise BrokenDocument(job.url, "the page has no text of an article")
    item, confidence = _item(view, signed, job)
    is_short = len(text) < SHORT and view.body.how not in SURE_WAYS
    confidence["content_html"] = min(view.body.sure, ABSENT if is_short else 1.0)
    repairs = source.repairs + view.ruled.repairs + body.repairs
    return ParsedPage(
        charset=source.charset,
        item=replace(item, content_html=body.html, repairs=repairs),
        confidence={name: round(value, 2) for name, value in confidence.items()},
    )


def _family_view(parts: Parts, tree: HtmlElement, meta: Meta, job: ParseJob) -> _View:
    title_holders = set(parts.title.iterancestors()) | {parts.title}
    top = next((each for each in parts.body.iterancestors() if each in title_holders), tree)
    page = read_zone(top, (parts.title, parts.body), BELOW, job.url)
    span = page.spans.get(parts.body) or _span_of(page.lines, parts.body)
    body = trim(page.lines, Body(start=span[0], stop=span[1], how=parts.family.name, sure=0.98))
    title = title_of_element(page.lines, parts.title)
    return _View(
        lines=page.lines,
        body=_below_title(page.lines, body, title),
        title=title,
        meta=meta,
        base_url=base_of(tree, job.url),
        ruled=Ruled(attribution=outlet_of(parts.attribution), authors=split_names(parts.authors)),
    )


def _span_of(lines: list[Line], element: HtmlElement) -> tuple[int, int]:
    """The range of the lines that an element which is no block (an invented tag) holds."""
    held = [
        index
        for index, line in enumerate(lines)
        if any(element is holder or element in holder.iterancestors() for _, holder in line.pieces)
    ]
    return (held[0], held[-1] + 1) if held else (0, 0)


def _html_view(tree: HtmlElement, meta: Meta, job: ParseJob, rules: PageRules) -> _View:
    remove_ruled(tree, rules)
    page = read_lines(tree, job.url)
    ruled = apply_rules(tree, page, rules, job.url)
    body = ruled.body or find_body(page, headline_line(page.lines, meta))
    title = ruled.title or find_title(page.lines, body.start, meta)
    return _View(
        lines=page.lines,
        body=_below_title(page.lines, body, title),
        title=title,
        meta=meta,
        base_url=base_of(tree, job.url),
        ruled=ruled,
    )


def _text_view(source: Source, job: ParseJob) -> _View:
    page = plain_lines(source.text, job.url)
    body = find_text_body(page.lines)
    return _View(
        lines=page.lines,
        body=body,
        title=title_above(page.lines, body.start),
        meta=Meta(),
        base_url=job.url,
        ruled=Ruled(),
    )


def _below_title(lines: list[Line], body: Body, title: Title) -> Body:
    """The text begins below its headline, all lines of a broken headline included."""
    if title.line is None:
        return body
    start = max(body.start, title.line + 1)
    block = lines[title.line].block
    while (
        start < body.stop
        and block is not None
        and lines[start].block is block
        and lines[title.line].is_heading
    ):
        start += 1
    return replace(body, start=min(start, body.stop))


def _item(view: _View, signed: Signed, job: ParseJob) -> tuple[Item, dict[str, float]]:
    lines, body = view.lines, view.body
    around = Surroundings(
        above=whole_remarks(lines[max(0, body.start - ABOVE) : body.start])[::-1],
        below=whole_remarks(lines[body.stop : body.stop + BELOW]),
        meta=view.meta,
        zone=job.timezone,
        seen_at=job.seen_at,
        url=job.url,
    )
    inside = body.lines(lines)
    date, date_sure = ruled_date(view.ruled.date, around) or published(around)
    credited, confidence = _credited(view.ruled, around, signed, inside)
    item = replace(
        credited,
        link=job.url if job.url.startswith(("http://", "https://")) else None,
        title=one_line(view.title.text),
        original_title=one_line(original_title([*around.above, *inside, *around.below])),
        published_at=date.at if date else None,
        published_precision=date.precision if date else "none",
        origin_url=origin_url(around, credited.attribution, view.base_url),
        rights=rights(around.below),
        language=view.meta.language,
        extractor=f"{EXTRACTOR}/{body.how}",
    )
    return item, {"title": view.title.sure, "published_at": date_sure, **confidence}


def _credited(
    ruled: Ruled, around: Surroundings, signed: Signed, inside: list[Line]
) -> tuple[Item, dict[str, float]]:
    """An item that holds only whom the page credits, and how sure each of them is."""
    outlet, outlet_sure = (
        (ruled.attribution, 1.0) if ruled.attribution else attribution(around, inside)
    )
    editors, editors_sure = (ruled.editors, 1.0) if ruled.editors else found_editors(around, inside)
    authors, authors_sure = (
        (ruled.authors, 1.0) if ruled.authors else found_authors(around, signed, inside, editors)
    )
    if outlet in authors and outlet_sure < 1.0:
        # A column's writers stand beside the time where others print the outlet.
        outlet = ""
    item = Item(
        authors=authors,
        editors=editors,
        attribution=outlet,
        credit_line=signed.credit_line,
        dateline=signed.dateline,
    )
    return item, {
        "attribution": outlet_sure if outlet else ABSENT,
        "authors": authors_sure if authors else ABSENT,
        "editors": editors_sure if editors else ABSENT,
    }
