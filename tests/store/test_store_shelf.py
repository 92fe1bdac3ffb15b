from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.feed import FORMATS, FeedDocument
from feedsvc.errors import StoreError
from feedsvc.store.bundles import pack, unpack
from feedsvc.store.shelf import Shelf
from tests.store.samples import NOW, document

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from feedsvc.domain.feed import FeedDocument
from feedsvc.store.shelf import Shelf

def document(format, cursor):
    body = (f"{cursor} " * 20_000).encode()
    return FeedDocument(
        slug="zhen", format=format, cursor=cursor, etag=f"{cursor}", edition="1",
        last_modified=datetime(2026, 3, 2, tzinfo=UTC), body=body, gzip=body, brotli=body,
    )

shelf = Shelf(Path(sys.argv[1]))
start = 1 + max((cursor for cursor, _ in shelf.index().values()), default=0)
for cursor in count(start):
    shelf.put([document("rss", cursor), document("atom", cursor)])
    print(cursor, flush=True)
"""

DOCUMENTS = st.builds(
    FeedDocument,
    slug=st.text(min_size=1, max_size=20),
    format=st.sampled_from(FORMATS),
    cursor=st.integers(0, 2**63 - 1),
    etag=st.text(max_size=20),
    last_modified=st.just(NOW.replace(microsecond=0)),
    edition=st.text(max_size=9),
    body=st.binary(max_size=99),
    gzip=st.binary(max_size=99),
    brotli=st.binary(max_size=99),
)


@given(DOCUMENTS)
def test_a_bundle_reads_back(made: FeedDocument) -> None:
    assert unpack(pack(made)) == made


@given(DOCUMENTS, st.data())
def test_a_damaged_bundle_is_nothing(made: FeedDocument, data: st.DataObject) -> None:
    whole = bytearray(pack(made))
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert unpack(bytes(whole[:cut])) is None
    assert unpack(bytes(whole) + b"x") is None
    whole[cut] ^= 0xFF
    assert unpack(bytes(whole)) is None


@given(st.binary(max_size=200))
def test_a_foreign_file_is_nothing(data: bytes) -> None:
    assert unpack(data) is None
    assert unpack(b"FSVCDOC1" + data) is None


def test_what_is_put_is_there_for_everyone(tmp_path: Path) -> None:
    ours, theirs = Shelf(tmp_path / "a" / "shelf"), Shelf(tmp_path / "a" / "shelf")
    before = theirs.generation
    made = [document("zhen", kind, text=kind) for kind in FORMATS]
    assert ours.put(made) == 3
    assert theirs.generation == ours.generation > before
    assert theirs.load_all() == {each.path: each for each in made}
    assert theirs.index() == {("zhen", kind): (1, f"1-{kind}") for kind in FORMATS}


def test_slugs_may_be_paths_and_words(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    made = [document(slug) for slug in ("source/paper", "tag/" + "词" * 100, "../../etc")]
    shelf.put(made)
    assert shelf.load_all() == {each.path: each for each in made}
    assert len(list(tmp_path.glob("*.bundle"))) == 3


def test_only_what_is_newer_replaces(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = document(cursor=5, text="one")
    shelf.put([first])
    generation = shelf.generation
    assert shelf.put([first]) == 0
    assert shelf.put([document(cursor=4, text="older")]) == 0
    assert shelf.generation == generation
    other = replace(first, edition="2")
    assert shelf.put([other, document("he")]) == 2
    assert shelf.generation == generation + 1
    assert shelf.load_all()[other.path] == other
    assert shelf.put([document(cursor=6)]) == 1


def test_only_what_changed_is_loaded(tmp_path: Path) -> None:
    shelf, reader = Shelf(tmp_path), Shelf(tmp_path)
    shelf.put([document("a"), document("b")])
    known = {path: each.etag for path, each in reader.load_all().items()}
    assert reader.load_changed(known) == {}
    shelf.put([document("b", cursor=2), document("c")])
    assert set(reader.load_changed(known)) == {"/feeds/b.rss", "/feeds/c.rss"}


def test_one_document_is_read_only_when_its_file_is_another(tmp_path: Path) -> None:
    shelf, reader = Shelf(tmp_path), Shelf(tmp_path)
    first = document("a")
    shelf.put([first, document("b")])
    assert sorted(reader.paths()) == ["/feeds/a.rss", "/feeds/b.rss"]
    found = reader.read_changed(first.path, None)
    assert found is not None
    assert found[0] == first
    assert reader.read_changed(first.path, found[1]) is None
    assert reader.read_changed("/feeds/none.rss", None) is None
    second = document("a", cursor=2)
    shelf.put([second])
    changed = reader.read_changed(first.path, found[1])
    assert changed is not None
    assert changed[0] == second
    for file in tmp_path.glob("*.bundle"):
        file.write_bytes(b"half")
    assert reader.read_changed(first.path, changed[1]) is None


def test_files_that_are_not_ours_or_not_whole_are_ignored(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put([document("a"), document("b")])
    half = sorted(tmp_path.glob("*.bundle"))[0]
    half.write_bytes(half.read_bytes()[:-1])
    (tmp_path / "foreign.bundle").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder.bundle").mkdir()
    (path,) = shelf.load_all()
    assert len(shelf.index()) == 1
    assert shelf.put([document("a"), document("b")]) == 1, "the damaged one is put again"
    assert len(shelf.load_all()) == 2
    assert path in shelf.load_all()


def test_documents_of_equal_size_in_quick_succession_are_told_apart(tmp_path: Path) -> None:
    shelf, reader = Shelf(tmp_path), Shelf(tmp_path)
    for cursor in range(10, 60):
        shelf.put([document(cursor=cursor, text=str(cursor))])
        assert reader.index() == {("zhen", "rss"): (cursor, f"{cursor}-{cursor}")}


def test_the_counter_of_a_killed_writer_is_completed(tmp_path: Path) -> None:
    """Killed between rename and the end: whoever writes next makes the others look."""
    shelf = Shelf(tmp_path)
    shelf.put([document()])
    reader = Shelf(tmp_path)
    generation = reader.generation
    counter = tmp_path / ".generation"
    counter.write_bytes(
        (int.from_bytes(counter.read_bytes(), sys.byteorder) + 1).to_bytes(8, sys.byteorder)
    )
    assert reader.generation == generation
    assert shelf.put([document()]) == 0
    assert reader.generation == generation + 1


def test_a_new_process_cleans_up_after_a_killed_one(tmp_path: Path) -> None:
    Shelf(tmp_path)
    (tmp_path / ".tmp-0000").write_bytes(b"half")
    (tmp_path / ".generation").write_bytes((3).to_bytes(8, sys.byteorder))
    shelf = Shelf(tmp_path)
    assert not (tmp_path / ".tmp-0000").exists()
    assert shelf.generation == 2


def test_a_counter_file_of_the_wrong_size_is_mended(tmp_path: Path) -> None:
    (tmp_path / ".generation").write_bytes(b"")
    shelf = Shelf(tmp_path)
    shelf.put([document()])
    assert shelf.generation == 1


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes: writing then fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_keeps_the_old_document(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    old = document(cursor=1)
    shelf.put([old])
    with files_at_most(10_000), pytest.raises(StoreError, match="shelf cannot be used"):
        shelf.put([document(cursor=2, text="x" * 50_000)])
    assert shelf.load_all() == {old.path: old}
    assert [each.name for each in tmp_path.glob(".tmp-*")] == []
    assert shelf.put([document(cursor=2)]) == 1


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="shelf cannot be used"):
        Shelf(tmp_path / "file" / "shelf")


def test_several_writers_leave_the_newest_of_each(tmp_path: Path) -> None:
    def write(first: int) -> None:
        shelf = Shelf(tmp_path)
        for cursor in range(first, 40, 3):
            shelf.put([document("a", cursor=cursor), document("b", cursor=cursor)])

    writers = [threading.Thread(target=write, args=(first,)) for first in (1, 2, 3)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert set(Shelf(tmp_path).index().values()) == {(39, "39-x")}


@contextmanager
def writer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that puts ever newer documents and says the cursor of each finished put."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def kill_writers(folder: Path, kills: int) -> None:
    """Whatever moment a writer is killed at, readers see whole documents that never grow older."""
    reader = Shelf(folder)
    chance = random.Random(kills)
    shown = {"/feeds/zhen.rss": 0, "/feeds/zhen.atom": 0}
    for _ in range(kills):
        with writer(folder) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 6)):
                told = int(process.stdout.readline())
            # Looking takes about as long as a put, so the kill comes at any point of one.
            for _ in range(chance.randrange(1, 4)):
                watch(reader, shown)
                assert min(shown.values()) >= told, "a finished put is not to be seen"
        watch(reader, shown)
    Shelf(folder).put([document("he", cursor=1)])
    assert not list(folder.glob(".tmp-*"))


def watch(reader: Shelf, shown: dict[str, int]) -> None:
    for path, each in reader.load_all().items():
        assert each.body == each.gzip == each.brotli == (f"{each.cursor} " * 20_000).encode()
        assert each.cursor >= shown[path], "a document has grown older"
        shown[path] = each.cursor


def test_killed_writers_leave_whole_documents(tmp_path: Path) -> None:
    kill_writers(tmp_path, 15)


@pytest.mark.thorough
def test_many_killed_writers_leave_whole_documents(tmp_path: Path) -> None:
    kill_writers(tmp_path, 200)
