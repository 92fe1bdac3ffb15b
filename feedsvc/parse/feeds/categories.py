"""What an item is filed under: its tags, and among them the mark that a machine made it.

A category of the feed's own house (its scheme is the folder of all our feeds) is where the feed before
us filed the item, not a tag: reposted, each hop would add its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from feedsvc.domain.item import AiLabel
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.words import Found, Reading, inner_text

# IPTC's vocabulary of where a work comes from, the established word for what GB 45438-2025 asks.
DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
LABELS: Mapping[str, AiLabel] = {
    "trainedAlgorithmicMedia": "generated",
    "compositeWithTrainedAlgorithmicMedia": "assisted",
}


def read_categories(told: Told, found: Found, reading: Reading) -> None:
    """Add to what an item tells its tags, in order, and its AI label where it bears one."""
    filed: list[tuple[str, str, str]] = []
    for each in found.get("category", ()):
        words = inner_text(each)
        filed.append((each.get("domain") or "", words, words))
    for each in found.get("atom:category", ()):
        term = each.get("term") or ""
        filed.append((each.get("scheme") or "", term, each.get("label") or term))
    filed += [("", words, words) for words in map(inner_text, found.get("dc:subject", ()))]
    told.categories = [
        words
        for scheme, _, words in filed
        if not (scheme and (scheme.strip() == DIGITAL_SOURCE or reading.is_house(scheme.strip())))
    ]
    for scheme, term, _ in filed:
        if scheme.strip() == DIGITAL_SOURCE:
            told.ai_label = LABELS.get(term.strip(), told.ai_label)
