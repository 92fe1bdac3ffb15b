"""A small newsroom on a real database and shelf, with the application in front of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from feedsvc.app import create_app
from feedsvc.curate.desk import Desk
from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.decision import New
from feedsvc.domain.feed import Category, Site
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source
from feedsvc.publish.gallery import Gallery
from feedsvc.publish.publisher import Publisher
from feedsvc.services import publish_at_once
from feedsvc.store import articles, categories, claims, feeds, sources
from feedsvc.store.engine import Database
from feedsvc.store.media import Media
from feedsvc.store.options import StoreOptions
from feedsvc.store.polls import PollOutcome, commit_poll
from feedsvc.store.shelf import Shelf
from tests.databases import migrated_sqlite

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
PUBLISHED = datetime(2019, 8, 9, 2, 45, tzinfo=UTC)
SITE = Site(base_url="https://news.example", title="云岭法讯", rights="版权归来源所有")
SECRET = "雾桥老街的秘密一句"
PICTURE = "https://partner.example/p/1.jpg"


def content(title: str = "雾桥派出所沿河巡查", **changes: Any) -> Content:
    values: dict[str, Any] = {
        "title": title,
        "summary": f"昨夜沿河巡查，{SECRET}。",
        "body_html": f'<p>{SECRET}，巡查至天明。</p><p><img src="{PICTURE}" alt="河岸"></p>',
        "attribution": "雾桥日报",
        "origin_url": "https://partner.example/news/1.html",
        "authors": ("方一鸣", "谢清河"),
        "editors": ("罗闻",),
        "credit_line": "（雾桥日报11月23日电）（方一鸣 谢清河",
        "language": "zh-CN",
    }
    return Content(**(values | changes))


class Buffered(Client):
    """Asks as a browser does unless told otherwise; reads every answer to its end and closes it."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        browser = {"HTTP_ACCEPT": "text/html, */*;q=0.8"}
        return super().open(*arguments, **{"buffered": True, "environ_base": browser, **options})


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    site: Site = SITE
    language: str = "zh"
    search_feeds_per_minute: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What `create_app` needs, and the hands that fill it."""

    db: Database
    shelf: Shelf
    media: Media
    settings: StageSettings = field(default_factory=StageSettings)
    clock: Callable[[], datetime] = lambda: NOW

    def client(self) -> Client:
        return Buffered(create_app(self))

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.db, self.shelf, self.settings.site)

    @property
    def desk(self) -> Desk:
        return Desk(
            self.db,
            publish_at_once(self.publisher, Gallery(self.db, self.media), self.clock),
            self.clock,
        )

    def publish(self) -> None:
        with self.db.read() as session:
            slugs = [state.slug for state in feeds.states(session)]
        assert self.publisher.publish(slugs) == []

    def take(self, *drafts: Draft, held: bool = False) -> list[int]:
        """Store drafts as a poll would; returns the ids of all articles, the first stored first."""
        with self.db.write() as session:
            claim = claims.claim_one(session, "wuqiao", NOW, seconds=60)
            assert claim is not None
            outcome = PollOutcome(
                claim=claim,
                run=Run(source="wuqiao", status="ok", started_at=NOW, finished_at=NOW),
                decisions=tuple(
                    New(draft=draft, status="held" if held else "live") for draft in drafts
                ),
                validators=None,
                next_due_at=NOW,
                failures=0,
            )
            commit_poll(session, outcome, NOW, 0)
        with self.db.read() as session:
            return sorted(article.id for article in articles.find(session, limit=100))


def draft(number: int = 1, body: Content | None = None, **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "keys": Keys(guid=f"g{number}", content_hash=f"{number:064}"),
        "content": body or content(),
        "published_at": PUBLISHED - timedelta(hours=number),
        "published_precision": "minute",
        "updated_at": PUBLISHED - timedelta(hours=number),
        "source_hash": f"s{number}",
        "link": f"https://partner.example/link/{number}",
    }
    return Draft(**(values | changes))


def open_stage(folder: Path, **settings: Any) -> Stage:
    file = folder / "stage.db"
    file.write_bytes(migrated_sqlite())
    db = Database(StoreOptions(url=f"sqlite:///{file}"))
    category = Category(slug="gongan", title="公安要闻", description="各地公安机关的新闻")
    source = Source(
        slug="wuqiao", url="https://partner.example/rss", category="gongan", title="雾桥警务网"
    )
    with db.write() as session:
        feeds.ensure_builtin(session, NOW)
        categories.add(session, category, NOW)
        sources.add(session, source, NOW)
    return Stage(
        db=db,
        shelf=Shelf(folder / "documents"),
        media=Media(folder / "media"),
        settings=StageSettings(**settings),
    )
