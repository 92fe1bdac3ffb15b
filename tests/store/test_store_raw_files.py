from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.store.raw_files import SHARDS, RawFiles, hash_of

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from itertools import count
from pathlib import Path
from feedsvc.store.raw_files import RawFiles

files = RawFiles(Path(sys.argv[1]))
for number in count():
    print(files.keep((f"{sys.argv[2]}-{number} " * 20_000).encode())[0], flush=True)
"""
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from feedsvc.store.raw_files import RawFiles

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
import os
try:
    RawFiles(Path(sys.argv[1])).keep(os.urandom(5000))
except OSError as error:
    print(error.errno)
"""
PAGE = "<p>停航三天的渡口今天恢复通航。</p>".encode("gb18030") * 50


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@given(body=st.binary(max_size=2000))
def test_what_is_kept_comes_back(body: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    files = RawFiles(tmp_path_factory.mktemp("raw"))
    name, stored = files.keep(body)
    assert files.read(name) == body
    assert stored == sum(path.stat().st_size for path in everything(files._folder))


def test_the_same_body_is_one_small_file(tmp_path: Path) -> None:
    files = RawFiles(tmp_path)
    assert files.keep(PAGE) == files.keep(PAGE)
    [path] = everything(tmp_path)
    assert path.stat().st_size < len(PAGE) / 5
    assert path.name == f"{hash_of(PAGE)}.br"


def test_a_body_that_is_gone_or_not_whole_is_not_there(tmp_path: Path) -> None:
    files = RawFiles(tmp_path)
    name, _ = files.keep(PAGE)
    [path] = everything(tmp_path)
    for torn in (path.read_bytes()[:-3], b"", RawFiles(tmp_path / "other").keep(b"x")[0].encode()):
        path.write_bytes(torn)
        assert files.read(name) is None
    files.drop(name)
    files.drop(name)
    assert files.read(name) is None


def test_another_body_under_the_same_name_is_refused(tmp_path: Path) -> None:
    files = RawFiles(tmp_path)
    name, _ = files.keep(PAGE)
    other, _ = files.keep(b"another page")
    files._path(name).write_bytes(files._path(other).read_bytes())
    assert files.read(name) is None


def test_a_full_disk_raises_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stdout) > 0
    assert everything(tmp_path) == []


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nearly full"):
        RawFiles(tmp_path, least_free=1 << 62).keep(PAGE)
    assert everything(tmp_path) == []


def test_idle_names_old_files_and_what_killed_processes_left(tmp_path: Path) -> None:
    files = RawFiles(tmp_path)
    old, fresh = files.keep(b"old")[0], files.keep(b"fresh")[0]
    os.utime(files._path(old), (1000, 1000))
    torn = files._path(old).with_suffix(".77-88")
    torn.write_bytes(b"half")
    os.utime(torn, (1000, 1000))
    found = [each for shard in range(SHARDS) for each in files.idle(shard, 2000)]
    assert sorted(name for name, _ in found) == ["", old]
    files.keep(b"old")
    assert [name for shard in range(SHARDS) for name, _ in files.idle(shard, 2000)] == [""]
    assert files.read(fresh) == b"fresh"


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.thorough)])
def test_a_writer_killed_at_any_moment_leaves_whole_bodies_only(tmp_path: Path, kills: int) -> None:
    files = RawFiles(tmp_path)
    for number in range(kills):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(number)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(20 + number)]
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert all(files.read(name) is not None for name in told)
        for path in tmp_path.rglob("*.br"):
            assert files.read(path.stem) is not None
