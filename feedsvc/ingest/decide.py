"""Draft + what we know → what is to be done. Pure: no I/O, no clock, no session."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime

from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.candidate import CandidateKind
from feedsvc.domain.decision import (
    Decision,
    Duplicate,
    Known,
    New,
    Postponed,
    Referred,
    Retracted,
    Unchanged,
    Updated,
    Withdrawn,
)
from feedsvc.domain.source import Policy, WithdrawalPolicy
from feedsvc.ingest.identity import folded, is_same_text
from feedsvc.ingest.resemblance import is_restless, resembles
from feedsvc.text.urls import canonical


def decide(
    draft: Draft,
    known: Known | None,
    *,
    policy: Policy,
    on_withdrawal: WithdrawalPolicy = "auto",
    now: datetime | None = None,
) -> Decision:
    """Judge one draft.

    A source speaks only for its own appearances: another source's article is at most given one
    more appearance, or loses it. What we withdrew stays withdrawn, and a field that an editor
    corrected keeps the editor's words, whatever the partner says later. `now` (aware UTC) paces
    pages that change at every look; without it nothing is postponed.
    """
    withdrawn = draft.marker is not None and draft.marker.status == "withdrawn"
    if known is not None and not _same_article(draft, known):
        # Its URL and text name the other article already, so this one goes by its guid alone.
        draft = replace(draft, keys=Keys(guid=draft.keys.guid))
        known = None
    if known is None:
        if withdrawn:
            return Unchanged(draft=draft)
        return _new(draft, draft.policy or policy)
    if not known.same_source:
        return Retracted(draft=draft, known=known) if withdrawn else _appearance(draft, known)
    # What was said before was carried out, or an editor has judged it or is about to.
    if known.article.status == "withdrawn" or known.source_hash == draft.source_hash:
        return _appearance(draft, known)
    if withdrawn:
        return _withdrawal(draft, known, on_withdrawal)
    return _changed(draft, known, on_withdrawal, now)


def under_other_name(draft: Draft, known: Known) -> Draft | None:
    """Return the draft under guid and link together where its guid alone is another article's name.

    None where the guid means what it says. The draft is then to be looked up again.
    """
    keys = draft.keys
    if known.match != "key" or keys.url is None or keys.guid is None:
        return None
    if known.joined or not _same_article(draft, known):
        return replace(draft, keys=replace(keys, guid=f"{keys.guid}|{keys.url}"))
    return None


def _new(draft: Draft, policy: Policy) -> New:
    asked = policy == "review"
    held = asked or draft.embargoed_until is not None
    return New(draft=draft, status="held" if held else "live", approved=not asked)


def _same_article(draft: Draft, known: Known) -> bool:
    """A source that gives one name to what shares neither title nor text means other articles.

    Across sources the canonical URL decides; within one source a new guid at a known URL is the
    old article only when its words say so too (a changed guid scheme, not a reused page), and a
    known guid with a new link likewise (a moved page, not a guid that the partner gives to many).
    """
    if draft.keys.guid is None or known.match == "hash":
        return True
    if known.match == "url" and (not known.same_source or draft.marker is not None):
        # A partner that takes back or corrects what stands at an address says so in any words.
        return True
    if known.match == "key" and not _is_elsewhere(draft, known):
        return True
    ours, theirs = known.article.content, draft.content
    if folded(theirs.title) == folded(ours.title):
        return True
    return is_same_text(theirs.body_html, ours.body_html)


def _is_elsewhere(draft: Draft, known: Known) -> bool:
    link = known.article.link
    if draft.source_hash == known.source_hash or draft.keys.url is None:
        return False
    return link is not None and canonical(link) != draft.keys.url


def _appearance(draft: Draft, known: Known) -> Decision:
    if known.match == "key":
        return Unchanged(draft=draft, known=known)
    return Duplicate(draft=draft, known=known)


def _withdrawal(draft: Draft, known: Known, on_withdrawal: WithdrawalPolicy) -> Decision:
    reason = draft.marker.reason if draft.marker else ""
    if on_withdrawal == "review" or not _is_certain(draft):
        return Referred(draft=draft, known=known, kind="withdrawn", reason=reason)
    return Withdrawn(draft=draft, known=known, reason=reason)


def _changed(
    draft: Draft, known: Known, on_withdrawal: WithdrawalPolicy, now: datetime | None
) -> Decision:
    article = known.article
    content = _keeping_edits(draft.content, article.content, article.edited_fields)
    corrected = draft.marker is not None and draft.marker.status == "corrected"
    reason = draft.marker.reason if draft.marker and corrected else article.reason
    if content == article.content and not (corrected and article.status == "live"):
        return _appearance(draft, known)
    if draft.hold_reason and article.status in {"live", "corrected"}:
        # Readers keep what they have until an editor has seen the new words.
        return Referred(
            draft=draft, known=known, kind="held", reason=draft.hold_reason, proposed=content
        )
    if draft.rechecked and not resembles(content, article.content):
        return Referred(draft=draft, known=known, kind="replaced", proposed=content)
    waiting = known.open_review in {"corrected", "replaced"}
    if waiting or (corrected and (on_withdrawal == "review" or not _is_certain(draft))):
        kind: CandidateKind = "replaced" if known.open_review == "replaced" else "corrected"
        return Referred(draft=draft, known=known, kind=kind, reason=reason, proposed=content)
    if not corrected and now is not None and is_restless(content, article, now):
        return Postponed(draft=draft, known=known)
    return Updated(
        draft=draft,
        known=known,
        content=content,
        status="corrected" if corrected and article.status == "live" else article.status,
        kind="corrected" if corrected else "updated",
        reason=reason,
    )


def _is_certain(draft: Draft) -> bool:
    return draft.marker is None or draft.marker.certain


def _keeping_edits(theirs: Content, ours: Content, edited_fields: tuple[str, ...]) -> Content:
    kept = {name: getattr(ours, name) for name in edited_fields}
    if not theirs.body_html:
        # A feed that shortens to bare titles must not empty what we hold in full.
        kept |= {"body_html": ours.body_html, "summary": ours.summary}
    known_fields = {field.name for field in fields(Content)}
    return replace(theirs, **{name: kept[name] for name in kept.keys() & known_fields})
