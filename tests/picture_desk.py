"""A newsroom whose partner serves pictures: articles arrive by polls, pictures over real loopback HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedsvc.domain.article import Article, Content, Draft, Keys, Status
from feedsvc.domain.decision import New
from feedsvc.domain.feed import Category, Format
from feedsvc.domain.item import Enclosure
from feedsvc.domain.picture import PictureUse
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import articles, categories, claims, documents, feeds, polls, sources
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from feedsvc.store.media import Media
from tests.partner import Partner
from tests.running import service_in

START = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """The hands of one test; its clock moves only by `later`."""

    partner: Partner
    services: Services
    clock: list[datetime]

    @property
    def db(self) -> Database:
        return self.services.db

    @property
    def media(self) -> Media:
        return self.services.media

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def later(self, **span: float) -> None:
        self.clock[0] += timedelta(**span)

    def take(
        self, number: int, *pictures: str, source: str = "yunling", enclosed: tuple[str, ...] = ()
    ) -> None:
        """Store an article that shows these pictures (paths at the partner, or addresses)."""
        urls = [self.url(each) for each in pictures]
        body = f"<p>第{number}次夜巡。</p>" + "".join(
            f'<p><img src="{url}" alt="图{at}"></p>' for at, url in enumerate(urls)
        )
        content = Content(
            title=f"夜巡{number}",
            body_html=body,
            enclosures=tuple(Enclosure(url=self.url(each)) for each in enclosed),
        )
        draft = Draft(
            keys=Keys(guid=f"g{number}"),
            content=content,
            published_at=self.now,
            published_precision="minute",
            updated_at=self.now,
            source_hash=f"s{number}",
            link=f"{self.partner.url}/news/{number}.html",
        )
        self.commit(source, New(draft=draft))

    def commit(self, source: str, decision: New) -> None:
        with self.db.write() as session:
            claim = claims.claim_one(session, source, self.now, seconds=60)
            assert claim is not None
            run = Run(source=source, status="ok", started_at=self.now, finished_at=self.now, seen=1)
            outcome = polls.PollOutcome(
                claim=claim, run=run, decisions=(decision,), validators=None,
                next_due_at=self.now, failures=0,
            )  # fmt: skip
            polls.commit_poll(session, outcome, self.now, debounce=0)

    def url(self, path: str) -> str:
        return path if "://" in path or path.startswith("data:") else f"{self.partner.url}{path}"

    def article(self, number: int) -> Article:
        with self.db.read() as session:
            found = articles.find(session, limit=100)
        return next(each for each in found if each.content.title == f"夜巡{number}")

    def revise(self, number: int, *, status: Status, body: str | None = None) -> None:
        """Change an article as an editor would, and settle its pictures."""
        article = self.article(number)
        content = article.content if body is None else replace(article.content, body_html=body)
        revision = NewRevision(
            content=content, status=status, reason="内容失实", actor="editor:fang",
            kind="withdrawn" if status == "withdrawn" else "corrected", edited_fields=(),
        )  # fmt: skip
        with self.db.write() as session:
            articles.revise(session, article.id, revision, self.now)
        self.settle()

    def fetch(self) -> int:
        """Fetch what is due, and settle what the public may see."""
        tried = self.services.pictures.fetch_due(seconds=20)
        self.settle()
        return tried

    def settle(self) -> None:
        self.services.gallery.settle_due(self.now)

    def feed(self, format: Format = "json") -> str:
        """Publish what is due, and return a document."""
        self.services.publisher.publish_due(self.now + timedelta(seconds=10))
        with self.db.read() as session:
            [document] = documents.load(session, [("gongan", format)])
        return document.body.decode()

    @property
    def media_url(self) -> str:
        return f"{self.services.settings.base_url}/media/"


@contextmanager
def open_desk(
    url: str, partner: Partner, folder: Path, *, use: PictureUse = "mirror", **settings: str
) -> Iterator[Desk]:
    """A desk on a migrated database, with the services of a real process."""
    clock = [START]
    service = service_in(folder / "home", database_url=url, **settings)
    services = build_services(load_settings(service.environment), clock=lambda: clock[0])
    try:
        db = services.db
        with db.write() as session:
            feeds.ensure_builtin(session, START)
            categories.add(session, Category(slug="gongan", title="公安"), START)
            for slug in ("yunling", "jiangwan"):
                source = Source(
                    slug=slug, url=f"{partner.url}/{slug}.xml", category="gongan", pictures=use
                )
                sources.add(session, source, START)
        yield Desk(partner=partner, services=services, clock=clock)
    finally:
        services.close()
