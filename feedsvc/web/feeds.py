"""The subscription centre: feeds shown to people, and the answer for documents that memory does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, request

from feedsvc.domain.feed import Category, FeedState, Format
from feedsvc.errors import NotFound, StoreError
from feedsvc.i18n.catalogue import translate
from feedsvc.publish.directory import directory as opml
from feedsvc.store import categories
from feedsvc.store import feeds as stored
from feedsvc.store.feeds import Window
from feedsvc.web import present
from feedsvc.web.house import house
from feedsvc.web.moved import gone, moved
from feedsvc.web.negotiation import VARY, choose_representation
from feedsvc.web.pages import Frame, page, visitor_language
from feedsvc.web.past import beyond_the_window
from feedsvc.web.reply import METHODS, refusal, reply, unavailable
from feedsvc.web.slugs import require_slug
from feedsvc.web.standing import standings

feeds = Blueprint("feeds", __name__)

PREVIEW = Window(least=30, hours=0, most=30)
# Seconds after which a reader may ask again for a document that is not there yet.
PENDING_RETRY = 5
OPML_TYPE = "text/x-opml; charset=utf-8"
# What a query asks for that the window does not show.
BEYOND = {"since", "before"}


@feeds.get("/feeds/")
def overview() -> Response:
    """All feeds with their addresses."""
    with house().services.db.read() as session:
        sections = categories.open_categories(session)
        states = sorted(stored.open_states(session), key=_everything_first)
    listed = standings(house().services.db, states)
    path = "/feeds/"
    frame = Frame(
        title=translate(visitor_language(), "web.nav.feeds"),
        path=path,
        canonical=f"{house().site.base_url}{path}",
        categories=sections,
    )
    return page("feeds.html", frame, {"listed": listed, "unclear": "unclear" in request.args})


@feeds.get("/feeds.opml")
def directory() -> Response:
    """All feeds as OPML, to subscribe to at once."""
    with house().services.db.read() as session:
        states = stored.open_states(session)
    return Response(opml(states, house().site), content_type=OPML_TYPE)


@feeds.get("/feeds/<slug>")
def either(slug: str) -> Response:
    """A feed without saying in which format: the page for people, for a reader what it asks for."""
    format = choose_representation(
        request.headers.get("Accept"), request.headers.get("Sec-Fetch-Dest")
    )
    response = preview(slug) if format is None else _negotiated(slug, format)
    response.vary.update(VARY)
    return response


def _negotiated(slug: str, format: Format) -> Response:
    address = f"/feeds/{require_slug(slug)}.{format}"
    ready = house().memory.find(address)
    if ready is None or request.args.keys() & BEYOND:
        return document(slug, format)
    response = reply(ready)
    response.headers["Content-Location"] = f"{house().site.base_url}{address}"
    return response


def preview(slug: str) -> Response:
    """One feed as people see it: its addresses and its newest entries, withdrawn ones as notices."""
    require_slug(slug)
    try:
        return feed_page(slug)
    except NotFound:
        if (way := moved(slug, "/feeds/")) is not None:
            return way
        raise


def feed_page(slug: str) -> Response:
    """The same for a feed whose slug is checked; raises `NotFound`."""
    with house().services.db.read() as session:
        snapshot = stored.snapshot(session, slug, PREVIEW)
        sections = categories.open_categories(session)
    if snapshot.state.is_over:
        return retired(snapshot.state, sections)
    [standing] = standings(house().services.db, [snapshot.state])
    frame = Frame(
        title=snapshot.state.title,
        path=f"/feeds/{slug}",
        description=snapshot.state.description,
        canonical=f"{house().site.base_url}/feeds/{quote(slug)}",
        feed=slug,
        feed_title=snapshot.state.title,
        categories=sections,
    )
    values = {
        "standing": standing,
        "cards": present.cards(snapshot.articles, snapshot.pinned),
        "ended": present.farewell(snapshot.state),
        "unclear": "unclear" in request.args,
    }
    return page("feed.html", frame, values)


@feeds.route(
    "/feeds/<slug>.<any(rss, atom, json):format>",
    methods=METHODS,
    provide_automatic_options=False,
    strict_slashes=True,
)
def document(slug: str, format: Format) -> Response:
    """A document beyond the window, a browser's view of one, or one that is not in memory: 404, or 503 where there is such a feed or we cannot tell.

    Readers give a feed up at 404 and 410, so neither is ever said of one that exists. One with
    another name leads there (301), one that was retired is gone (410).
    """
    if request.args.keys() & BEYOND:
        return beyond_the_window(require_slug(slug), format)
    if request.headers.get("Sec-Fetch-Dest") == "document" and "raw" not in request.args:
        response = preview(slug)
        response.vary.add("Sec-Fetch-Dest")
        return response
    try:
        with house().services.db.read() as session:
            state = stored.state(session, require_slug(slug))
    except NotFound:
        way = moved(slug, "/feeds/", f".{format}")
        return way or refusal("no_feed", 404)
    except StoreError:
        return unavailable()
    if state.is_over:
        return gone()
    return refusal("feed_pending", 503, retry_after=PENDING_RETRY)


def retired(state: FeedState, sections: Sequence[Category]) -> Response:
    """Tell people that a feed has ended, why, and where to go on (410)."""
    frame = Frame(title=state.title, path="/feeds/", categories=sections, indexed=False)
    return page(
        "retired.html", frame, {"state": state, "ended": present.farewell(state)}, status=410
    )


def _everything_first(state: FeedState) -> tuple[bool, str]:
    return (state.slug != stored.EVERYTHING, state.slug)
