"""The shelf: finished feed documents as files, and a counter that tells every process of a change.

    HOME/documents/<hash of the path>.bundle    one document (see store.bundles)
                   .generation                  eight bytes, mapped into every process
                   .lock                        held by whoever writes

A reader pays for one look at mapped memory; files are read only when the counter has moved. Files
are replaced by rename, so a reader sees the old document or the new one. The counter is odd while
somebody writes: where a writer was killed the next one finds it odd, and completes it, so that
what the killed one had put is noticed.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feedsvc.domain.feed import FeedDocument, Format
from feedsvc.errors import StoreError
from feedsvc.store.bundles import pack, unpack

SUFFIX = ".bundle"
TEMPORARY = ".tmp-"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as we last read it: its signature (inode, size, mtime), and what it says of itself."""

    signature: tuple[int, int, int]
    path: str
    slug: str
    format: Format
    cursor: int
    etag: str
    edition: str


class Shelf:
    """The documents in one folder, shared by any number of threads and processes of one machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()
        with _as_store_error(directory):
            directory.mkdir(parents=True, exist_ok=True)
            with self._alone():
                self._counter = _map_counter(directory / ".generation")
                self._heal()

    @property
    def generation(self) -> int:
        """A number that has grown whenever a document has changed: one read of shared memory."""
        return self._counter[0] >> 1

    def put(self, documents: Sequence[FeedDocument]) -> int:
        """Put documents where every process finds them; return how many were new or changed.

        A document with an older cursor than the one there is left out. After a power cut each
        file is the old or the new document. Raises `StoreError` (disk full, say); documents put
        before the failure stay, the others are as they were.
        """
        with _as_store_error(self._directory), self._alone():
            self._heal()
            there = {seen.path: seen for seen in self._look().values()}
            fresh = [each for each in documents if _is_newer(each, there.get(each.path))]
            if fresh:
                self._counter[0] += 1
                try:
                    self._write(fresh)
                finally:
                    self._counter[0] += 1
            return len(fresh)

    def load_all(self) -> dict[str, FeedDocument]:
        """Return every whole document by its URL path; anything else in the folder is ignored."""
        return self.load_changed({})

    def load_changed(self, known: Mapping[str, str]) -> dict[str, FeedDocument]:
        """Return the documents whose etag differs from `known` (URL path → etag), by URL path.

        Only files that changed since the last look are read at all.
        """
        loaded: dict[str, FeedDocument] = {}
        for name, seen in self._look().items():
            if known.get(seen.path) == seen.etag:
                continue
            document = _read(self._directory / name)
            if document is not None:
                loaded[document.path] = document
        return loaded

    def paths(self) -> list[str]:
        """Return the URL paths of all whole documents."""
        return [seen.path for seen in self._look().values()]

    def read_changed(
        self, path: str, known: tuple[int, ...] | None
    ) -> tuple[FeedDocument, tuple[int, ...]] | None:
        """Return the document of one URL path with its file's signature.

        None where the file is as `known` says, is not there, or is not whole. Costs one look at one
        file, however many there are. Raises `StoreError` for a disk that fails.
        """
        file = self._directory / _file_name(path)
        with _as_store_error(self._directory):
            try:
                if known is not None and _signature(file.stat()) == known:
                    return None
                with file.open("rb") as opened:
                    # Of that very file: it may be replaced at any moment.
                    signature = _signature(os.fstat(opened.fileno()))
                    document = unpack(opened.read())
            except FileNotFoundError:
                return None
        return None if document is None else (document, signature)

    def index(self) -> dict[tuple[str, Format], tuple[int, str]]:
        """Return (cursor, etag) of every whole document by (slug, format); cheap when nothing changed."""
        return {
            (seen.slug, seen.format): (seen.cursor, seen.etag) for seen in self._look().values()
        }

    def _look(self) -> dict[str, _Seen]:
        """Return what is on the shelf by file name, reading only files that are not as we saw them."""
        found: dict[str, _Seen] = {}
        with self._lock:
            for name, signature in _list(self._directory):
                seen = self._seen.get(name)
                if seen is None or seen.signature != signature:
                    seen = _examine(self._directory / name)
                if seen is not None:
                    found[name] = seen
            self._seen = found
        return dict(found)

    def _write(self, documents: Sequence[FeedDocument]) -> None:
        for document in documents:
            name = _file_name(document.path)
            temporary = self._directory / f"{TEMPORARY}{name}"
            try:
                with temporary.open("wb") as file:
                    file.write(pack(document))
                    file.flush()
                    # The kernel's own stamp is some milliseconds coarse, and inode numbers come
                    # back: two documents of equal size could look like one file to `_look`.
                    stamp = time.time_ns()
                    os.utime(file.fileno(), ns=(stamp, stamp))
                    os.fsync(file.fileno())
                temporary.rename(self._directory / name)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        folder = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _heal(self) -> None:
        """Finish what a killed writer began; called under the lock, when no writer is at work."""
        for stale in self._directory.glob(f"{TEMPORARY}*"):
            stale.unlink(missing_ok=True)
        if self._counter[0] % 2:
            self._counter[0] += 1

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep all other writers out; the kernel frees the lock of a killed process."""
        descriptor = os.open(
            self._directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
        )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _is_newer(document: FeedDocument, seen: _Seen | None) -> bool:
    if seen is None:
        return True
    if document.cursor != seen.cursor:
        return document.cursor > seen.cursor
    return (document.etag, document.edition) != (seen.etag, seen.edition)


def _file_name(path: str) -> str:
    return hashlib.blake2b(path.encode(), digest_size=16).hexdigest() + SUFFIX


def _signature(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _list(directory: Path) -> list[tuple[str, tuple[int, int, int]]]:
    files = []
    with _as_store_error(directory), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX):
                try:
                    stat = entry.stat()
                except FileNotFoundError:
                    continue
                files.append((entry.name, _signature(stat)))
    return files


def _examine(path: Path) -> _Seen | None:
    document, signature = _read_signed(path)
    if document is None:
        return None
    return _Seen(
        signature=signature,
        path=document.path,
        slug=document.slug,
        format=document.format,
        cursor=document.cursor,
        etag=document.etag,
        edition=document.edition,
    )


def _read(path: Path) -> FeedDocument | None:
    return _read_signed(path)[0]


def _read_signed(path: Path) -> tuple[FeedDocument | None, tuple[int, int, int]]:
    """Read one file with the signature of that very file: it may be replaced at any moment."""
    try:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            return unpack(file.read()), _signature(stat)
    except OSError:
        return None, (0, 0, 0)


def _map_counter(path: Path) -> memoryview[int]:
    """Map the counter; it is read and written as one machine word, so never seen half changed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if os.fstat(descriptor).st_size != 8:
            os.ftruncate(descriptor, 8)
        return memoryview(mmap.mmap(descriptor, 8)).cast("Q")
    finally:
        os.close(descriptor)


@contextmanager
def _as_store_error(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(str(directory), f"the shelf cannot be used ({error.strerror})") from error
