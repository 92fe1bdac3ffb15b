"""A newsroom on a real database: articles arrive by polls, and editors revise them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feedsvc.domain.article import Article, Content, Draft, Keys, Status
from feedsvc.domain.decision import ChangeKind, New
from feedsvc.domain.feed import Category, Site
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source
from feedsvc.store import articles, categories, claims, feeds, outbox, polls, sources
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database

NOW = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
SITE = Site(base_url="https://news.example", title="云岭法讯")


def open_newsroom(db: Database) -> None:
    """Create the feeds `all`, `gongan` and `jiaotong`, and one source of `gongan`."""
    with db.write() as session:
        feeds.ensure_builtin(session, NOW)
        for slug, title in (("gongan", "公安"), ("jiaotong", "交通")):
            categories.add(session, Category(slug=slug, title=title), NOW)
        source = Source(slug="yunling", url="https://partner.example/rss", category="gongan")
        sources.add(session, source, NOW)
        # New feeds ask to be published; the tests begin where that has been done.
        for errand in outbox.claim(session, outbox.PUBLISH, NOW, limit=9, seconds=1):
            outbox.settle(session, errand)


def receive(db: Database, *numbers: int, status: Status = "live") -> None:
    """Take in the articles with these numbers as one poll of the source would."""
    with db.write() as session:
        claim = claims.claim_one(session, "yunling", NOW, seconds=60)
        assert claim is not None
        run = Run(source="yunling", status="ok", started_at=NOW, finished_at=NOW, seen=len(numbers))
        outcome = polls.PollOutcome(
            claim=claim,
            run=run,
            decisions=tuple(New(draft=draft(number), status=status) for number in numbers),
            validators=None,
            next_due_at=NOW,
            failures=0,
        )
        polls.commit_poll(session, outcome, NOW, debounce=0)


def revise(
    db: Database, number: int, *, status: Status, kind: ChangeKind, at: datetime | None = None
) -> None:
    """Correct or withdraw an article as an editor would."""
    with db.write() as session:
        article = by_number(db, number)
        revision = NewRevision(
            content=article.content,
            status=status,
            reason="内容失实",
            actor="editor:fang",
            kind=kind,
            edited_fields=(),
        )
        articles.revise(session, article.id, revision, at or NOW + timedelta(minutes=number))


def by_number(db: Database, number: int) -> Article:
    """Find the article that `draft(number)` became."""
    with db.read() as session:
        found = articles.find(session, limit=1000)
    return next(article for article in found if article.content.title == title_of(number))


def title_of(number: int) -> str:
    """The title of the article with this number."""
    return f"云岭镇第{number}次夜巡"


def draft(number: int) -> Draft:
    """An article of our own invention; the higher the number, the newer it is."""
    at = NOW - timedelta(days=1) + timedelta(minutes=number)
    return Draft(
        keys=Keys(guid=f"g{number}", content_hash=f"h{number}"),
        content=Content(title=title_of(number), body_html=f"<p>第{number}次夜巡平安无事。</p>"),
        published_at=at,
        published_precision="minute",
        updated_at=at,
        source_hash=f"s{number}",
        link=f"https://partner.example/news/{number}.html",
    )
