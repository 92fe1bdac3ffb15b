"""Where an item came from before it came to the feed that we read: origin, credits and rights.

A feed may pass on what others published. The origin that it names is kept, not replaced by the feed
between; see docs/feeds.md for the words that we write ourselves, which are read back here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedsvc.domain.item import Dateline
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.words import RDF, Found, Reading, children_of, inner_text, text_of
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import is_address

_LONGEST_IN_DATELINE = 60
# DCMI boxes and periods (name=…; start=…) and addresses of places are no words that stood in a dateline.
_CODED = re.compile(r"=|://")
PROVENANCE = frozenset(
    {"dc:publisher", "dcterms:publisher", "dc:source", "dcterms:source", "source", "atom:source"}
    | {"atom:rights", "dc:rights", "dcterms:rights", "media:copyright", "cc:license", "atom:link"}
    | {"dcterms:alternative", "dcterms:provenance", "dc:language"}
    | {"dcterms:spatial", "dcterms:temporal", "dcterms:mediator"}
)


def read_provenance(told: Told, found: Found, reading: Reading) -> None:
    """Add to what an item tells all that it says of its origin."""
    for name in ("dc:source", "dcterms:source"):
        said = text_of(found, name).strip()
        if is_address(said):
            told.origin = told.origin or said
    names = [name for name in _publishers(found, reading) if not is_address(name)]
    others = [name for name in names if name not in reading.own_names]
    told.attribution = next(iter(others or names), "")
    told.rights = next(_rights(found, reading), "")
    told.original_title = text_of(found, "dcterms:alternative")
    told.credit_line = text_of(found, "dcterms:provenance")
    told.dateline = _dateline(found)
    told.language = text_of(found, "dc:language")


def _publishers(found: Found, reading: Reading) -> Iterator[str]:
    """Who published it, the nearest to the origin first."""
    for name in ("dc:publisher", "dcterms:publisher", "dc:source", "dcterms:source", "source"):
        for element in found.get(name, ()):
            if said := one_line(inner_text(element)):
                yield said
    for source in found.get("atom:source", ()):
        if said := one_line(text_of(children_of(source, reading.names), "atom:title")):
            yield said


def _rights(found: Found, reading: Reading) -> Iterator[str]:
    """The item's rights in words, else its licence, else those of the feed it came from."""
    if said := text_of(found, "atom:rights", "dc:rights", "dcterms:rights", "media:copyright"):
        yield said
    for element in found.get("cc:license", ()):
        if said := inner_text(element).strip() or element.get(f"{RDF}resource", ""):
            yield said
    for link in found.get("atom:link", ()):
        if link.get("rel") == "license" and (address := link.get("href")):
            yield address
    for source in found.get("atom:source", ()):
        if said := text_of(children_of(source, reading.names), "atom:rights"):
            yield said


def _dateline(found: Found) -> Dateline | None:
    said = [text_of(found, f"dcterms:{name}") for name in ("spatial", "temporal", "mediator")]
    place, date, agency = (
        "" if _CODED.search(each) else one_line(each, _LONGEST_IN_DATELINE) for each in said
    )
    return Dateline(place=place, date=date, agency=agency) if place or date or agency else None
