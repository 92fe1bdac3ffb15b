"""Article pages of services like ours: a block of data says every field, one element holds the text.

The names are public, docs/feeds.md has them: `<script type="application/ld+json" id="feedsvc-article">`
is a schema.org NewsArticle with our own words in `_feedsvc`, `#article-body` is the text as it was
stored. Whoever reposts from us gets exactly what we have, with the origin and not us as its origin.
"""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape

from lxml import etree
from lxml.html import HtmlElement

from feedsvc.domain.item import Enclosure, Item
from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import BrokenDocument
from feedsvc.parse.document import Source
from feedsvc.parse.json_values import Object, names, obj, objects, string, strings
from feedsvc.parse.own_words import ai_label_of, dateline_of, marker_of
from feedsvc.parse.pages.markup import Markup
from feedsvc.parse.pages.meta import LINKED_DATA
from feedsvc.text.dates import read_date
from feedsvc.text.html import sanitise
from feedsvc.text.pictures import LABELS, LINKED
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute, is_address

DATA_ID = "feedsvc-article"
BODY_ID = "article-body"
NAME = "feedsvc"
GENERATOR = '<meta name="generator" content="feedsvc">'
MOST_NAMES = 50
SURE = ("title", "published_at", "attribution", "authors", "editors", "content_html")


def read_own(page: Markup, source: Source, job: ParseJob, extractor: str) -> ParsedPage | None:
    """Read a page that bears both names; None for any other, or for one whose data cannot be read.

    Raises BrokenDocument for the other pages of such a service: what they list is no article's text.
    """
    if DATA_ID not in page.text:
        if GENERATOR in page.text:
            raise BrokenDocument(job.url, "the page of a service like ours that is no article")
        return None
    told = _data(page)
    body = next(iter(page.with_id(BODY_ID)), None)
    if body is None or string(told, "@type") != "NewsArticle" or not string(told, "headline"):
        return None
    base_url = job.url or string(told, "url")
    text = sanitise(_html_of(body), base_url=base_url)
    item = replace(
        _item(told, base_url, job),
        content_html=text.html,
        extractor=f"{extractor}/{NAME}",
        repairs=source.repairs + text.repairs,
    )
    confidence = dict.fromkeys(SURE, 1.0)
    return ParsedPage(charset=source.charset, item=item, confidence=confidence)


def _data(page: Markup) -> Object:
    """The block of data; empty where there is none, or where it is no object."""
    for script in page.with_id(DATA_ID):
        if script.tag == "script" and script.get("type") == LINKED_DATA:
            try:
                told = json.loads(script.text or "", strict=False)
            except (ValueError, RecursionError):
                return {}
            return told if isinstance(told, dict) else {}
    return {}


def _item(told: Object, base_url: str, job: ParseJob) -> Item:
    ours = obj(told, "_feedsvc")
    published = read_date(string(told, "datePublished"), zone=job.timezone, seen_at=job.seen_at)
    updated = read_date(string(told, "dateModified"), zone=job.timezone, seen_at=job.seen_at)
    source = string(obj(ours, "source"), "title")
    files = (absolute(base_url, string(each, "contentUrl")) for each in _files(told))
    return Item(
        link=base_url if is_address(base_url) else None,
        title=one_line(string(told, "headline")),
        original_title=one_line(string(ours, "original_title")),
        published_at=published.at if published else None,
        published_precision=published.precision if published else "none",
        updated_at=updated.at if updated else None,
        authors=_people(names(told, "author")),
        editors=_people(names(told, "editor")),
        categories=_people(strings(told, "keywords")),
        enclosures=tuple(Enclosure(url=url) for url in files if url),
        attribution=one_line(string(ours, "attribution") or source),
        origin_url=absolute(base_url, origin) if (origin := string(told, "isBasedOn")) else None,
        credit_line=one_line(string(ours, "credit_line")),
        dateline=dateline_of(ours),
        rights=one_line(string(ours, "rights")),
        language=one_line(string(told, "inLanguage"), 35),
        ai_label=ai_label_of(ours),
        marker=marker_of(ours, job),
    )


def _files(told: Object) -> list[Object]:
    return objects(told, "associatedMedia")[:MOST_NAMES]


def _people(said: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (one_line(each, 100) for each in said[:MOST_NAMES]))))


def _html_of(body: HtmlElement) -> str:
    """The markup within an element, with pictures, films and sounds again where links stand for them."""
    for link in list(body.iter("a")):
        name = (link.get("class") or "").removeprefix(LINKED)
        if name in LABELS and link.get("class") != name:
            words = link.text or ""
            link.tag = name
            link.set("src", link.get("href") or "")
            link.text = None
            if name == "img" and words != LABELS[name]:
                link.set("alt", words)
    inner = (etree.tostring(each, encoding="unicode", method="html") for each in body)
    return escape(body.text or "", quote=False) + "".join(inner)
