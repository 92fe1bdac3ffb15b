"""Documents as files: whole, of one version with their twins, dated so that servers see each change."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from feedsvc.errors import StoreError
from feedsvc.store.file_tree import SUFFIXES, FileTree, Leaf

AT = datetime(2026, 10, 8, 4, 0, tzinfo=UTC)
NAME = "feeds/gongan.rss"


def leaf(text: str, *names: str, at: datetime = AT) -> Leaf:
    body = text.encode()
    return Leaf(
        names=names or (NAME,),
        body=body,
        gzip=gzip.compress(body, mtime=0),
        brotli=brotli.compress(body),
        at=at,
    )


def put(directory: Path, *leaves: Leaf) -> list[str]:
    with FileTree(directory).alone("windows") as hand:
        return hand.put_all(leaves)


def read(directory: Path, name: str = NAME) -> tuple[str, str, str]:
    path = directory / name
    return (
        path.read_text(),
        gzip.decompress(Path(f"{path}.gz").read_bytes()).decode(),
        brotli.decompress(Path(f"{path}.br").read_bytes()).decode(),
    )


def stamps(directory: Path, name: str = NAME) -> set[float]:
    return {Path(f"{directory / name}{suffix}").stat().st_mtime for suffix in SUFFIXES}


def test_a_document_stands_there_with_both_twins_dated_as_it_is(tmp_path: Path) -> None:
    assert put(tmp_path, leaf("一")) == [NAME]
    assert read(tmp_path) == ("一", "一", "一")
    assert stamps(tmp_path) == {AT.timestamp()}


def test_what_stands_there_is_not_written_again(tmp_path: Path) -> None:
    put(tmp_path, leaf("一"))
    before = (tmp_path / NAME).stat().st_ino
    assert put(tmp_path, leaf("一", at=AT + timedelta(days=1))) == []
    assert (tmp_path / NAME).stat().st_ino == before


def test_other_bytes_are_dated_later_even_within_one_second(tmp_path: Path) -> None:
    put(tmp_path, leaf("一"))
    put(tmp_path, leaf("二"))
    assert stamps(tmp_path) == {AT.timestamp() + 1}


def test_a_lost_twin_comes_back_under_the_old_date(tmp_path: Path) -> None:
    put(tmp_path, leaf("一"))
    Path(f"{tmp_path / NAME}.gz").unlink()
    assert put(tmp_path, leaf("一", at=AT + timedelta(days=1))) == [NAME]
    assert read(tmp_path) == ("一", "一", "一")
    assert stamps(tmp_path) == {AT.timestamp()}


def test_a_second_name_holds_the_same_bytes_without_their_space(tmp_path: Path) -> None:
    both = ("feeds/gongan/2026-10.part-1.rss", "feeds/gongan/2026-10.rss")
    assert put(tmp_path, leaf("一", *both)) == list(both)
    assert (tmp_path / both[0]).samefile(tmp_path / both[1])
    assert put(tmp_path, leaf("二", both[0])) == [both[0]]
    assert read(tmp_path, both[0])[0] == "二"
    assert read(tmp_path, both[1])[0] == "一"


def test_nobody_ever_sees_twins_of_two_versions(tmp_path: Path) -> None:
    put(tmp_path, leaf("0"))
    pairs: list[tuple[str, str]] = []
    stopped = threading.Event()

    def look() -> None:
        while not stopped.is_set():
            if pair := seen_at_once(tmp_path):
                pairs.append(pair)

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for number in range(1, 60):
            put(tmp_path, leaf(str(number)))
    finally:
        stopped.set()
        reader.join()
    assert len({plain for plain, _ in pairs}) > 3
    # A server opens one file; who asks for the other a moment later may get a newer one, never an older.
    assert [pair for pair in pairs if int(pair[1]) < int(pair[0])] == []


def seen_at_once(directory: Path) -> tuple[str, str] | None:
    """The plain file, and after it the twin that is there."""
    with suppress(FileNotFoundError):
        plain = (directory / NAME).read_text()
        return plain, gzip.decompress(Path(f"{directory / NAME}.gz").read_bytes()).decode()
    return None


def test_removing_takes_all_three_and_the_empty_folder(tmp_path: Path) -> None:
    name = "feeds/gongan/2026-10.rss"
    put(tmp_path, leaf("一", name))
    with FileTree(tmp_path).alone("archives") as hand:
        assert hand.names("feeds") == [name]
        assert hand.remove(name)
        assert not hand.remove(name)
    assert not (tmp_path / "feeds" / "gongan").exists()


def test_what_a_killed_writer_left_unfinished_goes(tmp_path: Path) -> None:
    put(tmp_path, leaf("一"))
    unfinished = tmp_path / ".feedsvc" / "windows" / "new.gz"
    unfinished.write_bytes(b"half")
    put(tmp_path)
    assert not unfinished.exists()


def test_notes_are_kept_by_key(tmp_path: Path) -> None:
    with FileTree(tmp_path).alone("archives") as hand:
        assert hand.noted("archives-all") is None
        hand.note("archives-all", b"1")
        hand.note("archives-all", b"2")
        assert hand.noted("archives-all") == b"2"
        assert hand.notes("archives-") == ["archives-all"]
        hand.forget("archives-all")
        assert hand.notes("archives-") == []


def test_without_space_the_old_text_goes_and_the_others_are_written(
    tmp_path: Path,
) -> None:
    put(tmp_path, leaf("一"))
    with little_space(), pytest.raises(StoreError):
        put(tmp_path, leaf("二" * 500), leaf("三", "feeds/all.rss"))
    assert not (tmp_path / NAME).exists()
    assert not Path(f"{tmp_path / NAME}.gz").exists()
    assert read(tmp_path, "feeds/all.rss")[0] == "三"


def test_a_failure_between_two_names_harms_no_other_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def refuse_twins(src: Path, dst: Path) -> None:
        if str(dst).endswith(".gz"):
            raise PermissionError(1, "no more links")
        link(src, dst)

    both = ("feeds/a/2026-10.part-1.rss", "feeds/a/2026-10.rss")
    monkeypatch.setattr(os, "link", refuse_twins)
    with pytest.raises(StoreError):
        put(tmp_path, leaf("一", *both), leaf("三", "feeds/c.rss"))
    assert read(tmp_path, both[0]) == ("一", "一", "一")
    assert not (tmp_path / both[1]).exists()
    assert read(tmp_path, "feeds/c.rss") == ("三", "三", "三")


@contextmanager
def little_space() -> Iterator[None]:
    """No file of this process may grow beyond 200 bytes, as on a disk that is full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_folder_that_cannot_be_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError), FileTree(tmp_path / "file").alone("windows"):
        pass
