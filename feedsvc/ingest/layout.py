"""Whether a list and its article pages still look as they used to. Pure: values in, words out.

What is compared is what a poll read: how many rows, with titles and dates, and what was found on
the article pages behind them. Each reason needs evidence that a quiet day or a short list does not
give: fewer rows alone are none, rows that we know and that now stand elsewhere on the page are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from feedsvc.domain.item import Item
from feedsvc.domain.layout import Profile
from feedsvc.domain.parsed import ListedLink, ParsedList, Rejection
from feedsvc.text.html import plain_text
from feedsvc.text.urls import canonical

# So many rows, or pages, tell how a source looks.
LEAST_ROWS = 5
LEAST_PAGES = 3
# The weight of the newest poll in an average.
WEIGHT = 0.2
# A share that was always high and has fallen below this is no accident.
HIGH, FALLEN = 0.8, 0.4
# A list this much shorter than usual is looked at closely.
SHORT = 0.75
# Known rows elsewhere on the page: so many, and this share of those listed before.
LEAST_ELSEWHERE, ELSEWHERE_SHARE = 3, 0.25
FIELDS = ("published_at", "attribution")
# Learned beside the fields: whether a page could be read, and whether the rule for its title matched.
READ, RULED = "read", "title_rule"
# Pages enough to say that something always was so.
MANY_PAGES, ALWAYS = 20, 0.99
_WORDLESS = re.compile(r"[\W_]+")
_PAGE_FAULTS = frozenset({"rules_mismatch", "broken_document"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLook:
    """One look at a list; `elsewhere` of the `listed_before` rows stand outside of what the rules read."""

    rows: int
    titled: float
    distinct: float
    dated: float
    title_chars: float
    paged: bool
    listed_before: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLook:
    """One look at an article page; `row_title` is "" where the page is not listed now."""

    link: str
    title: str = ""
    row_title: str = ""
    chars: int = 0
    fields: frozenset[str] = frozenset()
    failed: bool = False


def look_at_list(page: ParsedList) -> ListLook:
    """Measure one list page."""
    rows = page.links
    titles = [row.title for row in rows if row.title]
    count = len(rows) or 1
    return ListLook(
        rows=len(rows),
        titled=len(titles) / count,
        distinct=len(set(titles)) / (len(titles) or 1),
        dated=sum(row.published_at is not None for row in rows) / count,
        title_chars=sum(map(len, titles)) / (len(titles) or 1),
        paged=page.next_url is not None,
    )


def look_at_pages(
    items: Sequence[Item], rejections: Sequence[Rejection], rows: Sequence[ListedLink]
) -> list[PageLook]:
    """Measure the article pages that a poll read; what only marks a withdrawal is no page."""
    titles = {canonical(row.link): row.title for row in rows}
    looks = [
        PageLook(
            link=item.link,
            title=item.title,
            row_title=titles.get(canonical(item.link), ""),
            chars=len(plain_text(item.content_html)),
            fields=_found(item),
        )
        for item in items
        if item.link and (item.marker is None or item.marker.status != "withdrawn")
    ]
    failed = [
        PageLook(link=each.subject, failed=True) for each in rejections if each.kind in _PAGE_FAULTS
    ]
    return looks + failed


def list_reasons(profile: Profile, look: ListLook) -> list[str]:
    """Return why a list looks wrong: rows, dates, titles, paging; empty for one that looks as usual."""
    if profile.rows_seen < LEAST_ROWS or not look.rows:
        return []
    reasons = []
    if look.elsewhere >= max(LEAST_ELSEWHERE, ELSEWHERE_SHARE * look.listed_before):
        reasons.append("rows")
    if profile.dated >= HIGH and look.dated < FALLEN:
        reasons.append("dates")
    if _titles_fell(profile, look):
        reasons.append("titles")
    as_long = look.rows >= HIGH * profile.rows
    if profile.paged >= HIGH and profile.polls > 1 and not look.paged and as_long:
        reasons.append("paging")
    return reasons


def page_reasons(
    profile: Profile, looks: Sequence[PageLook], remembered: Sequence[str]
) -> list[str]:
    """Return why article pages look wrong: pages, texts, or the name of a field that went missing.

    `remembered` are bad pages of the polls before: several different ones are evidence, one is not.
    """
    if profile.pages < LEAST_PAGES or not looks:
        return []
    bad = bad_links(profile, looks)
    reasons = []
    if len(bad | set(remembered)) >= _telling(profile) and 2 * len(bad) >= len(looks):
        reasons.append("pages")
    whole = [look for look in looks if not look.failed]
    if len(whole) < LEAST_PAGES:
        return reasons
    if median(look.chars for look in whole) < WEIGHT * profile.body_chars:
        reasons.append("texts")
    for name in FIELDS:
        share = sum(name in look.fields for look in whole) / len(whole)
        if profile.fields.get(name, 0.0) >= HIGH and share < FALLEN:
            reasons.append(name)
    return reasons


def bad_links(profile: Profile, looks: Sequence[PageLook]) -> set[str]:
    """Return the pages that cannot be published as they were read: no text, or not their own title."""
    titles = Counter(look.title for look in looks)
    most = max(LEAST_PAGES, len(looks) / 2)
    often = {title for title, times in titles.items() if times >= most}
    return {look.link for look in looks if _is_bad(profile, look, often)}


def learn(profile: Profile, look: ListLook | None, looks: Sequence[PageLook]) -> Profile:
    """Return the profile with one more poll in it."""
    if look is not None and look.rows:
        share = 1.0 if not profile.polls else WEIGHT
        profile = replace(
            profile,
            polls=profile.polls + 1,
            rows_seen=profile.rows_seen + look.rows,
            rows=_towards(profile.rows, look.rows, share),
            titled=_towards(profile.titled, look.titled, share),
            distinct=_towards(profile.distinct, look.distinct, share),
            dated=_towards(profile.dated, look.dated, share),
            title_chars=_towards(profile.title_chars, look.title_chars, share),
            paged=_towards(profile.paged, float(look.paged), share),
        )
    for page in looks:
        profile = _learn_page(profile, page)
    return profile


def _learn_page(profile: Profile, look: PageLook) -> Profile:
    share = max(WEIGHT / 2, 1 / (profile.pages + 1))
    if look.failed:
        read = _towards(profile.fields.get(READ, 1.0), 0.0, share)
        return replace(profile, fields={**profile.fields, READ: read})
    agree = profile.agree
    if look.row_title:
        agree = _towards(agree, float(alike(look.row_title, look.title)), share)
    return replace(
        profile,
        pages=profile.pages + 1,
        body_chars=_towards(profile.body_chars, look.chars, share),
        agree=agree,
        fields={
            name: _towards(profile.fields.get(name, 0.0), float(name in look.fields), share)
            for name in (*FIELDS, READ, RULED)
        },
    )


def alike(row_title: str, title: str) -> bool:
    """Whether a list's headline and a page's are of one article; lists shorten and pages add."""
    row, page = _folded(row_title), _folded(title)
    if not row or not page:
        return False
    if row in page or page in row:
        return True
    pairs, others = _pairs(row), _pairs(page)
    return 2 * len(pairs & others) >= min(len(pairs), len(others))


def _titles_fell(profile: Profile, look: ListLook) -> bool:
    if profile.titled < HIGH:
        return False
    if look.titled < FALLEN:
        return True
    repeated = profile.distinct >= HIGH and look.distinct < FALLEN and look.rows >= LEAST_ROWS
    strange = not 0.35 * profile.title_chars <= look.title_chars <= 2.5 * profile.title_chars
    return repeated or (strange and look.rows >= LEAST_PAGES)


def _telling(profile: Profile) -> int:
    """How many bad pages are evidence: two where every page was fine so far, more where some never were."""
    flawless = min(profile.fields.get(READ, 1.0), profile.agree) >= ALWAYS
    if profile.pages >= MANY_PAGES:
        return 2 if flawless else 4
    return 3 if flawless else 5


def _is_bad(profile: Profile, look: PageLook, often: set[str]) -> bool:
    if look.failed:
        return profile.fields.get(READ, 1.0) >= HIGH
    ruled = RULED in look.fields or profile.fields.get(RULED, 0.0) < HIGH
    if not ruled or not look.title:
        return True
    if look.title in often and not alike(look.row_title, look.title):
        return True
    disagrees = bool(look.row_title) and not alike(look.row_title, look.title)
    return disagrees and profile.agree >= HIGH


def _found(item: Item) -> frozenset[str]:
    unruled = any(
        repair.kind == "rule_unmatched" and repair.detail == "page.title" for repair in item.repairs
    )
    fields = {name for name in FIELDS if getattr(item, name)}
    return frozenset(fields | {READ} | (set() if unruled else {RULED}))


def _towards(old: float, new: float, share: float) -> float:
    return old + (new - old) * share


def _folded(title: str) -> str:
    return _WORDLESS.sub("", title).casefold()


def _pairs(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)}
