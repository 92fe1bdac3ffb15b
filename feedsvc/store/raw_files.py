"""Bodies of partners' answers as files, named by their hash: HOME/raw/<2 hex>/<32 hex>.br.

Written at every poll that brings news, so it must cost little and never harm the poll: the quickest
setting of the compressor (2 ms a megabyte), no fsync, and nothing at all once the disk is nearly
full. What a power cut leaves half-written is found out by its hash and counts as not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import brotli

QUALITY = 0
# The database lives on the same disk as a rule: what is kept for convenience leaves it room.
LEAST_FREE = 256 * 1024 * 1024
SHARDS = 256
ENDING = ".br"


class RawFiles:
    """The folder of one machine. Any number of threads and processes may use it at once."""

    def __init__(self, folder: Path, *, least_free: int = LEAST_FREE) -> None:
        self._folder = folder
        self._least_free = least_free

    def keep(self, body: bytes, name: str = "") -> tuple[str, int]:
        """Store a body unless it is there; return its hash, which may be known, and its file's size.

        Raises OSError, as for a disk that is full or nearly so.
        """
        name = name or hash_of(body)
        path = self._path(name)
        try:
            # The sweep spares files that were of use lately: a row for this one is about to come.
            os.utime(path)
            return name, path.stat().st_size
        except FileNotFoundError:
            pass
        packed = brotli.compress(body, quality=QUALITY)
        self._write(path, packed)
        return name, len(packed)

    def read(self, name: str) -> bytes | None:
        """Return the body with this hash; None where it is not here, or not whole."""
        try:
            body: bytes = brotli.decompress(self._path(name).read_bytes())
        except (OSError, brotli.error):
            return None
        return body if hash_of(body) == name else None

    def drop(self, name: str) -> None:
        """Remove a body; one that is not here is fine."""
        with contextlib.suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def idle(self, shard: int, before: float) -> Iterator[tuple[str, Path]]:
        """Yield hash and path of each file of one shard that was last of use before this time (Unix).

        Files that a killed process left half-written go by the hash "".
        """
        with contextlib.suppress(OSError), os.scandir(self._folder / f"{shard:02x}") as entries:
            for entry in entries:
                path = Path(entry.path)
                with contextlib.suppress(OSError):
                    if entry.stat().st_mtime < before:
                        yield (path.stem if path.suffix == ENDING else ""), path

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}{ENDING}"

    def _write(self, path: Path, packed: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        state = os.statvfs(path.parent)
        if state.f_bavail * state.f_frsize < self._least_free:
            raise OSError("the disk is nearly full")
        unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            unfinished.write_bytes(packed)
            unfinished.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise


def hash_of(body: bytes) -> str:
    """Return the name that a body goes by: 32 hex digits."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
