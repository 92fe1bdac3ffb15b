"""The shelf once more as plain files: what readers are served from memory, for nginx or a CDN."""

from __future__ import annotations

import re
from collections.abc import Collection

from feedsvc.domain.feed import FeedDocument, Site, is_gone
from feedsvc.publish.directory import directory
from feedsvc.publish.documents import compressed
from feedsvc.store import documents, feeds
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree, Leaf
from feedsvc.store.shelf import Shelf

WORK = "windows"
DIRECTORY = "feeds.opml"
_DOCUMENT = re.compile(r"feeds/.+\.(?:rss|atom|json)")
_ARCHIVE = re.compile(r"feeds/.+/\d{4}-\d\d(?:\.part-\d+)?\.(?:rss|atom|json)")


class WindowFiles:
    """Keeps the files of feed documents equal to the shelf; thread-safe.

    What is written is always read from the shelf under the lock, and the shelf never goes back: so
    no writer, however late, can put an older document over a newer one.
    """

    def __init__(self, db: Database, shelf: Shelf, site: Site, tree: FileTree) -> None:
        self._db = db
        self._shelf = shelf
        self._site = site
        self._tree = tree
        # What we know to stand in the files, by URL path: the document's etag.
        self._standing: dict[str, str] = {}
        # What was served at the last sweep; None before the first.
        self._swept: frozenset[str] | None = None

    def follow(self, slugs: Collection[str] | None = None) -> list[str]:
        """Write what is new on the shelf, of these feeds or of all; return the names written.

        What we have not seen standing is compared byte by byte, so nothing is written twice.
        """
        with self._tree.alone(WORK) as hand:
            on_shelf = self._on_shelf()
            due = {
                path: etag
                for path, etag in on_shelf.items()
                if self._standing.get(path) != etag and (slugs is None or _slug(path) in slugs)
            }
            others = {path: etag for path, etag in on_shelf.items() if path not in due}
            loaded = self._shelf.load_changed(others) if due else {}
            written = hand.put_all(
                _leaf(document) for _, document in sorted(loaded.items()) if not document.gone
            )
            self._standing |= {path: document.etag for path, document in loaded.items()}
            return written

    def follow_directory(self) -> list[str]:
        """Write the directory of all feeds where it has changed; return the names written."""
        with self._tree.alone(WORK) as hand:
            with self._db.read() as session:
                states = feeds.open_states(session)
            if not states:
                return []
            body = directory(states, self._site)
            gzip, brotli = compressed(body)
            at = max(state.updated_at for state in states)
            leaf = Leaf(names=(DIRECTORY,), body=body, gzip=gzip, brotli=brotli, at=at)
            return hand.put(leaf)

    def sweep(self) -> list[str]:
        """Delete the files of documents that are neither on the shelf nor stored; return their names.

        The folder is searched where something served at the last sweep is served no more, and after
        `forget`: a folder with the archives of years has too many files for every publication.
        Where a feed was renamed or has ended, the application then leads on (301) or says so (410).
        """
        with self._tree.alone(WORK) as hand:
            with self._db.read() as session:
                stored = {
                    f"/feeds/{slug}.{fmt}"
                    for (slug, fmt), (_, etag, _) in documents.editions(session).items()
                    if not is_gone(etag)
                }
            kept = stored | {path for path, etag in self._on_shelf().items() if not is_gone(etag)}
            if self._swept is not None and self._swept <= kept:
                self._swept = frozenset(kept)
                return []
            gone = [
                name for name in hand.names("feeds") if is_window(name) and f"/{name}" not in kept
            ]
            for name in gone:
                hand.remove(name)
                self._standing.pop(f"/{name}", None)
            self._swept = frozenset(kept)
            return gone

    def forget(self) -> None:
        """Compare everything anew the next time: files may have been lost or changed by others."""
        self._standing.clear()
        self._swept = None

    def _on_shelf(self) -> dict[str, str]:
        return {
            f"/feeds/{slug}.{fmt}": etag for (slug, fmt), (_, etag) in self._shelf.index().items()
        }


def _leaf(document: FeedDocument) -> Leaf:
    return Leaf(
        names=(document.path.lstrip("/"),),
        body=document.body,
        gzip=document.gzip,
        brotli=document.brotli,
        at=document.last_modified,
    )


def _slug(path: str) -> str:
    return path.removeprefix("/feeds/").rpartition(".")[0]


def is_window(name: str) -> bool:
    """Tell whether a file's name is that of a feed document, and not of an archive or a stranger's."""
    return bool(_DOCUMENT.fullmatch(name)) and not _ARCHIVE.fullmatch(name)
