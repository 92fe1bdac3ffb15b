"""Killed at any moment, a publisher leaves only whole documents, and the next one catches up."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from feedsvc.domain.feed import FeedDocument, Format
from feedsvc.publish.documents import make_document
from feedsvc.publish.gate import Passed
from feedsvc.publish.publisher import Publisher
from feedsvc.render.pieces import Rendered
from feedsvc.store.engine import Database
from feedsvc.store.shelf import Shelf
from tests.publish.newsroom import NOW, SITE, open_newsroom, receive, title_of
from tests.render.conformance import assert_valid_atom, assert_valid_json, assert_valid_rss
from tests.render.samples import feed

ROOT = Path(__file__).resolve().parents[2]
KILLS = 12


@pytest.mark.thorough
def test_kills_leave_whole_documents_and_lose_nothing(db: Database, tmp_path: Path) -> None:
    open_newsroom(db)
    directory = tmp_path / "shelf"
    shelf = Shelf(directory)
    Publisher(db, shelf, SITE).refresh(NOW)
    dice = random.Random(20261008)
    last: dict[str, int] = {}
    for number in range(1, KILLS + 1):
        receive(db, number)
        _publish_until_killed(db, directory, dice.uniform(0.0, 0.15))
        on_shelf = Shelf(directory).load_all()
        for path, document in on_shelf.items():
            _assert_whole(document)
            assert document.cursor >= last.get(path, 0)
            last[path] = document.cursor
    Publisher(db, shelf, SITE).refresh(NOW)
    shown = json.loads(shelf.load_all()["/feeds/gongan.json"].body)["items"]
    assert [item["title"] for item in shown] == [title_of(n) for n in range(KILLS, 0, -1)]


def _publish_until_killed(db: Database, directory: Path, seconds: float) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.publish.relentless_publisher",
        db.options.url,
        str(directory),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "ready" not in process.stdout.readline():
            assert process.poll() is None
        # The moment of death is the point here; nothing is waited for.
        time.sleep(seconds)
        process.kill()


def _assert_whole(document: FeedDocument) -> None:
    validators = {"rss": assert_valid_rss, "atom": assert_valid_atom, "json": assert_valid_json}
    validators[document.format](document.body)
    fmt: Format = document.format
    bare = Rendered(head=document.body, entries=(), tail=b"")
    passed = Passed(rendered=bare, feed=feed(cursor=document.cursor))
    again = make_document(passed, fmt, document.edition)
    assert (again.etag, again.gzip, again.brotli) == (document.etag, document.gzip, document.brotli)
