"""A search for people: what it finds, and how to subscribe to it."""

from __future__ import annotations

from math import ceil

from flask import Response, request

from feedsvc.curate.finding import index_some
from feedsvc.domain.feed import FORMATS, MEDIA_TYPES
from feedsvc.i18n.catalogue import translate
from feedsvc.publish.asked import Query
from feedsvc.store import articles, categories, found
from feedsvc.web import present
from feedsvc.web.house import house
from feedsvc.web.links import FORMAT_NAMES, Address
from feedsvc.web.pages import Frame, page, visitor_language
from feedsvc.web.query import LONGEST_WORDS, BadParameter, read_query

SHOWN = 30


def search_page() -> Response:
    """Return the page: the finds of a query, or only the field to search by where it has none."""
    language = visitor_language()
    try:
        query = read_query(request.query_string.decode("latin-1"))
    except BadParameter as bad:
        # Who has not searched yet has made no mistake.
        fresh = bad.name == "q" and not request.args.get("q", "").strip()
        words = "" if fresh else translate(language, "web.problem.bad_parameter", name=bad.name)
        return _page(None, [], words, status=200 if fresh else 400)
    if seconds := house().searchers.take(request.remote_addr or ""):
        response = _page(None, [], translate(language, "web.problem.too_many"), status=429)
        response.headers["Retry-After"] = str(ceil(seconds))
        return response
    return _page(query, _found(query), "")


def _found(query: Query) -> list[present.Card]:
    index_some(house().services.db)
    with house().services.db.read() as session:
        finds = articles.by_ids(session, found.found_ids(session, query.selection, SHOWN))
    return [present.card(article) for article in finds]


def _page(
    query: Query | None, cards: list[present.Card], complaint: str, *, status: int = 200
) -> Response:
    with house().services.db.read() as session:
        sections = categories.open_categories(session)
    stem = f"{house().site.base_url}/feeds/search"
    addresses = [
        Address(
            name=FORMAT_NAMES[one],
            media_type=MEDIA_TYPES[one].partition(";")[0],
            url=f"{stem}.{one}{query.text}",
        )
        for one in FORMATS
        if query is not None
    ]
    frame = Frame(
        title=translate(visitor_language(), "web.search.title"),
        path="/feeds/search",
        categories=sections,
        indexed=False,
    )
    values = {
        "words": query.selection.words if query else "",
        "query": query,
        "addresses": addresses,
        "cards": cards,
        "complaint": complaint,
        "longest": LONGEST_WORDS,
    }
    return page("search.html", frame, values, status=status)
