"""Many rows at once: what SQLAlchemy would have stored, value for value."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select

from feedsvc.errors import StoreError
from feedsvc.store import sources
from feedsvc.store.bulk import insert_all
from feedsvc.store.engine import Database
from feedsvc.store.tables import ALIAS, RUN
from tests.store.samples import NOW, add_catalogue, store_new


def run(source_id: int, seen: int) -> dict[str, Any]:
    return {
        "source_id": source_id, "status": "ok",
        "started_at": NOW.astimezone(timezone(timedelta(hours=8))), "finished_at": NOW,
        "http_status": None, "wire_bytes": 2**40, "seen": seen, "new": 0, "updated": 0,
        "withdrawn": 0, "repairs": [], "rejections": [{"kind": "“引号”", "n": [1, None]}],
        "error_kind": None, "error_message": "100 % 'x' :y ?", "error_permanent": True,
    }  # fmt: skip


def test_rows_are_stored_as_sqlalchemy_stores_them(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        source_id = sources.get(session, "paper").id
        assert insert_all(session, RUN, [run(source_id, seen) for seen in range(3)]) == 3
        session.execute(insert(RUN), [run(source_id, seen) for seen in range(3)])
    with db.read() as session:
        rows = [tuple(row)[1:] for row in session.execute(select(RUN).order_by(RUN.c.id))]
    assert rows[:3] == rows[3:]
    assert [row[6] for row in rows[:3]] == [0, 1, 2]


def test_none_is_no_statement(db: Database) -> None:
    with db.write() as session:
        assert insert_all(session, RUN, []) == 0


def test_a_taken_key_is_left_out_or_fails_the_whole(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    store_new(db, "paper", ["a"])
    rows = [{"digest": bytes([number]), "kind": "url", "article_id": 1} for number in range(3)]
    with db.write() as session:
        assert insert_all(session, ALIAS, rows[:1], only_free=True) == 1
        assert insert_all(session, ALIAS, rows, only_free=True) == 2
    with pytest.raises(StoreError), db.write() as session:
        insert_all(session, ALIAS, rows)
