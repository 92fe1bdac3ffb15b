"""Published documents as files, kept up while the service runs, or written once by a command.

A feed's documents follow at once; corrected and withdrawn articles of the archives too; new articles
of the archives at leisure, since the feed itself shows them. Nothing here ever harms publishing: what
cannot be written is logged, taken away where an older text would stay, and tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from feedsvc.domain.feed import Site
from feedsvc.errors import FeedsvcError, NotFound, StoreBusy
from feedsvc.publish.archive_files import ArchiveFiles, Left, url_path
from feedsvc.publish.ledger import Mark
from feedsvc.publish.past import Past
from feedsvc.publish.window_files import WindowFiles
from feedsvc.store import feeds
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree
from feedsvc.store.shelf import Shelf

# Looks at changes and parts of archives for which a publication itself waits; the rest follows within
# the next second.
LOOKS_AT_ONCE = 5
PARTS_AT_ONCE = 4
# New articles gather so long, and archives take at most a quarter of one processor.
LEISURE = 2.0
STROLL = 0.5
REST = 3.0
RETRY = 5.0
# Everything is compared once an hour, whatever others have done to the files meanwhile.
COMPARE_EVERY = 3600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a run changed, as names below the folder: what a cache in front has to forget."""

    written: tuple[str, ...]
    removed: tuple[str, ...]


class Files:
    """Keeps one folder equal to what is published; safe in several threads and processes at once."""

    def __init__(self, db: Database, shelf: Shelf, tree: FileTree, past: Past, site: Site) -> None:
        self._db = db
        self._shelf = shelf
        self._windows = WindowFiles(db, shelf, site, tree)
        self._archives = ArchiveFiles(db, tree, past)
        # Which state of each feed's archives we have looked at, and who has parts left to write.
        self._seen: dict[str, int] = {}
        self._leisurely: dict[str, None] = {}
        self._generation = -1
        self._rest_until = 0.0
        self._compare_at = 0.0
        self._retry_at = 0.0

    def published(self, slugs: Sequence[str]) -> None:
        """Write what a publication of these feeds has changed and must be seen at once; never raises."""
        with self._forgiving():
            _tell(self._windows.follow(slugs))
        for slug in slugs:
            with self._forgiving():
                for _ in range(LOOKS_AT_ONCE):
                    if not self._look(slug).changes:
                        break
                _tell(self._write(slug, "now", PARTS_AT_ONCE))

    def keep_up(self) -> None:
        """Do a piece of what is due; called again and again, cheap when nothing is; never raises."""
        now = time.monotonic()
        if now < self._retry_at:
            return
        with self._forgiving():
            if now >= self._compare_at:
                self._compare()
            generation = self._shelf.generation
            if generation != self._generation:
                self._generation = generation
                self._follow()
            if now >= self._rest_until:
                began = time.monotonic()
                self._stroll(began + STROLL)
                ended = time.monotonic()
                self._rest_until = ended + max(LEISURE, REST * (ended - began))

    def write_all(self, done: Callable[[], None]) -> Written:
        """Write everything that is not as it should be, every archive rendered anew; delete the rest.

        `done` is called after each feed's archives. Raises `StoreError`.
        """
        self._windows.forget()
        names = self._windows.follow()
        names += self._windows.follow_directory()
        for slug in self._cursors():
            left = self._archives.look(slug, anew=True)
            while left.anything:
                left = self._archives.look(slug)
            names += self._write(slug, "now", None)
            names += self._write(slug, "later", None)
            done()
        removed = (*self._windows.sweep(), *self._archives.sweep())
        return Written(written=tuple(names), removed=removed)

    def _compare(self) -> None:
        """Trust nothing: compare all documents' files, and delete what is nobody's."""
        self._forget()
        with self._separately():
            _tell([], self._archives.sweep())
            self._compare_at = time.monotonic() + COMPARE_EVERY

    def _follow(self) -> None:
        """Write what was published, by whomever, and what must be seen of the archives at once."""
        with self._separately():
            _tell(self._windows.follow())
            removed = self._windows.sweep()
            _tell([], removed)
            if removed:
                _tell([], self._archives.sweep())
        for slug, cursor in self._cursors().items():
            if self._seen.get(slug) != cursor:
                with self._separately():
                    self._follow_archives(slug)
                    self._seen[slug] = cursor

    def _follow_archives(self, slug: str) -> None:
        left = self._look(slug, again=slug not in self._seen)
        _tell(self._write(slug, "now", None))
        while left.changes:
            left = self._look(slug)
            _tell(self._write(slug, "now", None))

    def _stroll(self, until: float) -> None:
        """Write the directory of all feeds, and of each feed a part of its archives that can wait.

        Before it what cannot: a publication leaves some, and a look here may find more.
        """
        with self._separately():
            _tell(self._windows.follow_directory())
        for slug in list(self._leisurely):
            if time.monotonic() >= until:
                return
            # Behind all others.
            del self._leisurely[slug]
            with self._separately():
                left = self._archives.look(slug)
                _tell(self._write(slug, "now", None))
                names = self._archives.write_one(slug, "later")
                _tell(names or [])
                if left.anything or names is not None:
                    self._leisurely[slug] = None

    def _look(self, slug: str, *, again: bool = False) -> Left:
        left = self._archives.look(slug, again=again)
        self._leisurely[slug] = None
        return left

    def _write(self, slug: str, mark: Mark, most: int | None) -> list[str]:
        names: list[str] = []
        count = 0
        while most is None or count < most:
            some = self._archives.write_one(slug, mark)
            if some is None:
                break
            names += some
            count += 1
        return names

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Log a failure, and compare everything when it may work again."""
        try:
            yield
        except FeedsvcError as error:
            self._note(error)

    @contextmanager
    def _separately(self) -> Iterator[None]:
        """The same for one of several pieces of work: its failure holds up no other.

        Where the database does not answer none can go on.
        """
        try:
            yield
        except StoreBusy:
            raise
        except FeedsvcError as error:
            self._note(error)

    def _note(self, error: FeedsvcError) -> None:
        if isinstance(error, NotFound):
            # The feed has gone meanwhile; the next comparison takes its files away.
            log.info("files_feed_gone", subject=error.subject)
            self._compare_at = 0.0
            return
        log.error("files_not_written", kind=error.kind, error=str(error))
        self._forget()
        self._retry_at = time.monotonic() + RETRY

    def _forget(self) -> None:
        self._windows.forget()
        self._seen.clear()
        self._generation = -1

    def _cursors(self) -> dict[str, int]:
        with self._db.read() as session:
            return {state.slug: state.cursor for state in feeds.states(session)}


def _tell(names: Sequence[str], removed: Sequence[str] = ()) -> None:
    """Log what a cache in front has to forget."""
    if names or removed:
        log.info("files_changed", paths=[url_path(name) for name in (*names, *removed)])
