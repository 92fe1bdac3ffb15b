"""Killed at any moment, a publisher leaves only whole files of one version, and the next one catches up."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import brotli
import pytest
from lxml import etree

from feedsvc.publish import past
from feedsvc.publish.files import Files
from feedsvc.publish.past import Past
from feedsvc.publish.publisher import Publisher
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree
from feedsvc.store.shelf import Shelf
from tests.publish.newsroom import NOW, SITE, open_newsroom, receive
from tests.publish.relentless_filer import ARTICLES

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_kills_leave_whole_files_of_one_version(
    sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PART", 2)
    open_newsroom(sqlite_db)
    receive(sqlite_db, *range(1, ARTICLES + 1))
    shelf, files = tmp_path / "shelf", tmp_path / "files"
    dice = random.Random(20261124)
    left_unfinished = 0
    for _ in range(KILLS):
        publish_until_killed(sqlite_db, shelf, files, dice.uniform(0.0, 0.3))
        assert_whole(files)
        left_unfinished += any((files / ".feedsvc").glob("*/*"))
    # Some kills fell between two steps: the test would prove nothing otherwise.
    assert left_unfinished > 0
    standing = Shelf(shelf)
    made = Past(sqlite_db, SITE)
    healed = Files(sqlite_db, standing, FileTree(files), made, SITE)
    Publisher(sqlite_db, standing, SITE).refresh(NOW)
    healed.write_all(lambda: None)
    assert_whole(files, twins=True)
    for path, document in standing.load_all().items():
        assert Path(f"{files}{path}").read_bytes() == document.body
    again = healed.write_all(lambda: None)
    assert (again.written, again.removed) == ((), ())


def publish_until_killed(db: Database, shelf: Path, files: Path, seconds: float) -> None:
    module = "tests.publish.relentless_filer"
    command = [sys.executable, "-m", module, db.options.url, str(shelf), str(files)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "ready" not in process.stdout.readline():
            assert process.poll() is None
        # The moment of death is the point here; nothing is waited for.
        time.sleep(seconds)
        process.kill()


def assert_whole(files: Path, *, twins: bool = False) -> None:
    documents = [path for path in files.rglob("*.*") if path.suffix in {".rss", ".atom", ".json", ".opml"}
                 and ".feedsvc" not in path.parts]  # fmt: skip
    assert len(documents) > 3 * 3
    for path in documents:
        body = path.read_bytes()
        if path.suffix == ".json":
            json.loads(body)
        else:
            etree.fromstring(body)
        for suffix, unpack in ((".gz", gzip.decompress), (".br", brotli.decompress)):
            twin = Path(f"{path}{suffix}")
            assert twin.exists() or not twins
            if twin.exists():
                assert unpack(twin.read_bytes()) == body, twin
    for suffix in (".gz", ".br"):
        # A twin never stands without its document.
        assert [path for path in files.rglob(f"*{suffix}") if not path.with_suffix("").exists()
                and ".feedsvc" not in path.parts] == []  # fmt: skip
