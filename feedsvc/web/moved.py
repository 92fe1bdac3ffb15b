"""Addresses of feeds and sections that have another name now, or are no more."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from feedsvc.store import former_names
from feedsvc.web.house import house
from feedsvc.web.reply import refusal
from feedsvc.web.slugs import is_slug
from feedsvc.web.variants import CORS

# A name may be taken back by its own feed, so nobody is to keep the way for good.
KEPT = "public, max-age=3600"
# What a query may say of a document; anything else is none of ours and is not handed on.
_NUMBERS = ("since", "before", "part")


def moved(slug: str, prefix: str, suffix: str = "") -> Response | None:
    """Return the way (301) from a former name to `{prefix}{name of today}{suffix}`; None where it is none.

    The address is made of settings and stored names only, and of a query's own numbers.
    """
    if not is_slug(slug):
        return None
    with house().services.db.read() as session:
        name = former_names.current(session, slug)
    if name is None:
        return None
    return led_to(f"{prefix}{name}{suffix}")


def led_to(path: str, query: str | None = None) -> Response:
    """Lead to a path of ours (301), percent-encoded, and a query of ours; None: the numbers asked with."""
    query = _query() if query is None else query
    response = Response(status=301)
    response.headers["Location"] = f"{house().site.base_url}{path}{query}"
    response.headers["Cache-Control"] = KEPT
    # A browser may be shown another answer at the same address (see `web.feeds`).
    response.vary.add("Sec-Fetch-Dest")
    response.headers.extend(CORS)
    return response


def gone() -> Response:
    """Say that a feed is no more, for good: readers then stop asking (410). Nothing asked for is repeated."""
    response = refusal("feed_retired", 410)
    response.headers["Cache-Control"] = KEPT
    response.vary.add("Sec-Fetch-Dest")
    response.headers.extend(CORS)
    return response


def _query() -> str:
    given = request.args
    kept = {name: given[name] for name in _NUMBERS if _is_number(given.get(name, ""))}
    if "raw" in given:
        kept["raw"] = "1"
    return f"?{urlencode(kept)}" if kept else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
