"""The bytes of pictures as files, named by their hash; what the public may see is apart from the rest.

    HOME/media/shown/3f/3f0c…       served at /media/<hash>
               withheld/3f/3f0c…    kept, but in no public article: answered with 410
               .lock                held by whoever moves files

A file is whole from the first moment that it has its name, and where it stands says whether it may
be served: no database is asked for it. It moves by rename, so it is in one place or the other, also
after a crash. Files are the partner's bytes, unchanged: labels embedded in them stay.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedsvc.errors import StoreError

# 160 bits: nobody finds two pictures of one name.
HASH_BYTES = 20
TEMPORARY = ".tmp-"
SHOWN = "shown"
WITHHELD = "withheld"


class Media:
    """The pictures of one HOME, shared by any number of threads and processes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, data: bytes) -> str:
        """Store bytes, withheld unless they are there already; return their hash. Not within `alone`.

        They are on the disk before the lock is taken: nobody who moves a file waits for a disk.
        """
        name = hashlib.blake2b(data, digest_size=HASH_BYTES).hexdigest()
        with self._guarded():
            temporary = _written(self._path(WITHHELD, name), data)
        with self.alone(), self._guarded():
            for path in self._paths(name):
                if path.exists():
                    # As if new, for `stale`.
                    os.utime(path)
                    temporary.unlink()
                    return name
            temporary.rename(self._path(WITHHELD, name))
            _sync(temporary.parent)
        return name

    def show(self, name: str) -> None:
        """Let the public have a picture; one that we lack is left alone. Call it in `alone`."""
        self._move(name, WITHHELD, SHOWN)

    def withhold(self, name: str) -> None:
        """Take a picture from the public at once; its bytes stay. Call it in `alone`."""
        self._move(name, SHOWN, WITHHELD)

    def remove(self, name: str, seconds: float) -> bool:
        """Delete a picture that nobody has put for so long; tell whether it is gone. In `alone`."""
        with self._guarded():
            old = [path for path in self._paths(name) if _age(path) > seconds]
            for path in old:
                path.unlink(missing_ok=True)
        return bool(old)

    def find(self, name: str) -> Path | None:
        """Return the file of a picture that the public may see."""
        path = self._path(SHOWN, name)
        return path if path.is_file() else None

    def is_withheld(self, name: str) -> bool:
        """Whether we have the picture but do not show it."""
        return self._path(WITHHELD, name).is_file()

    def stale(self, seconds: float) -> list[str]:
        """Return the names of all files that nobody has put for so long.

        What a killed writer left half is deleted on the way.
        """
        names = []
        with self._guarded():
            for path in self._directory.glob("*/??/*"):
                if _age(path) <= seconds:
                    continue
                if path.name.startswith(TEMPORARY):
                    path.unlink(missing_ok=True)
                else:
                    names.append(path.name)
        return names

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other movers out, of any process; the kernel frees the lock of a killed one."""
        with self._guarded():
            self._directory.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(
                self._directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
            )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _move(self, name: str, start: str, goal: str) -> None:
        there = self._path(goal, name)
        with self._guarded():
            there.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.replace(self._path(start, name), there)
            except FileNotFoundError:
                return
            _sync(there.parent)

    def _paths(self, name: str) -> list[Path]:
        return [self._path(place, name) for place in (SHOWN, WITHHELD)]

    def _path(self, place: str, name: str) -> Path:
        return self._directory / place / name[:2] / name

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                str(self._directory), f"pictures cannot be kept there ({error.strerror})"
            ) from error


def _written(path: Path, data: bytes) -> Path:
    """Write the bytes beside their place and see them to the disk; return where they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{threading.get_ident()}-{path.name}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _age(path: Path) -> float:
    """Seconds since a file was put; below 0 for one that has gone meanwhile."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return -1.0


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
