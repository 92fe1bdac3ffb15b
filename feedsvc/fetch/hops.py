"""The redirect loop's decisions: where an answer sends us, and whether we follow. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_from_bytes, urljoin

from feedsvc.errors import BadUrl, RedirectFailed
from feedsvc.fetch.exchange import Hop
from feedsvc.fetch.target import FORBIDDEN, Target, read_target, shown

_AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
_NOT_ASCII = re.compile(r"[\x80-\xff]+")


def next_target(
    current: Target, location: str | None, *, hops: Sequence[Hop], subject: str
) -> Target:
    """Where to go from `current`, the last of `hops`; raises `RedirectFailed` with the reason why not.

    `location` is the header's value decoded as Latin-1. Fragments are dropped. An answer over
    https never sends us to http, where anybody on the way could change it.
    """
    if not location:
        raise RedirectFailed(subject, "the answer is a redirect that does not say where to")
    escaped = _escaped(location)
    try:
        # Joining would drop what read_target() refuses.
        found = read_target(escaped if FORBIDDEN.search(escaped) else urljoin(current.url, escaped))
    except (BadUrl, ValueError) as error:
        why = error.cause if isinstance(error, BadUrl) else "the URL cannot be read"
        raise RedirectFailed(subject, f"redirected to {shown(location)}, but {why}") from error
    if current.scheme == "https" and found.scheme == "http":
        raise RedirectFailed(subject, f"redirected from https to http, {shown(found.url)}")
    if any(hop.url == found.url for hop in hops):
        raise RedirectFailed(subject, f"redirected in a circle, to {shown(found.url)} again")
    return found


def _escaped(location: str) -> str:
    """Percent-encode the raw bytes that many sites put there, whatever their charset, as browsers do."""
    authority = _AUTHORITY.match(location)
    if authority is None:
        return _NOT_ASCII.sub(_percent, location)
    # A host is a name, not bytes: UTF-8, or nothing that can be resolved.
    named = authority.group().encode("latin-1", "replace").decode("utf-8", "replace")
    return named + _NOT_ASCII.sub(_percent, location[authority.end() :])


def _percent(found: re.Match[str]) -> str:
    return quote_from_bytes(found.group().encode("latin-1"))
