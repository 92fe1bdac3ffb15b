"""The editing desk: every act is one revision with a reason and an actor, published at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.curate.publishing import PublishAtOnce
from feedsvc.domain.article import Article, Content
from feedsvc.domain.decision import Changes
from feedsvc.domain.item import AiLabel
from feedsvc.domain.release import Release, published_on_release
from feedsvc.domain.source import is_own
from feedsvc.errors import Conflict, UsageError
from feedsvc.store import articles, releases
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from feedsvc.text.html import paragraphs, plain_text, sanitise, summarise
from feedsvc.text.scrub import one_line

# Articles that one transaction releases: the cursor's lock is held meanwhile.
RELEASED_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an editor wants changed; None leaves a field as it is. `body` is HTML or plain text.

    `ai_label` says whether a machine made the text, "" that none did.
    """

    title: str | None = None
    body: str | None = None
    attribution: str | None = None
    ai_label: AiLabel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an act changed: the article as it is now and the feeds that were published anew.

    `release_at`: nothing yet, it is to be published at that minute.
    """

    article: Article
    feeds: tuple[str, ...]
    cursor: int
    release_at: datetime | None = None


class Desk:
    """Acts on stored articles; thread-safe."""

    def __init__(self, db: Database, publish: PublishAtOnce, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._publish = publish
        self._clock = clock

    def correct(
        self, article_id: int | str, correction: Correction, *, reason: str, actor: str
    ) -> Receipt:
        """Change an article's words; they then outlast whatever the partner sends.

        Raises `NotFound`, `Conflict` for a withdrawn article, and `UsageError` when the
        correction changes nothing or no reason is given.
        """

        def revised(article: Article) -> NewRevision:
            if article.status == "withdrawn":
                raise Conflict(f"article {article.id}", "is withdrawn and cannot be corrected")
            content, edited = corrected_content(article, correction)
            if not edited:
                raise UsageError(f"article {article.id}", "the correction changes nothing")
            return NewRevision(
                content=content,
                status="held" if article.status == "held" else "corrected",
                reason=reason,
                actor=actor,
                kind="corrected",
                edited_fields=tuple(sorted({*article.edited_fields, *edited})),
            )

        return self._revise(article_id, reason, revised)

    def withdraw(self, article_id: int | str, *, reason: str, actor: str) -> Receipt:
        """Take an article's text out of every public output; a notice stays in its place.

        Raises `NotFound`, and `Conflict` when it is withdrawn already.
        """

        def revised(article: Article) -> NewRevision:
            if article.status == "withdrawn":
                raise Conflict(f"article {article.id}", "is withdrawn already")
            return NewRevision(
                content=article.content,
                status="withdrawn",
                reason=reason,
                actor=actor,
                kind="withdrawn",
                edited_fields=article.edited_fields,
            )

        return self._revise(article_id, reason, revised)

    def release(
        self,
        article_id: int | str,
        *,
        actor: str,
        at: datetime | None = None,
        at_once: bool = False,
    ) -> Receipt:
        """Publish a held article: at a minute to come, or now.

        Without either word an embargo is waited for. Raises `Conflict` for an article that is not
        held, or has its minute already, and `UsageError` for a minute that is past.
        """
        now = self._clock()
        with self._db.write() as session:
            article = articles.get(session, article_id)
            if article.status != "held":
                raise Conflict(f"article {article.id}", f"is {article.status}, not held")
            known = releases.of(session, [article.id]).get(article.id)
            minute = _minute(article, known, now, at=at, at_once=at_once)
            if minute is not None:
                releases.put(
                    session,
                    Release(article_id=article.id, at=minute, approved=True, actor=actor),
                )
                return Receipt(article=article, feeds=(), cursor=0, release_at=minute)
            releases.drop(session, [article.id])
            scheduled = known.at if known else None
            changes = articles.revise(
                session, article.id, _released(article, scheduled, actor, now), now
            )
            article = articles.get(session, article.id)
        self._publish(changes.feeds)
        return Receipt(article=article, feeds=changes.feeds, cursor=changes.cursor)

    def release_due(self) -> int:
        """Publish the held articles whose minute has come; returns how many.

        Safe to call from any number of schedulers, at any time: each article is released once, in
        one transaction with its feeds' errands, and after a death by whoever looks next.
        """
        now = self._clock()
        released = 0
        while True:
            with self._db.read() as session:
                if not releases.is_due(session, now):
                    return released
            with self._db.write() as session:
                due = releases.take_due(session, now, RELEASED_AT_ONCE)
                held = {each.article_id: articles.get(session, each.article_id) for each in due}
                revisions = {
                    each.article_id: _released(held[each.article_id], each.at, each.actor, now)
                    for each in due
                    if held[each.article_id].status == "held"
                }
                changes = articles.revise_several(session, revisions, now)
            if not due:
                # Another scheduler is at it.
                return released
            released += len(revisions)
            self._publish(changes.feeds)

    def _revise(
        self, article_id: int | str, reason: str, revised: Callable[[Article], NewRevision]
    ) -> Receipt:
        if not reason.strip():
            raise UsageError(f"article {article_id}", "give a reason")
        with self._db.write() as session:
            article = articles.get(session, article_id)
            changes: Changes = articles.revise(session, article.id, revised(article), self._clock())
            article = articles.get(session, article.id)
        self._publish(changes.feeds)
        return Receipt(article=article, feeds=changes.feeds, cursor=changes.cursor)


def _minute(
    article: Article, known: Release | None, now: datetime, *, at: datetime | None, at_once: bool
) -> datetime | None:
    """The minute to wait for; None where the article is to be published now."""
    if at_once:
        return None
    if at is not None:
        if at <= now:
            raise UsageError("at", "is past; use --now to publish at once")
        return at
    if known is None or known.at <= now:
        return None
    if known.approved:
        when = known.at.isoformat(timespec="minutes")
        raise Conflict(f"article {article.id}", f"is to be published at {when}; use --at or --now")
    return known.at


def _released(
    article: Article, scheduled_at: datetime | None, actor: str, now: datetime
) -> NewRevision:
    own = is_own(article.source)
    return NewRevision(
        content=article.content,
        status="live",
        reason="",
        actor=actor,
        kind="released",
        edited_fields=article.edited_fields,
        published_at=published_on_release(
            article.published_at, own=own, scheduled_at=scheduled_at, now=now
        ),
    )


def corrected_content(article: Article, correction: Correction) -> tuple[Content, set[str]]:
    """Apply a correction; return the content and the names of the fields that really changed. Pure."""
    content = article.content
    if correction.title is not None:
        title = one_line(correction.title)
        if not title:
            raise UsageError(f"article {article.id}", "a title cannot be empty")
        content = replace(content, title=title)
    if correction.attribution is not None:
        content = replace(content, attribution=one_line(correction.attribution))
    if correction.ai_label is not None:
        content = replace(content, ai_label=correction.ai_label)
    if correction.body is not None:
        body = _body_html(correction.body, article)
        content = replace(content, body_html=body, summary=summarise(plain_text(body)))
    names = ("title", "attribution", "body_html", "summary", "ai_label")
    return content, {
        name for name in names if getattr(content, name) != getattr(article.content, name)
    }


def _body_html(body: str, article: Article) -> str:
    html = body if "<" in body and ">" in body else paragraphs(body)
    cleaned = sanitise(html, base_url=article.link or article.source_url).html
    if not plain_text(cleaned).strip():
        raise UsageError(f"article {article.id}", "the new body holds no text")
    return cleaned
