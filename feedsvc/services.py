"""Floor 6: the only wiring. Settings become live gateways and use cases; doors are wired above."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from feedsvc.curate.clusters import Grouper
from feedsvc.curate.desk import Desk
from feedsvc.curate.feeds import FeedDesk
from feedsvc.curate.finding import index_some
from feedsvc.curate.publishing import PublishAtOnce
from feedsvc.curate.review import Reviewer
from feedsvc.curate.sections import END_EVERY, Sections
from feedsvc.domain.chore import Chore
from feedsvc.domain.feed import Site
from feedsvc.domain.source import Source
from feedsvc.errors import ConfigError, FeedsvcError
from feedsvc.fetch.client import Fetcher
from feedsvc.fetch.exchange import Endpoint
from feedsvc.ingest.archive import PRUNE_EVERY, SWEEP_EVERY, Archive
from feedsvc.ingest.pictures import PictureFetcher
from feedsvc.ingest.poller import Gateways, Poller
from feedsvc.ingest.preview import Preview, preview
from feedsvc.parse.pool import ParserPool
from feedsvc.publish.files import Files
from feedsvc.publish.gallery import CLEAN_EVERY, Gallery
from feedsvc.publish.past import Past
from feedsvc.publish.publisher import Publisher
from feedsvc.render.fragments import Fragments
from feedsvc.settings import Settings
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree
from feedsvc.store.media import Media
from feedsvc.store.raw_files import RawFiles
from feedsvc.store.shelf import Shelf

log = structlog.get_logger()

SHELF_CHECK = 0.5
INDEX_EVERY = 5.0
DEMO_FILE = "demo.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a door may need. Cheap to build: no connection is made and no process started."""

    settings: Settings
    db: Database
    shelf: Shelf
    fetcher: Fetcher
    parsers: ParserPool
    archive: Archive
    poller: Poller
    pictures: PictureFetcher
    media: Media
    gallery: Gallery
    publisher: Publisher
    files: Files | None
    desk: Desk
    grouper: Grouper
    sections: Sections
    feed_desk: FeedDesk
    chores: tuple[Chore, ...]
    reviewer: Reviewer
    preview: Callable[[Source], Preview]
    clock: Callable[[], datetime]

    def publish_gathered(self) -> int:
        """Publish at once what polls changed, although more might gather; returns how many feeds."""
        gathered = timedelta(seconds=self.settings.publish_debounce)
        return self.publisher.publish_due(self.clock() + gathered)

    def files_in(self, directory: Path) -> Files:
        """Published documents as files in a folder that no setting names."""
        return files_in(directory, self.db, self.shelf, self.settings.site)

    def close(self) -> None:
        """Give everything back."""
        self.poller.stop()
        self.pictures.stop()
        self.fetcher.close()
        self.parsers.close()
        self.poller.close()
        self.db.dispose()


def build_services(settings: Settings, *, clock: Callable[[], datetime] | None = None) -> Services:
    """Wire one process's services; raises `ConfigError` when HOME cannot be written."""
    now = clock or utc_now
    _make_home(settings.home)
    db = Database(settings.store)
    shelf = Shelf(settings.home / "documents")
    fetcher = Fetcher(settings.fetch)
    parsers = ParserPool(settings.parsers)
    files, publisher = _publishing(db, shelf, settings)
    media = Media(settings.home / "media")
    gallery = Gallery(db, media)
    at_once = publish_at_once(publisher, gallery, now)
    sections = Sections(db, shelf, at_once, now)
    options = replace(settings.ingest, demo_endpoint=lambda: read_demo_endpoint(settings.home))
    archive = Archive(RawFiles(settings.home / "raw"), settings.archive)
    gateways = Gateways(db=db, fetcher=fetcher, parsers=parsers, archive=archive, clock=now)
    return Services(
        settings=settings,
        db=db,
        shelf=shelf,
        fetcher=fetcher,
        parsers=parsers,
        archive=archive,
        poller=Poller(gateways, options),
        pictures=PictureFetcher(gateways, options, media),
        media=media,
        gallery=gallery,
        publisher=publisher,
        files=files,
        desk=Desk(db, at_once, now),
        grouper=Grouper(db, at_once, now),
        reviewer=Reviewer(db, at_once, now),
        sections=sections,
        feed_desk=FeedDesk(db, at_once, now),
        chores=(*_chores(db, archive), *_picture_chores(gallery), *_feed_chores(sections)),
        preview=lambda source: preview(source, gateways, options),
        clock=now,
    )


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("home", f"{home} cannot be created ({error.strerror})") from error


def _publishing(db: Database, shelf: Shelf, settings: Settings) -> tuple[Files | None, Publisher]:
    fragments = Fragments(settings.site)
    files = None
    if settings.publish_to is not None:
        files = files_in(settings.publish_to, db, shelf, settings.site, fragments)
    publisher = Publisher(
        db,
        shelf,
        settings.site,
        fragments=fragments,
        followed_by=files.published if files else None,
    )
    return files, publisher


def files_in(
    directory: Path, db: Database, shelf: Shelf, site: Site, fragments: Fragments | None = None
) -> Files:
    """Wire what writes published documents into a folder; `fragments` are the publisher's."""
    return Files(db, shelf, FileTree(directory), Past(db, site, fragments), site)


def _chores(db: Database, archive: Archive) -> tuple[Chore, ...]:
    """The housekeeping; a new chore is one more line."""
    return (
        Chore(name="index_articles", every_seconds=INDEX_EVERY, work=lambda _now: index_some(db)),
        Chore(name="prune_raw", every_seconds=PRUNE_EVERY, work=lambda now: archive.prune(db, now)),
        Chore(
            name="prune_runs",
            every_seconds=PRUNE_EVERY,
            work=lambda now: archive.prune_runs(db, now),
        ),
        Chore(
            name="sweep_raw",
            every_seconds=SWEEP_EVERY,
            work=lambda now: archive.sweep(db, now),
            shared=False,
        ),
    )


def _picture_chores(gallery: Gallery) -> tuple[Chore, ...]:
    return (
        Chore(name="clean_pictures", every_seconds=CLEAN_EVERY, work=gallery.clean),
        Chore(
            name="clean_media",
            every_seconds=CLEAN_EVERY,
            work=gallery.clean_files,
            shared=False,
        ),
    )


def _feed_chores(sections: Sections) -> tuple[Chore, ...]:
    return (Chore(name="end_feeds", every_seconds=END_EVERY, work=sections.end_due),)


def publish_at_once(
    publisher: Publisher, gallery: Gallery, clock: Callable[[], datetime]
) -> PublishAtOnce:
    """What an editor's act sets going: its pictures come or go, then its feeds are made anew."""

    def publish(slugs: Iterable[str]) -> list[str]:
        gallery.settle_due(clock())
        return publisher.publish(slugs)

    return publish


def read_demo_endpoint(home: Path) -> Endpoint | None:
    """Where our own sample partner listens, as the process that runs it wrote down."""
    try:
        state = json.loads((home / DEMO_FILE).read_text(encoding="utf-8"))
        return Endpoint(address="127.0.0.1", port=int(state["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_shelf(services: Services, stopped: threading.Event) -> threading.Thread:
    """Bring documents that other machines published onto this one's shelf, twice a second."""

    def keep() -> None:
        while not stopped.wait(SHELF_CHECK):
            _sync_shelf(services)

    # Once before anybody is served: a crowd before an empty shelf would get nothing but errors.
    _sync_shelf(services)
    thread = threading.Thread(target=keep, name="shelf", daemon=True)
    thread.start()
    return thread


def _sync_shelf(services: Services) -> None:
    try:
        services.publisher.sync_shelf()
    except FeedsvcError as error:
        log.warning("shelf_not_synced", kind=error.kind, error=str(error))


def utc_now() -> datetime:
    """The clock of a running service."""
    return datetime.now(UTC)
