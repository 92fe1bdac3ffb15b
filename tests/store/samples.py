"""Made-up partners and articles, and the shortest way to store them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.domain.article import Article, Content, Draft, Keys
from feedsvc.domain.decision import Changes, Decision, Known, New
from feedsvc.domain.feed import Category, FeedDocument, Format, Piece
from feedsvc.domain.item import Dateline, Enclosure
from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim, Source
from feedsvc.store import articles, categories, claims, feeds, sources
from feedsvc.store.engine import Database
from feedsvc.store.polls import PollOutcome, commit_poll

NOW = datetime(2026, 3, 2, 4, 5, 6, 789012, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

FULL = Content(
    title="云栖镇渡口恢复通航",
    original_title="渡口恢复通航了",
    summary="停航三天的渡口恢复通航。",
    body_html="<p>停航三天的渡口今天恢复通航。</p>",
    attribution="云栖晚报",
    origin_url="https://paper.example/2026/ferry.html",
    authors=("林一", "周二"),
    editors=("吴三",),
    credit_line="(记者 林一 周二)",
    dateline=Dateline(place="云栖", date="3月2日", agency="云栖晚报"),
    rights="云栖晚报版权所有",
    language="zh-CN",
    enclosures=(Enclosure(url="https://paper.example/a.mp3", media_type="audio/mpeg", length=9),),
)


def content(title: str) -> Content:
    return replace(FULL, title=title)


def draft(name: str, *, at: datetime = NOW, url: str | None = None, **values: object) -> Draft:
    """A draft with guid `name`; further fields by keyword."""
    made = Draft(
        keys=Keys(guid=name, url=url),
        content=content(f"消息 {name}"),
        published_at=at,
        published_precision="minute",
        updated_at=at,
        source_hash=f"hash of {name}",
        link=f"https://partner.example/{name}",
        extractor="feed 1",
    )
    return replace(made, **values)  # type: ignore[arg-type]


def add_catalogue(session: Session, slugs: Sequence[str] = ("paper",)) -> None:
    """The feed of everything, the category `zhen`, and sources in it."""
    feeds.ensure_builtin(session, NOW)
    categories.add(session, Category(slug="zhen", title="镇上"), NOW)
    for slug in slugs:
        sources.add(session, source(slug), NOW)


def source(slug: str, *, category: str = "zhen") -> Source:
    return Source(
        slug=slug, url=f"https://{slug}.example/feed", category=category, title=f"{slug} 报"
    )


def outcome(
    claim: Claim, decisions: Sequence[Decision] = (), *, now: datetime = NOW
) -> PollOutcome:
    return PollOutcome(
        claim=claim,
        run=Run(
            source=claim.source.slug,
            status="ok",
            started_at=now,
            finished_at=now,
            seen=len(decisions),
        ),
        decisions=tuple(decisions),
        validators=None,
        next_due_at=now + HOUR,
        failures=0,
        settled_kind=None,
    )


def poll(db: Database, slug: str, decisions: Sequence[Decision], *, now: datetime = NOW) -> Changes:
    """Claim one source and commit decisions for it."""
    with db.write() as session:
        return poll_in(session, slug, decisions, now=now)


def poll_in(
    session: Session, slug: str, decisions: Sequence[Decision], *, now: datetime = NOW
) -> Changes:
    claim = claims.claim_one(session, slug, now, seconds=60)
    assert claim is not None
    return commit_poll(session, outcome(claim, decisions, now=now), now, 2.0)


def store_new(
    db: Database, slug: str, names: Sequence[str], *, now: datetime = NOW, at: datetime = NOW
) -> Changes:
    return poll(db, slug, [New(draft=draft(name, at=at)) for name in names], now=now)


def known_by(session: Session, slug: str, keys: Keys) -> Known:
    """What the store knows by these keys, which must be something."""
    (found,) = articles.known(session, sources.get(session, slug).id, [keys])
    assert found is not None
    return found


def known_article(**values: object) -> Known:
    """Something known that no database holds; fields of its article by keyword."""
    article = Article(
        id=1,
        guid="urn:uuid:00000000-0000-4000-8000-000000000001",
        source="paper",
        source_title="paper 报",
        source_url="https://paper.example/feed",
        category="zhen",
        category_title="镇上",
        content=FULL,
        published_at=NOW,
        published_precision="minute",
        first_seen_at=NOW,
        updated_at=NOW,
    )
    article = replace(article, **values)  # type: ignore[arg-type]
    return Known(article=article, match="key", same_source=True, source_hash="x")


def only(session: Session) -> Article:
    """The only stored article."""
    (article,) = articles.find(session)
    return article


def document(
    slug: str = "zhen", kind: Format = "rss", *, cursor: int = 1, text: str = "x"
) -> FeedDocument:
    body = text.encode()
    return FeedDocument(
        slug=slug,
        format=kind,
        cursor=cursor,
        etag=f"{cursor}-{text}",
        last_modified=NOW.replace(microsecond=0),
        edition="1",
        body=body,
        gzip=b"gzip " + body,
        brotli=b"br " + body,
        pieces=(Piece(0, len(body), cursor, "<墓碑/>"), Piece(0, 0, 1)),
        complete_since=1,
        max_age=420,
        links=(("prev-archive", f"https://news.example/feeds/{slug}/2026-10.{kind}"),),
    )
