"""Feeds of a source, tag or author, and of a search: made when somebody asks, then kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from urllib.parse import quote

from flask import Blueprint, Response, request

from feedsvc.curate.finding import index_some
from feedsvc.domain.feed import FORMATS, FeedDocument, FeedState, Format
from feedsvc.errors import NotFound, StoreError
from feedsvc.i18n.catalogue import translate
from feedsvc.publish.asked import Query
from feedsvc.store import categories, cursor, feeds, labels
from feedsvc.text.labels import canonical_label
from feedsvc.web.feeds import BEYOND, feed_page
from feedsvc.web.house import house
from feedsvc.web.kept import Refused, Stamp
from feedsvc.web.moved import led_to
from feedsvc.web.negotiation import VARY, choose_representation
from feedsvc.web.pages import plain, visitor_language
from feedsvc.web.past import beyond_the_window, is_month, of_month
from feedsvc.web.query import BadParameter, read_query
from feedsvc.web.reply import METHODS, refusal, reply, unavailable
from feedsvc.web.search_page import search_page
from feedsvc.web.slugs import is_slug
from feedsvc.web.variants import ReadyDocument, make_ready

asked = Blueprint("asked", __name__)

KINDS = (labels.SOURCES, labels.TAGS, labels.AUTHORS)
# A second change within the same second would bear the same Last-Modified.
SETTLED = timedelta(seconds=1)


def named_document(kind: str, name: str, format: Format) -> Response:
    """The feed of a source, tag or author in one format, or what lies beyond its window."""
    slug = _spelt(kind, name)
    if slug != f"{kind}/{name}":
        return _moved(slug, f".{format}")
    if request.args.keys() & BEYOND:
        return beyond_the_window(slug, format)
    if _is_for_a_person():
        return _page(slug)
    return _kept(_Named(slug, format))


def named(kind: str, name: str) -> Response:
    """The same without a format: the page for people, for a reader what it asks for."""
    slug = _spelt(kind, name)
    if slug != f"{kind}/{name}":
        return _moved(slug, "")
    format = choose_representation(
        request.headers.get("Accept"), request.headers.get("Sec-Fetch-Dest")
    )
    response = feed_page(slug) if format is None else _kept(_Named(slug, format))
    response.vary.update(VARY)
    return response


def named_archive(kind: str, name: str, month: str, format: Format) -> Response:
    """One part of the articles of one month of a source, tag or author."""
    slug = _spelt(kind, name)
    if slug != f"{kind}/{name}" and is_month(month):
        return _moved(slug, f"/{month}.{format}")
    return of_month(slug, month, format)


# A rule for each kind, so that none of these is ever taken for a category with that name.
for _kind in KINDS:
    _address = f"/feeds/{_kind}/<name>"
    for _rule, _view in (
        (f"{_address}.<any({', '.join(FORMATS)}):format>", named_document),
        (f"{_address}/<month>.<any({', '.join(FORMATS)}):format>", named_archive),
        (_address, named),
    ):
        asked.add_url_rule(
            _rule,
            f"{_view.__name__}_{_kind}",
            _view,
            defaults={"kind": _kind},
            methods=METHODS,
            provide_automatic_options=False,
            strict_slashes=True,
        )


@asked.get("/feeds/search")
def search() -> Response:
    """A search for people: its finds, and how to subscribe to them."""
    return search_page()


@asked.route(
    "/feeds/search.<any(rss, atom, json):format>",
    methods=METHODS,
    provide_automatic_options=False,
    strict_slashes=True,
)
def search_document(format: Format) -> Response:
    """A search as a feed, at the one address that it has."""
    if _is_for_a_person():
        response = search_page()
        response.vary.add("Sec-Fetch-Dest")
        return response
    given = request.query_string.decode("latin-1")
    try:
        query = read_query(given)
    except BadParameter as bad:
        words = translate(visitor_language(), "web.problem.bad_parameter", name=bad.name)
        return plain(words, status=400)
    if f"?{given}" != query.text and "raw" not in request.args:
        return led_to(f"/feeds/search.{format}", query.text)
    return _kept(_Found(query, format))


@dataclass(frozen=True, slots=True)
class _Named:
    """Makes the document of a source, tag or author."""

    slug: str
    format: Format

    @property
    def address(self) -> str:
        return f"{self.slug}.{self.format}"

    def stamp(self) -> Stamp:
        with house().services.db.read() as session:
            state = feeds.state(session, self.slug)
            titles = tuple((one.slug, one.title) for one in categories.all_categories(session))
        return Stamp((state.cursor, state.updated_at, titles, _is_settled(state)))

    def admit(self) -> None:
        """Anybody: there are as many of these as there are names, and a name costs one look."""

    def make(self) -> ReadyDocument:
        document = house().asked.named(self.slug, self.format)
        return make_ready(document, house().site.base_url, dated=_is_settled(document))


@dataclass(frozen=True, slots=True)
class _Found:
    """Makes the document of a search."""

    query: Query
    format: Format
    peer: str = field(default_factory=lambda: request.remote_addr or "")

    @property
    def address(self) -> str:
        return f"search.{self.format}{self.query.text}"

    def stamp(self) -> Stamp:
        """A withdrawal or correction is obeyed at once; a new find may take half a minute."""
        with house().services.db.read() as session:
            titles = tuple((one.slug, one.title) for one in categories.all_categories(session))
            return Stamp((labels.last_correction(session), titles), cursor.latest(session))

    def admit(self) -> None:
        if seconds := house().searchers.take(self.peer):
            raise Refused(seconds)

    def make(self) -> ReadyDocument:
        index_some(house().services.db)
        document = house().asked.found(self.query, self.format)
        # What vanished since has no date of its own, so only the ETag says whether it is the same.
        return make_ready(document, house().site.base_url, dated=False, query=self.query.text)


def _kept(maker: _Named | _Found) -> Response:
    try:
        ready = house().kept.find(maker.address, maker)
    except NotFound:
        return refusal("no_feed", 404)
    except StoreError:
        return unavailable()
    except Refused as refused:
        response = refusal("too_many", 429, retry_after=ceil(refused.seconds))
        response.headers["Cache-Control"] = "no-store"
        return response
    return reply(ready)


def _is_settled(stands: FeedState | FeedDocument) -> bool:
    at = stands.updated_at if isinstance(stands, FeedState) else stands.last_modified
    return at.replace(microsecond=0) + SETTLED <= house().services.clock()


def _is_for_a_person() -> bool:
    return request.headers.get("Sec-Fetch-Dest") == "document" and "raw" not in request.args


def _page(slug: str) -> Response:
    response = feed_page(slug)
    response.vary.add("Sec-Fetch-Dest")
    return response


def _spelt(kind: str, name: str) -> str:
    """Return the feed's slug in its one spelling; raises `NotFound` for what cannot be a name."""
    spelt = canonical_label(name)
    if spelt is None or (kind == labels.SOURCES and not is_slug(spelt)):
        raise NotFound("name", "cannot be a name of ours")
    return f"{kind}/{spelt}"


def _moved(slug: str, rest: str) -> Response:
    """Lead to the one spelling of a name that is known."""
    with house().services.db.read() as session:
        feeds.state(session, slug)
    return led_to(f"/feeds/{quote(slug)}{rest}")
