"""The reader that a visitor chose: asked by a plain form, kept in a cookie, read by pages alone.

The cookie says which reader, and nothing of the visitor. It is set by this one act; feed documents
neither set nor read it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from feedsvc.web import readers
from feedsvc.web.house import house
from feedsvc.web.pages import READER_COOKIE, visitor_links
from feedsvc.web.slugs import is_slug

subscribing = Blueprint("subscribing", __name__)

A_YEAR = 365 * 86_400


@subscribing.get("/subscribe")
def choose() -> Response:
    """Remember `reader` (with `own`, where it is one's own), or forget it (`none`); back to where one was.

    The way back is a feed's name and never an address, so that nobody is sent elsewhere. Other
    sites cannot choose for a visitor: what their pages ask for changes nothing.
    """
    slug = request.args.get("reader", "")
    choice = readers.choose(slug, request.args.get("own", ""))
    response = Response(status=303)
    response.headers["Location"] = _back(unclear=choice is None and slug in readers.BY_SLUG)
    response.headers["Cache-Control"] = "no-store"
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return response
    if choice is not None:
        _set(response, readers.value_of(choice), A_YEAR)
    elif slug == "none":
        _set(response, "", 0)
    return response


def _back(*, unclear: bool) -> str:
    feed = request.args.get("feed", "")
    address = visitor_links().page(f"/feeds/{feed}" if is_slug(feed) else "/feeds/")
    if unclear:
        address += f"{'&' if '?' in address else '?'}unclear=1"
    return f"{address}#reader"


def _set(response: Response, value: str, seconds: int) -> None:
    base = urlsplit(house().site.base_url)
    response.set_cookie(
        READER_COOKIE,
        value,
        max_age=seconds,
        path=f"{base.path}/",
        secure=base.scheme == "https",
        httponly=True,
        samesite="Lax",
    )
