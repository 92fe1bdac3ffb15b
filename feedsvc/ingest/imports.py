"""Articles from files, by the same steps as a poll, a batch at a time:

    cut ─── parse ──── assign_keys ── normalise ── decide ── commit
    (file →  (guarded                                        (batch and position,
    pieces)  worker)                                          one transaction)

A piece that cannot be read is halved until the record is found that cannot; that one is named and
the others go in.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import Changes
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Rejection
from feedsvc.domain.source import Source
from feedsvc.errors import EmptyFeed, IngestError, UsageError
from feedsvc.ingest.grouping import grouped
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.judge import decided, normalised, screened
from feedsvc.ingest.patience import patiently
from feedsvc.ingest.recall import recall
from feedsvc.ingest.understand import Parsers
from feedsvc.parse.feeds.pieces import Piece, cut
from feedsvc.store import articles, candidates, fingerprints, house, imports
from feedsvc.store.batches import Terms, commit_batch
from feedsvc.store.engine import Database

# Pieces read ahead while one is stored: enough to keep the workers busy, little memory.
AHEAD = 3
# Rejections named in the report; their number is in the counts.
NAMED = 1000
# Beginning of a file by which it is known again.
HEAD_BYTES = 64 * 1024
COUNTED = re.compile(r"(?:item|line) \d+")


def _nobody(_: int) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What an import needs beside its file: `debounce` (s) and `near_duplicates` as for polls;
    `reached` is told the position in the file after each batch."""

    parsers: Parsers
    clock: Callable[[], datetime]
    debounce: float = 0.2
    near_duplicates: bool = True
    reached: Callable[[int], None] = _nobody


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of one file. Records left out on purpose (drafts, attachments) are among the rejections."""

    file: str
    resumed_at: int = 0
    read: int = 0
    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        """Records that said nothing new."""
        return self.read - self.new - self.updated - self.withdrawn - self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One piece, read: its drafts in order, and what cannot be used."""

    piece: Piece
    drafts: tuple[Draft, ...]
    rejections: tuple[Rejection, ...]


def import_file(db: Database, path: Path, source: Source, options: ImportOptions) -> Imported:
    """Store what a file holds as if the source had published it; goes on where a killed run ended.

    Raises `UsageError` for a file that cannot be opened, `ParseError` for one that holds no
    records, `StoreError`.
    """
    try:
        with path.open("rb") as file:
            return _imported(db, file, path, source, options)
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})") from error


def _imported(
    db: Database,
    file: BinaryIO,
    path: Path,
    source: Source,
    options: ImportOptions,
) -> Imported:
    name = _identity(path, file)
    with db.read() as session:
        start = imports.position(session, source.id, name)
    report = Imported(file=str(path), resumed_at=start)
    seen_at = options.clock()
    for read in _read_ahead(cut(file, start), source, options, seen_at):
        _count(report, read, *_stored(db, source, read, name, options))
        options.reached(read.piece.end)
    with db.write() as session:
        imports.finish(session, source.id, name)
    return report


def _identity(path: Path, file: BinaryIO) -> str:
    """The file's name and how it begins: a file of the same name with other records starts anew."""
    file.seek(0)
    begins = hashlib.blake2b(file.read(HEAD_BYTES), digest_size=16).hexdigest()
    return f"{begins} {path.resolve()}"


def _read_ahead(
    pieces: Iterator[Piece], source: Source, options: ImportOptions, seen_at: datetime
) -> Iterator[_Read]:
    """Read pieces in workers while earlier ones are stored; in the order of the file."""

    def read(piece: Piece) -> _Read:
        return _read(piece, source, options.parsers, seen_at)

    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="import") as pool:
        pending: deque[Future[_Read]] = deque()
        for piece in pieces:
            pending.append(pool.submit(read, piece))
            if len(pending) > AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _read(piece: Piece, source: Source, parsers: Parsers, seen_at: datetime) -> _Read:
    drafts: list[Draft] = []
    rejections: list[Rejection] = []
    for parsed in _parsed(piece, source, parsers, seen_at):
        if isinstance(parsed, Rejection):
            rejections.append(parsed)
            continue
        made, refused = normalised(assign_keys(parsed.items), seen_at)
        drafts.extend(made)
        rejections.extend((*_placed(parsed.rejections, piece), *refused))
    return _Read(piece=piece, drafts=tuple(drafts), rejections=tuple(rejections))


def _parsed(
    piece: Piece, source: Source, parsers: Parsers, seen_at: datetime
) -> Iterator[ParsedFeed | Rejection]:
    job = ParseJob(
        kind="feed",
        body=piece.document,
        url=source.url,
        seen_at=seen_at,
        charset=source.charset,
        timezone=source.timezone,
    )
    try:
        parsed = parsers.parse(job)
    except EmptyFeed:
        return
    except IngestError as error:
        if len(piece.records) > 1:
            for half in piece.halves():
                yield from _parsed(half, source, parsers, seen_at)
            return
        if piece.start == 0 and not piece.head and not piece.glue:
            raise
        yield Rejection(subject=_named(piece), kind=error.kind, message=error.cause)
        return
    if isinstance(parsed, ParsedFeed):
        yield parsed


def _placed(rejections: Sequence[Rejection], piece: Piece) -> Iterator[Rejection]:
    """A parser counts in its own document; say where in the file that begins."""
    for each in rejections:
        counted = piece.start and COUNTED.fullmatch(each.subject)
        subject = f"{each.subject} from position {piece.start}" if counted else each.subject
        yield replace(each, subject=subject)


def _named(piece: Piece) -> str:
    """The only record of a piece, by its first words."""
    return " ".join(piece.records[0][:200].decode("utf-8", "replace").split())[:80]


def _stored(
    db: Database, source: Source, read: _Read, name: str, options: ImportOptions
) -> tuple[Changes, tuple[Rejection, ...]]:
    """Store one piece and how far it reaches; what the house's rules block is the second value."""

    def commit() -> tuple[Changes, tuple[Rejection, ...]]:
        now = options.clock()
        with db.write() as session:
            drafts, blocked = screened(read.drafts, house.load(session, source.id))
            drafts, known = recall(drafts, partial(articles.known, session, source.id))
            reviews = candidates.open_kinds(session, source.id)
            decisions = decided(drafts, known, source, reviews=reviews, now=now)
            if options.near_duplicates:
                look_up = partial(fingerprints.neighbourhood, session, source.id)
                decisions = grouped(decisions, source, look_up)
            imports.reach(session, source.id, name, read.piece.end, now)
            terms = Terms(now=now, debounce=options.debounce)
            return commit_batch(session, source, decisions, terms), blocked

    return patiently(commit)


def _count(report: Imported, read: _Read, changes: Changes, blocked: tuple[Rejection, ...]) -> None:
    rejections = (*read.rejections, *blocked)
    report.read += len(read.drafts) + len(read.rejections)
    report.new += changes.new
    report.updated += changes.updated
    report.withdrawn += changes.withdrawn
    report.rejected += len(rejections)
    report.rejections.extend(rejections[: max(0, NAMED - len(report.rejections))])
