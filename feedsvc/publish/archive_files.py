"""Monthly archives as files: each part of each month of each feed, rewritten where it has changed.

    feeds/gongan/2026-11.rss           the last part of the month
    feeds/gongan/2026-11.part-1.rss    each part by its number (`?part=1`)

Under the lock the ledger is read first, then the database, then files are written: so whatever is
written is at least as new as what stands there. A look at the changes marks what is to be written, and
the marks are kept; a death between the two leaves work, never a gap.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import structlog

from feedsvc.domain.feed import FORMATS, Category, FeedDocument, FeedState
from feedsvc.errors import NotFound, RenderError
from feedsvc.publish.ledger import (
    Ledger,
    Mark,
    Outline,
    compare,
    dump,
    later_month,
    load,
    once_more,
    unmade,
    unwritten,
    urgent,
    with_looks,
    written,
)
from feedsvc.publish.months import Month
from feedsvc.publish.past import Past
from feedsvc.store import catching_up, categories, cursor, feeds
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree, Hand, Leaf

WORK = "archives"
# A withdrawn text must be gone within a second wherever it stands; the rest can wait its turn.
AT_ONCE = frozenset({"corrected", "withdrawn"})
CHANGES_AT_ONCE = 2000
MONTHS_AT_ONCE = 12
_END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"feeds/(.+)/(\d{4}-\d\d)(?:\.part-(\d+))?\.(rss|atom|json)")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a look has left to the next: changes, which may be withdrawals, or months in stock."""

    changes: bool
    months: bool

    @property
    def anything(self) -> bool:
        """Whether to look again."""
        return self.changes or self.months


class ArchiveFiles:
    """Keeps the files of all archives; thread-safe. Each call is a bounded piece of work."""

    def __init__(self, db: Database, tree: FileTree, past: Past) -> None:
        self._db = db
        self._tree = tree
        self._past = past

    def look(self, slug: str, *, anew: bool = False, again: bool = False) -> Left:
        """Note down what is to be written of a feed; tell what is left to look at.

        Parts that are no more are deleted on the way. `anew`: whatever was noted before; `again`: also
        what could not be made. Raises `NotFound`.
        """
        with self._turn() as hand:
            known = None if anew else self._ledger(hand, slug)
            ledger = self._with_changes(hand, slug, known or self._blank(slug))
            if again:
                ledger = once_more(ledger)
            for month in ledger.unseen[:MONTHS_AT_ONCE]:
                ledger = self._compared(hand, slug, ledger, month, {})
            if ledger != known:
                self._keep(hand, slug, ledger)
            return Left(changes=ledger.cursor < self._latest(slug), months=bool(ledger.unseen))

    def write_one(self, slug: str, mark: Mark) -> list[str] | None:
        """Write one part that bears this mark; return the names that changed, None where none bears it.

        One that cannot be made holds up no other: what it shows that must be seen no longer is taken
        away, and whoever serves the folder asks the application.
        """
        with self._turn() as hand:
            ledger = self._ledger(hand, slug)
            found = unwritten(ledger, mark) if ledger else None
            if ledger is None or found is None:
                return None
            month, number = found
            try:
                made = self._past.month_in_all_formats(slug, Month.named(month), number)
            except NotFound:
                # It has gone since the look; the next one sees to what stands in its place.
                names = _take_away(hand, slug, ledger, month, number)
                ledger = written(ledger, month, number)
                ledger = replace(ledger, unseen=(*ledger.unseen, month))
            except RenderError as error:
                log.error("archive_not_made", feed=slug, month=month, part=number, error=str(error))  # noqa: TRY400 - an expected failure needs no traceback
                names = _take_away(hand, slug, ledger, month, number) if mark == "now" else []
                ledger = unmade(ledger, month, number)
            else:
                names = self._put(hand, slug, ledger, found, made)
                ledger = written(ledger, month, number)
            self._keep(hand, slug, ledger)
            return names

    def _put(
        self,
        hand: Hand,
        slug: str,
        ledger: Ledger,
        place: tuple[str, int],
        made: Sequence[FeedDocument],
    ) -> list[str]:
        month, number = place
        is_last = number == len(ledger.months[month])
        try:
            return hand.put_all(
                _leaf(document, month, number, is_last=is_last) for document in made
            )
        except OSError:
            _take_away_urgent(hand, slug, ledger)
            raise

    def sweep(self) -> list[str]:
        """Delete the archives of feeds that are no more, and files that no ledger knows."""
        with self._turn() as hand:
            with self._db.read() as session:
                standing = {state.slug for state in feeds.states(session)}
            ledgers: dict[str, Ledger] = {}
            for key in hand.notes(f"{WORK}-"):
                slug = unquote(key.removeprefix(f"{WORK}-"))
                if slug not in standing:
                    hand.forget(key)
                elif (ledger := self._ledger(hand, slug)) is not None:
                    ledgers[slug] = ledger
            kept = {name for slug, ledger in ledgers.items() for name in _names_of(slug, ledger)}
            gone = [
                name
                for name in hand.names("feeds")
                if (found := _NAME.fullmatch(name))
                # Without a ledger it is not known what should be there: the next look begins one.
                and (found[1] not in standing or (found[1] in ledgers and name not in kept))
            ]
            for name in gone:
                hand.remove(name)
            return gone

    @contextmanager
    def _turn(self) -> Iterator[Hand]:
        with self._tree.alone(WORK) as hand:
            yield hand

    def _keep(self, hand: Hand, slug: str, ledger: Ledger) -> None:
        """Keep a ledger; where there is no space even for that, no withdrawn text stays for want of it."""
        try:
            hand.note(_key(slug), dump(ledger))
        except OSError:
            _take_away_urgent(hand, slug, ledger)
            raise

    def _ledger(self, hand: Hand, slug: str) -> Ledger | None:
        return load(hand.noted(_key(slug)), self._past.edition)

    def _latest(self, slug: str) -> int:
        with self._db.read() as session:
            return feeds.state(session, slug).cursor

    def _blank(self, slug: str) -> Ledger:
        """A ledger that knows of no file: all months are to be looked at."""
        with self._db.read() as session:
            now = cursor.latest(session)
            looks = _looks(feeds.state(session, slug), categories.all_categories(session))
        return Ledger(
            edition=self._past.edition,
            cursor=now,
            base=now,
            looks=looks,
            unseen=tuple(self._months(slug)),
        )

    def _months(self, slug: str) -> Iterator[str]:
        """Name the months that have articles, the newest first; one look into an index for each."""
        end = _END_OF_TIME
        while True:
            with self._db.read() as session:
                newest = catching_up.newest_before(session, slug, end)
            if newest is None:
                return
            month = Month.of(newest)
            yield str(month)
            end = month.span[0]

    def _with_changes(self, hand: Hand, slug: str, ledger: Ledger) -> Ledger:
        """Look at the months of the articles that have changed since the last look."""
        with self._db.read() as session:
            state = feeds.state(session, slug)
            if state.cursor <= ledger.cursor:
                return ledger
            looks = _looks(state, categories.all_categories(session))
            last = cursor.latest(session)
            changes = catching_up.changes_after(session, ledger.cursor, CHANGES_AT_ONCE)
            places = catching_up.places(session, slug, {each.article_id for each in changes})
        if len(changes) == CHANGES_AT_ONCE:
            last = changes[-1].cursor
        base, ledger = ledger.base, with_looks(ledger, looks, last)
        if base != ledger.base or len(changes) < last - ledger.cursor:
            # Another look, or a number that no article's change bears: articles may be no more.
            months = dict.fromkeys([*self._months(slug), *ledger.months])
            ledger = replace(ledger, unseen=tuple(months))
        touched: dict[str, dict[int, bool]] = defaultdict(dict)
        moved = urgent = False
        for each in changes:
            place = places.get(each.article_id, each.published_at)
            of_month = touched[str(Month.of(place))]
            at_once = each.kind in AT_ONCE or of_month.get(each.article_id, False)
            of_month[each.article_id] = at_once
            moved |= place != each.published_at
            urgent |= at_once
        if moved:
            # A feed that places articles by what happens to them: they may have left any month.
            for month in ledger.months:
                touched[month] |= {}
        for month, of_month in touched.items():
            ledger = self._compared(hand, slug, ledger, month, of_month, at_once=moved and urgent)
        return replace(ledger, cursor=last)

    def _compared(  # noqa: PLR0913 - one step of a look
        self,
        hand: Hand,
        slug: str,
        ledger: Ledger,
        month: str,
        touched: dict[int, bool],
        *,
        at_once: bool = False,
    ) -> Ledger:
        """Mark what differs in a month, and in the one that leads to it where it came or went."""
        before = len(ledger.months.get(month, ()))
        ledger = compare(ledger, month, self._outline(slug, month), touched, at_once=at_once)
        after = len(ledger.months.get(month, ()))
        for number in range(after + 1, before + 1):
            for name in _part_names(slug, month, number):
                hand.remove(name)
        if before and not after:
            for name in _month_names(slug, month):
                hand.remove(name)
        following = later_month(ledger, month)
        if following is not None and bool(before) != bool(after):
            ledger = compare(ledger, following, self._outline(slug, following), {})
        return ledger

    def _outline(self, slug: str, month: str) -> Outline:
        start, end = Month.named(month).span
        with self._db.read() as session:
            ids = catching_up.ids_between(session, slug, start, end)
            before = catching_up.newest_before(session, slug, start)
        return Outline(
            ids=ids, before=str(Month.of(before)) if before else "", size=self._past.part_size
        )


def url_path(name: str) -> str:
    """Return the address at which a file's document is served: that of a part has a query."""
    found = _NAME.fullmatch(name)
    if found is None or found[3] is None:
        return f"/{name}"
    return f"/feeds/{found[1]}/{found[2]}.{found[4]}?part={found[3]}"


def _looks(state: FeedState, sections: Sequence[Category]) -> dict[str, str]:
    """Return what every part of a feed's archives shows beside its articles, by what it is of.

    Not what is pinned, nor a farewell: archives show neither.
    """
    own = repr((state.guid, state.title, state.description, state.content))
    only = state.selection.category
    shown = {each.slug: each.title for each in sections if only in {None, each.slug}}
    return {"": own, **shown}


def _key(slug: str) -> str:
    return f"{WORK}-{quote(slug, safe='')}"


def _leaf(document: FeedDocument, month: str, number: int, *, is_last: bool) -> Leaf:
    stem = f"feeds/{document.slug}/{month}"
    own = f"{stem}.part-{number}.{document.format}"
    return Leaf(
        names=(own, f"{stem}.{document.format}") if is_last else (own,),
        body=document.body,
        gzip=document.gzip,
        brotli=document.brotli,
        at=document.last_modified,
    )


def _take_away(hand: Hand, slug: str, ledger: Ledger, month: str, number: int) -> list[str]:
    """Delete the files of a part; return the names of those that were there."""
    is_last = number == len(ledger.months[month])
    also = _month_names(slug, month) if is_last else []
    return [name for name in (*_part_names(slug, month, number), *also) if hand.remove(name)]


def _take_away_urgent(hand: Hand, slug: str, ledger: Ledger) -> None:
    """Delete what shows a text that must be seen no longer, where none of it can be written."""
    for month, number in urgent(ledger):
        _take_away(hand, slug, ledger, month, number)


def _month_names(slug: str, month: str) -> list[str]:
    return [f"feeds/{slug}/{month}.{fmt}" for fmt in FORMATS]


def _part_names(slug: str, month: str, number: int) -> list[str]:
    return [f"feeds/{slug}/{month}.part-{number}.{fmt}" for fmt in FORMATS]


def _names_of(slug: str, ledger: Ledger) -> set[str]:
    names: set[str] = set()
    for month, parts in ledger.months.items():
        names.update(_month_names(slug, month))
        for number in range(1, len(parts) + 1):
            names.update(_part_names(slug, month, number))
    return names
