"""How good a list is as the list of a page's articles: marks, each with its reason in words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from feedsvc.domain.parsed import Reason
from feedsvc.parse.proposals.address import address_pattern
from feedsvc.parse.proposals.anchors import Anchor, headline_quality, width
from feedsvc.parse.proposals.groups import Group
from feedsvc.parse.proposals.place import Page, heading_penalty, place_penalty

# What speaks for a list and how much; tried on the layouts of tests/data/layouts.
ADDRESS, PATTERN, HEADLINE, DATED, SIZE, SHARE, KNOWN = 3.0, 1.0, 2.0, 2.0, 1.2, 1.5, 8.0
PLACE, HEADING = 3.0, 3.0
# A full page of a list has about so many rows.
FULL = 20
# What all marks but `known` come to for a list without a doubt; confidence is measured by it.
CERTAIN = ADDRESS + PATTERN + HEADLINE + DATED + SIZE + SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks of one group; `total` ranks it, `confidence` (0–1) says whether to rely on it."""

    total: float
    reasons: tuple[Reason, ...]
    continued: int

    @property
    def confidence(self) -> float:
        """The total against that of a list without a doubt, steeper in the middle."""
        part = self.total / CERTAIN
        return round(1 / (1 + math.exp(-9 * (part - 0.58))), 2)


def marks_of(group: Group, page: Page, dated: float) -> Marks:
    """Mark a group; `page` holds all links of the page, `dated` the share of rows with a date."""
    count = len(group.anchors)
    address = sum(anchor.likeness for anchor in group.anchors) / count
    patterns = Counter(address_pattern(anchor.url) for anchor in group.anchors)
    alike = patterns.most_common(1)[0][1] / count
    headline = sum(headline_quality(anchor.headline) for anchor in group.anchors) / count
    size = min(1.0, math.log2(count + 1) / math.log2(FULL + 1))
    share = _share(group, page)
    place = place_penalty(group.container, page)
    heading = heading_penalty(group.container, group.rows, page)
    continued = sum(anchor.known for anchor in group.anchors)
    total = (
        ADDRESS * address
        + PATTERN * alike
        + HEADLINE * headline
        + DATED * dated
        + SIZE * size
        + SHARE * share
        - PLACE * place
        - HEADING * heading
        + KNOWN * continued / count
    )
    reasons = [Reason(kind="rows", value=str(count))]
    for kind, part in (("addresses", address), ("dates", dated), ("headlines", headline)):
        if part >= 0.7:
            reasons.append(Reason(kind=kind, value=f"{part:.0%}"))
    if dated < 0.3:
        reasons.append(Reason(kind="no_dates"))
    if share >= 0.4:
        reasons.append(Reason(kind="main", value=f"{share:.0%}"))
    if place >= 0.5:
        reasons.append(Reason(kind="aside"))
    if heading >= 0.5:
        reasons.append(Reason(kind="heading"))
    if continued:
        reasons.append(Reason(kind="continued", value=str(continued)))
    return Marks(total=total, reasons=tuple(reasons), continued=continued)


def _share(group: Group, page: Page) -> float:
    """The group's share of all headlines on the page that could be articles', by their length."""
    whole = sum(_weight(anchor) for anchor in page.anchors)
    return sum(_weight(anchor) for anchor in group.anchors) / whole if whole else 0.0


def _weight(anchor: Anchor) -> float:
    return min(width(anchor.headline), 40.0) * anchor.likeness
