"""Draft + the house's filters and words → the draft as the house wants it, or a rejection. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from feedsvc.domain.article import Content, Draft
from feedsvc.domain.parsed import Rejection
from feedsvc.domain.screening import Condition, Filter, FilterField, House, HouseWord, Rewrite
from feedsvc.text.html import plain_text, replace_text, summarise
from feedsvc.text.scrub import comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the house makes of one draft, and by which of its rules.

    `blocked` is the filter that keeps it out, None where it may come in.
    """

    draft: Draft
    matched: tuple[Filter, ...] = ()
    words: tuple[HouseWord, ...] = ()
    blocked: Filter | None = None

    @property
    def rejection(self) -> Rejection | None:
        """The blocked draft as its run tells of it."""
        if self.blocked is None:
            return None
        return Rejection(
            subject=self.draft.keys.primary,
            kind="blocked_by_filter",
            message=_named(self.blocked),
        )


def screen(draft: Draft, house: House) -> Verdict:
    """Apply the filters in their order, then look for house words in what they left.

    Of `block` and `keep`, of `hold` and `publish`, and of the categories the first that matches
    counts; every matching rewrite is carried out, and later filters see its result. A word holds
    the draft whatever a filter said.
    """
    verdict = Verdict(draft=draft)
    for each in house.filters:
        if _matches(verdict.draft, each.conditions):
            verdict = _acted(verdict, each)
    if verdict.blocked is not None:
        return verdict
    words = house_words_in(verdict.draft.content, house.words)
    if words:
        reason = "、".join(word.text for word in words)
        verdict = replace(
            verdict, words=words, draft=replace(verdict.draft, policy="review", hold_reason=reason)
        )
    return verdict


def house_words_in(content: Content, words: Sequence[HouseWord]) -> tuple[HouseWord, ...]:
    """Find the house words that a content holds, white space, width and case aside."""
    if not words:
        return ()
    text = comparable(
        "\n".join(
            (content.title, content.original_title, content.summary, content.attribution,
             *content.authors, plain_text(content.body_html))
        )
    )  # fmt: skip
    return tuple(word for word in words if comparable(word.text) in text)


def holds(pattern: str, text: str) -> bool:
    """Whether the literal parts of a pattern stand in a text in their order; linear in the text."""
    text = comparable(text)
    start = 0
    for part in filter(None, map(comparable, pattern.split("*"))):
        found = text.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    return True


def _matches(draft: Draft, conditions: Iterable[Condition]) -> bool:
    return all(
        any(holds(condition.pattern, text) for text in _READ[condition.field](draft))
        for condition in conditions
    )


_READ: dict[FilterField, Callable[[Draft], Sequence[str]]] = {
    "title": lambda draft: (draft.content.title,),
    "text": lambda draft: (plain_text(draft.content.body_html),),
    "author": lambda draft: draft.content.authors,
    "attribution": lambda draft: (draft.content.attribution,),
    "tag": lambda draft: draft.content.tags,
    "link": lambda draft: (draft.link or "",),
}


def _acted(verdict: Verdict, by: Filter) -> Verdict:
    acts = {each.act for each in verdict.matched}
    verdict = replace(verdict, matched=(*verdict.matched, by))
    draft = verdict.draft
    if by.act == "block" and "keep" not in acts:
        return replace(verdict, blocked=verdict.blocked or by)
    if by.act in {"hold", "publish"} and not acts & {"hold", "publish"}:
        held = by.act == "hold"
        draft = replace(
            draft,
            policy="review" if held else "publish",
            hold_reason=_named(by) if held else "",
        )
    elif by.act == "category" and "category" not in acts:
        draft = replace(draft, category=by.category)
    elif by.rewrite is not None:
        draft = replace(draft, content=_rewritten(draft.content, by.rewrite))
    return replace(verdict, draft=draft)


def _rewritten(content: Content, rewrite: Rewrite) -> Content:
    find, put = rewrite.find, rewrite.replace
    if rewrite.field == "title":
        return replace(content, title=content.title.replace(find, put).strip() or content.title)
    if rewrite.field == "attribution":
        return replace(content, attribution=content.attribution.replace(find, put).strip())
    if rewrite.field == "author":
        authors = (author.replace(find, put).strip() for author in content.authors)
        return replace(content, authors=tuple(filter(None, authors)))
    body = replace_text(content.body_html, find, put)
    if body == content.body_html:
        return content
    return replace(content, body_html=body, summary=summarise(plain_text(body)))


def _named(by: Filter) -> str:
    return f"#{by.id} {by.note}".strip()
