"""A folder of finished documents for other servers: each a file, its gzip and brotli twins beside it.

    DIR/feeds/gongan.rss, .rss.gz, .rss.br    as served at /feeds/gongan.rss
        .feedsvc/<work>.lock                  held by whoever does this work
        .feedsvc/<work>/                      files that are not finished
        .feedsvc/<work>.json, <work>-….json   what we note down for the next time

A server that finds `name.gz` beside `name` sends it unseen, and three renames are not one step. So a
new version first takes the twins of the old one away: at every moment, also after a kill, whatever
is there of a document is whole and of one version (docs/decisions/0014).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feedsvc.errors import StoreError

OWN = ".feedsvc"
TWINS = (".br", ".gz")
SUFFIXES = ("", *TWINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One document under one or more names (relative paths with /); `at` is what its files are dated."""

    names: tuple[str, ...]
    body: bytes
    gzip: bytes
    brotli: bytes
    at: datetime

    def bytes_of(self, suffix: str) -> bytes:
        """Return what the file with this suffix holds."""
        return {"": self.body, ".gz": self.gzip, ".br": self.brotli}[suffix]


class FileTree:
    """One such folder, shared by any number of threads and processes of one machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def directory(self) -> Path:
        """Where it is."""
        return self._directory

    @contextmanager
    def alone(self, work: str) -> Iterator[Hand]:
        """Yield the hand that writes, while nobody else does this work; the kernel frees a dead one's lock.

        Raises `StoreError` for whatever the file system refuses, inside the block too.
        """
        own = self._directory / OWN
        unfinished = own / work
        with _as_store_error(self._directory):
            unfinished.mkdir(parents=True, exist_ok=True)
            lock = os.open(own / f"{work}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for left in unfinished.iterdir():
                    left.unlink(missing_ok=True)
                yield Hand(self._directory, unfinished)
            finally:
                os.close(lock)


class Hand:
    """Writes to the folder; got by `FileTree.alone`."""

    def __init__(self, directory: Path, unfinished: Path) -> None:
        self._directory = directory
        self._unfinished = unfinished

    def put_all(self, leaves: Iterable[Leaf]) -> list[str]:
        """Put each; what fails keeps none of the others. Return the names that changed, or raise then."""
        changed: list[str] = []
        failure: OSError | None = None
        for leaf in leaves:
            try:
                changed += self.put(leaf)
            except OSError as error:
                failure = error
        if failure is not None:
            raise failure
        return changed

    def put(self, leaf: Leaf) -> list[str]:
        """Make the files of each name those of this document; return the names that were not yet.

        New content is dated at least a second after the old: servers make ETags from time and size.
        Where it cannot be written the old files are taken away, so that a withdrawn text never stays
        for want of space; whoever serves the folder then asks the application.
        """
        changed: list[str] = []
        for name in leaf.names:
            if self._holds(name, leaf):
                continue
            try:
                self._prepare(name, leaf, changed)
            except OSError:
                with suppress(OSError):
                    self.remove(name)
                raise
            self._swap(name)
            changed.append(name)
        return changed

    def remove(self, name: str) -> bool:
        """Delete a document's files, the twins first; tell whether it was there."""
        path = self._directory / name
        for suffix in TWINS:
            _with(path, suffix).unlink(missing_ok=True)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _sync(path.parent)
        with suppress(OSError):
            path.parent.rmdir()
        return True

    def names(self, folder: str) -> list[str]:
        """List the documents below a folder, by their names, whoever has written them."""
        return sorted(
            str(path.relative_to(self._directory))
            for path in (self._directory / folder).rglob("*")
            if path.suffix not in TWINS and path.is_file()
        )

    def note(self, key: str, words: bytes) -> None:
        """Keep something for the next time, replacing what was kept under this key."""
        temporary = self._unfinished / "note"
        temporary.unlink(missing_ok=True)
        _write(temporary, words, None)
        temporary.rename(self._directory / OWN / f"{key}.json")

    def noted(self, key: str) -> bytes | None:
        """Return what is kept under a key."""
        try:
            return (self._directory / OWN / f"{key}.json").read_bytes()
        except FileNotFoundError:
            return None

    def notes(self, prefix: str) -> list[str]:
        """List the keys that begin so."""
        return sorted(path.stem for path in (self._directory / OWN).glob(f"{prefix}*.json"))

    def forget(self, key: str) -> None:
        """Drop what is kept under a key."""
        (self._directory / OWN / f"{key}.json").unlink(missing_ok=True)

    def _holds(self, name: str, leaf: Leaf) -> bool:
        path = self._directory / name
        return all(_equals(_with(path, suffix), leaf.bytes_of(suffix)) for suffix in SUFFIXES)

    def _prepare(self, name: str, leaf: Leaf, written: list[str]) -> None:
        """Put the new files down, ready to be renamed; a second name is a second link to the first."""
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        at = _time_for(path, leaf)
        for suffix in SUFFIXES:
            temporary = self._unfinished / f"new{suffix}"
            # What an earlier failure left there may be a link to a file that is published.
            temporary.unlink(missing_ok=True)
            if written:
                os.link(_with(self._directory / written[0], suffix), temporary)
            else:
                _write(temporary, leaf.bytes_of(suffix), at)

    def _swap(self, name: str) -> None:
        """Twins away, the document itself, twins: what a server can see is in the module's docstring."""
        path = self._directory / name
        for suffix in TWINS:
            _with(path, suffix).unlink(missing_ok=True)
        for suffix in SUFFIXES:
            (self._unfinished / f"new{suffix}").rename(_with(path, suffix))
        _sync(path.parent)


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _equals(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _time_for(path: Path, leaf: Leaf) -> int:
    """Seconds since 1970: the document's own time, later than that of other bytes that stood there."""
    own = int(leaf.at.timestamp())
    try:
        before = int(path.stat().st_mtime)
    except FileNotFoundError:
        return own
    return before if _equals(path, leaf.body) else max(own, before + 1)


def _write(path: Path, content: bytes, at: int | None) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        if at is not None:
            os.utime(file.fileno(), (at, at))
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _as_store_error(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            str(directory), f"files cannot be kept there ({error.strerror})"
        ) from error
