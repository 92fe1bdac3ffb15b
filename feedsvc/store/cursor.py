"""The service-wide cursor: numbers of changes that become visible in the order of the numbers.

A sequence gives numbers in order but lets their transactions commit in any order, so a reader that
has seen 2 may never see 1. Here the numbers come from one row, whose lock is held from the taking
of a number to the commit: whoever has the next number commits later. Take numbers as late in the
transaction as possible, because nobody else can commit a change meanwhile.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from feedsvc.store.tables import CURSOR


def allot(session: Session, count: int) -> int:
    """Take `count` numbers at once; return the last of them (the first is `last - count + 1`)."""
    return int(session.execute(_ALLOT, {"of_count": count}).scalar_one())


_ALLOT = (
    update(CURSOR)
    .values(value=CURSOR.c.value + bindparam("of_count", type_=CURSOR.c.value.type))
    .returning(CURSOR.c.value)
)


def latest(session: Session) -> int:
    """Return the last number given out, 0 before the first change."""
    return int(session.execute(select(CURSOR.c.value)).scalar_one())
