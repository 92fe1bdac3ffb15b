"""kill -9 in the middle of an import: the next run goes on, nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.ingest.import_files import post, rss_file, wxr
from tests.journeys.test_journey_kills import stored_titles
from tests.running import ROOT, Service, eventually, service_in


@pytest.mark.parametrize(
    ("kills", "count"),
    [(1, 2000), pytest.param(20, 20_000, marks=[pytest.mark.thorough, pytest.mark.timeout(900)])],
)
def test_an_import_survives_kills(tmp_path: Path, kills: int, count: int) -> None:
    dice = random.Random(kills)
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    path = tmp_path / "export.xml"
    path.write_text(wxr(*map(post, range(count))), encoding="utf-8")
    for _ in range(kills):
        kill_one_import(service, path, dice)
    left = count - stored(service)
    reports = service.ask("articles", "import", str(path), "--category", "gongan")
    expected = Counter(f"望川渡口通航第{number}天" for number in range(count))
    assert stored_titles(service) == expected
    if left:  # a kill may come after the last batch; then there is nothing to go on with
        assert reports[0]["resumed_at"] > 0
        assert reports[0]["read"] == reports[0]["new"] == left
    again = service.ask("articles", "import", str(path), "--category", "gongan")
    assert again[0]["unchanged"] == again[0]["read"] == count


def kill_one_import(service: Service, path: Path, dice: random.Random) -> None:
    """Start an import and kill it a moment after it stored its next batch."""
    before = stored(service)
    process = subprocess.Popen(
        [sys.executable, "-m", "feedsvc", "articles", "import", str(path), "--category", "gongan"],
        cwd=ROOT, env=dict(service.environment), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    eventually(
        lambda: stored(service) != before or process.poll() is not None,
        "a batch is stored",
        within=60,
    )
    time.sleep(dice.uniform(0, 0.15))
    process.send_signal(signal.SIGKILL)
    process.wait()


def stored(service: Service) -> int:
    """The number of articles, asked of the file itself: a command would take too long to look."""
    with closing(sqlite3.connect(service.home / "feedsvc.db")) as connection:
        count: int = connection.execute("SELECT count(*) FROM article").fetchone()[0]
        return count


def test_words_for_people_and_a_wrong_command_line(tmp_path: Path) -> None:
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    path = tmp_path / "rss.xml"
    path.write_text(rss_file(3).replace("第2天</title>", "第2天<b</title>"), encoding="utf-8")
    done = service.run("articles", "import", str(path), "--category", "gongan")
    assert done.returncode == 0
    assert "3 read: 2 new, 0 updated, 0 unchanged, 0 withdrawn, 1 rejected" in done.stdout
    assert "broken" in done.stdout
    assert service.run("articles", "import", str(path)).returncode == 2
    assert service.run("articles", "import", str(path), "--category", "none").returncode == 1
