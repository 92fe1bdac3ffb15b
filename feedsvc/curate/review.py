"""The review desk: an editor accepts or dismisses what a partner wants done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.curate.publishing import PublishAtOnce
from feedsvc.domain.article import Article, Content
from feedsvc.domain.candidate import Candidate
from feedsvc.domain.decision import Changes
from feedsvc.errors import Conflict
from feedsvc.store import articles, candidates
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a candidate, and the feeds that were published anew for it."""

    candidate: Candidate
    article: Article
    feeds: tuple[str, ...] = ()


class Reviewer:
    """Settles candidates; thread-safe."""

    def __init__(self, db: Database, publish: PublishAtOnce, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._publish = publish
        self._clock = clock

    def accept(self, candidate_id: int, *, actor: str) -> Verdict:
        """Do what the partner wants, as one revision under the editor's name.

        Raises `NotFound`, and `Conflict` when the candidate is settled already.
        """
        now = self._clock()
        with self._db.write() as session:
            candidate = _still_open(candidates.get(session, candidate_id))
            article = articles.get(session, candidate.article)
            revision = accepted(candidate, article, actor)
            changes = Changes()
            if revision is not None:
                changes = articles.revise(session, article.id, revision, now)
            candidates.settle(session, candidate.id, "accepted", actor=actor, now=now)
            verdict = Verdict(
                candidate=candidates.get(session, candidate.id),
                article=articles.get(session, article.id),
                feeds=changes.feeds,
            )
        if verdict.feeds:
            self._publish(verdict.feeds)
        return verdict

    def dismiss(self, candidate_id: int, *, actor: str) -> Verdict:
        """Leave the article as it is; the same word of the partner's is not put up again.

        Raises as `accept` does.
        """
        with self._db.write() as session:
            candidate = _still_open(candidates.get(session, candidate_id))
            candidates.settle(session, candidate.id, "dismissed", actor=actor, now=self._clock())
            return Verdict(
                candidate=candidates.get(session, candidate.id),
                article=articles.get(session, candidate.article),
            )


def accepted(candidate: Candidate, article: Article, actor: str) -> NewRevision | None:
    """Return the revision that an accepted candidate makes; None where nothing is left to do. Pure.

    What an editor corrected by hand keeps the editor's words here too.
    """
    if article.status == "withdrawn":
        return None
    if candidate.kind == "withdrawn":
        return NewRevision(
            content=article.content,
            status="withdrawn",
            reason=candidate.reason,
            actor=actor,
            kind="withdrawn",
            edited_fields=article.edited_fields,
        )
    content = _keeping(candidate.proposed or article.content, article)
    corrects = candidate.kind == "corrected"
    return NewRevision(
        content=content,
        status="corrected" if corrects and article.status == "live" else article.status,
        reason=candidate.reason if corrects else article.reason,
        actor=actor,
        kind="corrected" if corrects else "updated",
        edited_fields=article.edited_fields,
    )


def _keeping(proposed: Content, article: Article) -> Content:
    edited = {name: getattr(article.content, name) for name in article.edited_fields}
    return replace(proposed, **edited)


def _still_open(candidate: Candidate) -> Candidate:
    if candidate.state != "open":
        raise Conflict(f"candidate {candidate.id}", f"is {candidate.state} already")
    return candidate
