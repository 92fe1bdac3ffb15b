"""What to answer at a feed's address without a format: the page for people, or which document. Pure.

Feed readers name pages as gladly as feeds, so a tie goes to the feed (miniflux gives text/html the
same weight); a browser prefers the page by its weights, and says `Sec-Fetch-Dest: document` besides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from feedsvc.domain.feed import FORMATS, Format

VARY = ("Accept", "Sec-Fetch-Dest")
LONGEST = 1024

_RANGE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)/([!#$%&'*+.^_`|~0-9A-Za-z-]+)")
_WEIGHT = re.compile(r"[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*")
_PAGE = "text/html"
# The names under which a reader may ask for a format, its own first; any XML is RSS or Atom.
_NAMES: Mapping[Format, tuple[str, ...]] = {
    "rss": ("application/rss+xml", "application/rdf+xml", "application/xml", "text/xml"),
    "atom": ("application/atom+xml", "application/xml", "text/xml"),
    "json": ("application/feed+json", "application/json"),
}


def choose_representation(accept: str | None, fetch_destination: str | None) -> Format | None:
    """Return the format that a client is given, None for the page (RFC 9110 section 12.5.1).

    Without Accept, and where it admits anything, that is RSS, which every reader knows. Nobody is
    refused: who accepts nothing that we have gets RSS too.
    """
    if fetch_destination == "document":
        return None
    if accept is None:
        return "rss"
    return _choose(accept[:LONGEST])


@lru_cache(maxsize=256)
def _choose(accept: str) -> Format | None:
    weights = _weights(accept)
    formats = {fmt: _weight_of(weights, _NAMES[fmt]) for fmt in FORMATS}
    best = max(FORMATS, key=lambda fmt: formats[fmt])
    page = _weight(weights, _PAGE)
    return None if page > formats[best] else best


def _weight_of(weights: Mapping[str, float], names: tuple[str, ...]) -> float:
    """What a format is worth: what its own name says, else the best of the names that cover it."""
    if names[0] in weights:
        return weights[names[0]]
    return max(_weight(weights, name) for name in names)


def _weights(accept: str) -> dict[str, float]:
    """Weight per media range; what is not well-formed is left out, other parameters are not heeded."""
    weights: dict[str, float] = {}
    for element in accept.split(","):
        name, *parameters = element.split(";")
        if not _RANGE.fullmatch(name.strip(" \t")):
            continue
        found = [match[1] for each in parameters if (match := _WEIGHT.fullmatch(each))]
        weights[name.strip(" \t").lower()] = float(found[-1]) if found else 1.0
    return weights


def _weight(weights: Mapping[str, float], name: str) -> float:
    """The weight of a media type by the most specific range that covers it, 0 where none does."""
    kind = name.partition("/")[0]
    return next((weights[one] for one in (name, f"{kind}/*", "*/*") if one in weights), 0.0)
