"""/sitemap.xml with its parts, /news-sitemap.xml and /robots.txt: how search engines find all there is.

Every article that can be read stands in exactly one part for good, reposts too: the sitemap lists
our addresses, and each page names its original by rel=canonical, which search engines weigh higher.
"""

from __future__ import annotations

from flask import Blueprint, Response

from feedsvc.errors import NotFound
from feedsvc.store import categories, feeds
from feedsvc.store import sitemap as stored
from feedsvc.web import sitemap_documents as documents
from feedsvc.web.house import house

sitemaps = Blueprint("sitemaps", __name__)

XML = "application/xml; charset=utf-8"
PAGES = "/sitemap/pages.xml"


@sitemaps.get("/sitemap.xml")
def index() -> Response:
    """The index: the pages that lead to articles, then all articles, the newest part first."""
    parts = [
        documents.Part(f"/sitemap/articles-{part}.xml", at)
        for part, at in house().part_dates.current().items()
    ]
    with house().services.db.read() as session:
        newest = feeds.state(session, feeds.EVERYTHING).updated_at
    first = documents.Part(PAGES, newest)
    return _xml(documents.index([first, *parts], house().site))


@sitemaps.get("/sitemap/articles-<int(max=214748):part>.xml")
def articles(part: int) -> Response:
    """The articles of one part, the last stored first."""
    with house().services.db.read() as session:
        found = stored.addresses(session, part)
    if not found:
        raise NotFound("sitemap", "has no such part")
    return _xml(documents.articles(found, house().site))


@sitemaps.get(PAGES)
def pages() -> Response:
    """The front page, the sections, and the page of every feed."""
    with house().services.db.read() as session:
        sections = [f"/c/{section.slug}" for section in categories.open_categories(session)]
        previews = [f"/feeds/{state.slug}" for state in feeds.open_states(session)]
    return _xml(documents.pages(["/", "/feeds/", *sections, *previews], house().site))


@sitemaps.get("/news-sitemap.xml")
def news() -> Response:
    """The articles of the last two days, counted back from the newest, at most 1,000."""
    with house().services.db.read() as session:
        found = stored.news(session)
    return _xml(documents.news(found, house().site))


@sitemaps.get("/robots.txt")
def robots() -> Response:
    """What robots may read, and where the sitemaps are."""
    return Response(documents.robots(house().site), mimetype="text/plain")


def _xml(text: str) -> Response:
    return Response(text, content_type=XML)
