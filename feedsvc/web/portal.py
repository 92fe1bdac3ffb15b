"""The portal's pages: front page, category, article, and the static files they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from flask import Blueprint, Response

from feedsvc.domain.feed import Category, Selection
from feedsvc.errors import NotFound
from feedsvc.store import articles, categories, clusters, feeds, pictures, pins
from feedsvc.store.feeds import EVERYTHING
from feedsvc.web import present
from feedsvc.web.answer import A_DAY, IMMUTABLE
from feedsvc.web.assets import STABLE
from feedsvc.web.house import house
from feedsvc.web.metadata import metadata
from feedsvc.web.moved import moved
from feedsvc.web.pages import Frame, page, visitor_links
from feedsvc.web.slugs import require_slug

portal = Blueprint("portal", __name__)

FRONT_PAGE = 30
CATEGORY_PAGE = 50
ASIDE = 8


@portal.get("/")
def home() -> Response:
    """The latest articles and the categories."""
    with house().services.db.read() as session:
        sections = categories.open_categories(session)
        pinned = pins.of(session, EVERYTHING)
        kept = articles.by_ids(session, list(pinned))
        latest = articles.latest(session, limit=FRONT_PAGE)
    site = house().site
    return page(
        "home.html",
        Frame(title=site.title, canonical=f"{site.base_url}/", categories=sections),
        {"cards": present.cards([*kept, *latest], pinned)},
    )


@portal.get("/c/<slug>")
def category(slug: str) -> Response:
    """The latest articles of one category."""
    with house().services.db.read() as session:
        section = categories.get(session, require_slug(slug))
        sections = categories.open_categories(session)
        state = feeds.state(session, section.slug)
        pinned = pins.of(session, section.slug)
        kept = articles.by_ids(session, list(pinned))
        latest = articles.latest(
            session, selection=Selection(category=section.slug), limit=CATEGORY_PAGE
        )
    if section.slug != slug and (way := moved(slug, "/c/")) is not None:
        return way
    frame = Frame(
        title=section.title,
        path=f"/c/{slug}",
        description=section.description,
        canonical=f"{house().site.base_url}/c/{slug}",
        feed=_feed_beside(slug, sections),
        feed_title=section.title,
        categories=sections,
    )
    return page(
        "category.html",
        frame,
        {
            "section": section,
            "ended": present.farewell(state),
            "cards": present.cards([*kept, *latest], pinned),
        },
    )


# The bound is that of the smallest key column a database gives us: larger numbers name nothing.
@portal.get("/a/<int(max=2147483647):article_id>")
def article(article_id: int) -> Response:
    """One article; a withdrawn one is 410 and a notice, a held one does not exist yet."""
    with house().services.db.read() as session:
        found = articles.get(session, article_id)
        if found.status == "held" or not found.public:
            raise NotFound(f"article {article_id}", "is not published")
        [found] = pictures.illustrated(session, [found])
        revisions = articles.revisions(session, article_id)
        cluster = clusters.clusters_of(session, [article_id])[article_id]
        sections = categories.open_categories(session)
        latest = articles.latest(session, limit=ASIDE + 1)
        alike = articles.latest(
            session, selection=Selection(category=found.category), limit=ASIDE + 1
        )
    aside = {
        "latest": present.others(latest, article_id, ASIDE),
        "recommended": present.others(alike, article_id, ASIDE),
    }
    if found.status == "withdrawn":
        notice = present.notice(found)
        frame = _article_frame(notice, found.id, sections)
        return page("withdrawn.html", frame, {"notice": notice, **aside}, status=410)
    view = present.page(found, revisions, cluster, media_url=visitor_links().media())
    own = f"{house().site.base_url}/a/{article_id}"
    frame = replace(
        _article_frame(view, found.id, sections),
        description=view.description,
        canonical=view.origin_url or own,
        indexed=True,
    )
    said = metadata(view, house().site, own)
    return page("article.html", frame, {"article": view, "metadata": said, **aside})


def _article_frame(
    view: present.Page | present.Notice, article_id: int, sections: list[Category]
) -> Frame:
    """The frame of an article's address, as a notice needs it: neither described nor indexed."""
    return Frame(
        title=view.title,
        path=f"/a/{article_id}",
        feed=_feed_beside(view.category, sections),
        feed_title=view.category_title,
        categories=sections,
        indexed=False,
    )


def _feed_beside(category: str, sections: Sequence[Category]) -> str:
    """The feed that a browser may subscribe to on a section's pages: everything's, where it has none."""
    return category if any(each.slug == category for each in sections) else EVERYTHING


@portal.get("/static/<name>")
def static_file(name: str) -> Response:
    """A static file under the address that carries its hash; a feed's picture under its own name."""
    asset = house().assets.served(name)
    if asset is None:
        raise NotFound("static file", "no such file")
    response = Response(asset.body, content_type=asset.media_type)
    stable = PurePath(name).suffix in STABLE
    response.headers["Cache-Control"] = A_DAY if stable else IMMUTABLE
    return response
