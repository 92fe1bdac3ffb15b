"""What is known of a feed's archives that stand as files: which are current, which are to be written. Pure.

A part of a month is told apart by its print: which articles it holds and where it leads. Articles that
change inside a part are known from the log of changes. So a look costs a few queries, the numbers of the
articles of each month that is touched, and the parts that differ; no part is read to find that out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import Literal

# "": as it should be; "later": at leisure; "now": a correction or withdrawal.
Mark = Literal["", "later", "now"]
# The print of a part that could not be made: like none that it should have.
UNMADE = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a month: the print of what it should show, and whether that is still to be written."""

    print: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The archives of one feed as files.

    `cursor` is the last change that was looked at; `looks` what every part shows of the feed and of
    sections; `base` the look at which that was last found changed; `months` the parts by month;
    `unseen` the months that are still to be looked at.
    """

    edition: str
    cursor: int
    base: int = 0
    looks: Mapping[str, str] = field(default_factory=dict)
    months: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The articles of a month, by id in the order in which they came, and the month before (or "")."""

    ids: Sequence[int]
    before: str
    size: int


def compare(
    ledger: Ledger,
    month: str,
    outline: Outline,
    touched: Mapping[int, bool],
    *,
    at_once: bool = False,
) -> Ledger:
    """Mark the parts of a month that do not show what they should.

    `touched` are articles that have changed, and whether that must be seen at once; `at_once` says
    that one that must be may have left the month. A month without articles is left without parts.
    """
    size = outline.size
    before = ledger.months.get(month, ())
    parts = []
    for number, print_ in enumerate(_prints(ledger, outline)):
        ids = outline.ids[number * size : (number + 1) * size]
        known = before[number] if number < len(before) else None
        inside = [touched[each] for each in ids if each in touched]
        parts.append(Part(print_, _mark(known, print_, inside, at_once=at_once)))
    months = {**ledger.months, month: tuple(parts)}
    if not parts:
        del months[month]
    return replace(
        ledger, months=months, unseen=tuple(each for each in ledger.unseen if each != month)
    )


def with_looks(ledger: Ledger, looks: Mapping[str, str], at: int) -> Ledger:
    """Note how things look at a change; every part is another where something known looks different.

    A section that is new is shown by no part yet.
    """
    same = all(looks.get(what) == look for what, look in ledger.looks.items())
    return replace(ledger, looks=looks, base=ledger.base if same else at)


def later_month(ledger: Ledger, month: str) -> str | None:
    """Return the next month that has parts: its first one leads to this month or past it."""
    return min((each for each in ledger.months if each > month), default=None)


def unwritten(ledger: Ledger, mark: Mark) -> tuple[str, int] | None:
    """Return month and number (from 1) of a part with this mark, the newest first."""
    for month in sorted(ledger.months, reverse=True):
        for number, part in reversed(list(enumerate(ledger.months[month], start=1))):
            if part.mark == mark:
                return month, number
    return None


def urgent(ledger: Ledger) -> list[tuple[str, int]]:
    """Return month and number of every part that shows what must be seen no longer."""
    return [
        (month, number)
        for month, parts in ledger.months.items()
        for number, part in enumerate(parts, start=1)
        if part.mark == "now"
    ]


def written(ledger: Ledger, month: str, number: int) -> Ledger:
    """Note that a part stands as it should."""
    parts = list(ledger.months[month])
    parts[number - 1] = replace(parts[number - 1], mark="")
    return replace(ledger, months={**ledger.months, month: tuple(parts)})


def unmade(ledger: Ledger, month: str, number: int) -> Ledger:
    """Note that a part cannot be made: it holds up no other, and is due when its month is looked at."""
    parts = list(ledger.months[month])
    parts[number - 1] = Part(UNMADE, "")
    return replace(ledger, months={**ledger.months, month: tuple(parts)})


def once_more(ledger: Ledger) -> Ledger:
    """Note that the months of the parts that could not be made are to be looked at."""
    failed = (
        month
        for month, parts in ledger.months.items()
        if any(part.print == UNMADE for part in parts)
    )
    return replace(ledger, unseen=tuple(dict.fromkeys([*ledger.unseen, *failed])))


def dump(ledger: Ledger) -> bytes:
    """Write a ledger down as JSON."""
    return json.dumps(asdict(ledger)).encode()


def load(words: bytes | None, edition: str) -> Ledger | None:
    """Read a ledger; None for none, for one that cannot be read, and for one of another edition."""
    try:
        found = json.loads(words or b"null")
        ledger = Ledger(
            edition=found["edition"],
            cursor=found["cursor"],
            base=found["base"],
            looks=dict(found["looks"]),
            months={
                month: tuple(Part(each["print"], each["mark"]) for each in parts)
                for month, parts in found["months"].items()
            },
            unseen=tuple(found["unseen"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return ledger if ledger.edition == edition else None


def _mark(known: Part | None, print_: str, touched: Sequence[bool], *, at_once: bool) -> Mark:
    if at_once and known is not None and known.print != print_:
        return "now"
    if any(touched) or (known is not None and known.mark == "now"):
        return "now"
    if known is None or known.mark or known.print != print_ or touched:
        return "later"
    return ""


def _prints(ledger: Ledger, outline: Outline) -> list[str]:
    ids, size = outline.ids, outline.size
    count = -(-len(ids) // size)
    prints = []
    for number in range(count):
        part = list(ids[number * size : (number + 1) * size])
        leads = (outline.before if number == 0 else "", number + 1 < count, ledger.base)
        prints.append(blake2b(repr((part, leads)).encode(), digest_size=8).hexdigest())
    return prints
