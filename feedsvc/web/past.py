"""A feed beyond its window: `?since=`, `?before=`, and a document for every month (RFC 5005)."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from feedsvc.domain.feed import FeedDocument, Format
from feedsvc.errors import Gone, NotFound, StoreError
from feedsvc.publish.months import Month
from feedsvc.publish.past import Past
from feedsvc.web.house import house
from feedsvc.web.moved import gone, moved
from feedsvc.web.reply import METHODS, refusal, reply, unavailable
from feedsvc.web.slugs import require_slug

past = Blueprint("past", __name__)

_NUMBER = re.compile(r"[0-9]{1,18}")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@past.route(
    "/feeds/<slug>/<month>.<any(rss, atom, json):format>",
    methods=METHODS,
    provide_automatic_options=False,
    strict_slashes=True,
)
def archive(slug: str, month: str, format: Format) -> Response:
    """One part of the articles of one month; without a part the last one."""
    return of_month(require_slug(slug), month, format)


def is_month(text: str) -> bool:
    """Whether an address names a month so."""
    return _MONTH.fullmatch(text) is not None


def of_month(slug: str, month: str, format: Format) -> Response:
    """The same for a feed whose slug is checked."""
    named = _MONTH.fullmatch(month)
    part = _number("part")
    if named is None or part == 0:
        return refusal("no_feed", 404)
    if part is None and "part" in request.args:
        return refusal("bad_number", 400)
    wanted = Month(int(named[1]), int(named[2]))
    return _answered(
        slug, f"{wanted}?{part}", format, lambda of: of.month(slug, wanted, part, format)
    ) or _elsewhere(slug, f"/{wanted}.{format}")


def beyond_the_window(slug: str, format: Format) -> Response:
    """What has changed since a cursor, or what is older than an article, as the query asks.

    The slug is checked.
    """
    since, before = _number("since"), _number("before")
    response: Response | None
    if since is not None and "before" not in request.args:
        response = _answered(
            slug, f"since={since}", format, lambda of: of.since(slug, since, format)
        )
    elif before is not None and "since" not in request.args:
        response = _answered(
            slug, f"before={before}", format, lambda of: of.older(slug, before, format)
        )
    else:
        return refusal("bad_number", 400)
    return response or _elsewhere(slug, f".{format}")


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if _NUMBER.fullmatch(value) else None


def _answered(
    slug: str, part: str, format: Format, make: Callable[[Past], FeedDocument]
) -> Response | None:
    """Answer with a document of the past; None where there is no such feed, or nothing of it."""
    try:
        ready = house().past.find(f"{slug}.{format}/{part}", make)
    except Gone:
        return gone()
    except NotFound:
        return None
    except StoreError:
        return unavailable()
    return reply(ready)


def _elsewhere(slug: str, suffix: str) -> Response:
    """Lead to the feed under its name of today, where this is a former one."""
    return moved(slug, "/feeds/", suffix) or refusal("no_feed", 404)
