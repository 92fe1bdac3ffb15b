"""What other rules would change, field by field. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from feedsvc.domain.article import Article, Content, Draft
from feedsvc.domain.decision import Decision, New, Referred, Updated, Withdrawn
from feedsvc.text.html import plain_text

SAMPLES = 3
# Characters of a long text shown before and after the place where it begins to differ.
AROUND = 30
SHOWN = 120
FIELDS = tuple(each.name for each in fields(Content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One article in which a field differs; long texts from a little before where they differ."""

    article: int
    title: str
    before: str
    after: str


@dataclass(slots=True, kw_only=True)
class FieldDifference:
    """One field: in how many articles it would change, and of these, appear or go."""

    changed: int = 0
    filled: int = 0
    emptied: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All drafts beside what is stored.

    `shielded` articles would change but for an editor's words or withdrawal. `referred` say what
    an editor or the partner's next poll decides on (a withdrawal, say); rules change nothing there.
    `published` is the number of articles whose time of publication reads otherwise; it is never
    changed.
    """

    compared: int
    unchanged: int
    changed: int
    new: int
    referred: int
    shielded: int
    published: int
    fields: dict[str, FieldDifference]


def compare(decisions: Sequence[Decision]) -> Difference:
    """Compare what is stored with what the decisions would make of it."""
    counts: Counter[str] = Counter()
    found = {name: FieldDifference() for name in FIELDS}
    for decision in decisions:
        counts[_outcome(decision)] += 1
        if isinstance(decision, New) or decision.known is None:
            continue
        article = decision.known.article
        counts["published"] += _reads_otherwise(decision.draft, article)
        counts["shielded"] += _is_shielded(decision.draft, article)
        if isinstance(decision, Updated):
            _note(article, decision.content, found)
    return Difference(
        compared=len(decisions),
        unchanged=counts["unchanged"],
        changed=counts["changed"],
        new=counts["new"],
        referred=counts["referred"],
        shielded=counts["shielded"],
        published=counts["published"],
        fields={name: each for name, each in found.items() if each.changed},
    )


def _outcome(decision: Decision) -> str:
    if isinstance(decision, New):
        return "new"
    if isinstance(decision, Updated):
        return "changed"
    return "referred" if isinstance(decision, Referred | Withdrawn) else "unchanged"


def _reads_otherwise(draft: Draft, article: Article) -> bool:
    return draft.published_precision != "none" and draft.published_at != article.published_at


def _is_shielded(draft: Draft, article: Article) -> bool:
    if article.status == "withdrawn":
        return draft.content != article.content
    return any(
        getattr(draft.content, name) != getattr(article.content, name)
        for name in article.edited_fields
        if name in FIELDS
    )


def _note(article: Article, content: Content, found: dict[str, FieldDifference]) -> None:
    for name, difference in found.items():
        before, after = getattr(article.content, name), getattr(content, name)
        if before == after:
            continue
        difference.changed += 1
        difference.filled += not before
        difference.emptied += not after
        if len(difference.samples) < SAMPLES:
            shown = _shown(name, before, after)
            difference.samples.append(
                Sample(article=article.id, title=content.title, before=shown[0], after=shown[1])
            )


def _shown(name: str, before: object, after: object) -> tuple[str, str]:
    old, new = _words(name, before), _words(name, after)
    if old == new:
        # Only the markup differs.
        old, new = str(before), str(after)
    start = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other),
        min(len(old), len(new)),
    )
    start = max(0, start - AROUND)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + SHOWN]
    return f"{'…' if start else ''}{part}{'…' if start + SHOWN < len(text) else ''}"


def _words(name: str, value: object) -> str:
    if value is None:
        return ""
    if name == "body_html":
        return " ".join(plain_text(str(value)).split())
    if isinstance(value, tuple):
        return "、".join(str(each) for each in value)
    return str(value)
