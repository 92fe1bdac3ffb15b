"""The pool: whatever a document does to its parser, the next document is parsed."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import ParseError, ParserKilled, RulesMismatch, TooComplex
from feedsvc.parse.pool import ParserPool, PoolOptions
from feedsvc.parse.wire import Garbled, unpack_answer

ROOT = Path(__file__).resolve().parents[2]
WORKER = "tests.parse.hostile_worker"
AT = datetime(2019, 8, 9, 3, 0, tzinfo=UTC)


def job(order: str, url: str = "http://partner.example/a.html") -> ParseJob:
    return ParseJob(kind="page", body=order.encode(), url=url, seen_at=AT)


def title(pool: ParserPool, order: str) -> str:
    parsed = pool.parse(job(order))
    assert isinstance(parsed, ParsedPage)
    return parsed.item.title


@pytest.fixture(scope="module")
def shared_pool() -> Iterator[ParserPool]:
    with ParserPool(PoolOptions(workers=2, seconds=20.0, worker=WORKER)) as running:
        yield running


def hostile(seconds: float = 20.0, workers: int = 1, memory_mb: int = 256) -> ParserPool:
    options = PoolOptions(workers=workers, seconds=seconds, memory_mb=memory_mb, worker=WORKER)
    return ParserPool(options)


def wait_until_gone(pid: int, seconds: float) -> float:
    """Seconds until the process is gone (a zombie counts as gone)."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return time.monotonic() - started
        if state == "Z":
            return time.monotonic() - started
        time.sleep(0.01)
    raise AssertionError(f"process {pid} still runs after {seconds} s")


def test_a_result_travels_whole(shared_pool: ParserPool) -> None:
    parsed = shared_pool.parse(job("枫叶〇𠮷"))
    assert isinstance(parsed, ParsedPage)
    assert parsed.item.title == "枫叶〇𠮷"
    assert parsed.confidence == {"title": 1.0}


def test_no_worker_runs_before_the_first_document() -> None:
    with hostile() as pool:
        mine = {path.parent.name for path in Path("/proc").glob("[0-9]*/stat") if is_mine(path)}
        first = title(pool, "who")
        assert first not in mine
        assert title(pool, "who") == first, "the worker stays for the next document"


def is_mine(stat: Path) -> bool:
    try:
        return int(stat.read_text().rsplit(")", 1)[1].split()[1]) == os.getpid()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("order", ["hang", "spin"])
def test_a_hang_is_killed_on_time_and_the_next_document_goes_on(order: str) -> None:
    with hostile(seconds=0.4) as pool:
        before = title(pool, "who")
        started = time.monotonic()
        with pytest.raises(ParserKilled, match=r"stopped after 0\.4 s") as caught:
            pool.parse(job(order))
        assert 0.4 <= time.monotonic() - started < 15
        assert caught.value.subject == "http://partner.example/a.html"
        after = title(pool, "who")
        assert after != before
        wait_until_gone(int(before), 15)


@pytest.mark.parametrize("order", ["bomb", "slow_bomb"])
def test_memory_is_limited(order: str) -> None:
    with hostile() as pool:
        with pytest.raises(ParserKilled, match="out of memory"):
            pool.parse(job(order))
        assert title(pool, "still here") == "still here"


@pytest.mark.parametrize(
    ("order", "words"), [("crash", "SIGSEGV"), ("abort", "SIGABRT"), ("leave", "status 3")]
)
def test_a_crash_ends_one_document_only(shared_pool: ParserPool, order: str, words: str) -> None:
    with pytest.raises(ParserKilled, match=words):
        shared_pool.parse(job(order))
    assert title(shared_pool, "next") == "next"


def test_garbage_on_the_pipe_is_refused(shared_pool: ParserPool) -> None:
    with pytest.raises(ParserKilled, match="garbage"):
        shared_pool.parse(job("garbage"))
    assert title(shared_pool, "next") == "next"


def test_a_library_that_prints_disturbs_nothing(shared_pool: ParserPool) -> None:
    assert title(shared_pool, "chatter") == "quiet"


def test_our_errors_keep_type_subject_cause_and_permanence(shared_pool: ParserPool) -> None:
    with pytest.raises(TooComplex) as refused:
        shared_pool.parse(job("refuse", url="http://partner.example/deep"))
    assert (refused.value.subject, refused.value.cause) == (
        "http://partner.example/deep",
        "as deep as the sea",
    )
    assert refused.value.permanent is False
    with pytest.raises(RulesMismatch) as mismatch:
        shared_pool.parse(job("mismatch"))
    assert mismatch.value.permanent is True


def test_a_bug_in_a_parser_is_a_parse_error_that_names_it(shared_pool: ParserPool) -> None:
    with pytest.raises(ParseError, match="ZeroDivisionError") as caught:
        shared_pool.parse(job("bug"))
    assert caught.value.kind == "parse"


def test_a_worker_gets_no_secrets_and_a_bare_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FEEDSVC_SECRET_KEY", "canary")
    with hostile() as pool:
        seen = title(pool, "environment").split()
    assert "FEEDSVC_SECRET_KEY" not in seen
    assert "PATH" not in seen
    assert seen[-1] == "/"


def test_a_fat_worker_retires_after_its_answer() -> None:
    with hostile(memory_mb=300) as pool:
        fat = title(pool, "fat")
        assert title(pool, "who") != fat
        wait_until_gone(int(fat), 15)


def test_an_idle_worker_that_the_system_ended_costs_no_document() -> None:
    with hostile() as pool:
        first = title(pool, "who")
        os.kill(int(first), signal.SIGKILL)
        wait_until_gone(int(first), 15)
        assert title(pool, "who") != first


def test_fifty_callers_share_two_workers(shared_pool: ParserPool) -> None:
    with ThreadPoolExecutor(50) as callers:
        orders = [f"number {n}" if n % 10 else "refuse" for n in range(200)]
        results = list(callers.map(lambda order: outcome(shared_pool, order), orders))
    assert results == [order if order != "refuse" else "TooComplex" for order in orders]


def outcome(pool: ParserPool, order: str) -> str:
    try:
        return title(pool, order)
    except ParseError as error:
        return type(error).__name__


def test_a_trivial_document_costs_little(shared_pool: ParserPool) -> None:
    title(shared_pool, "warm")
    durations = []
    for _ in range(200):
        started = time.perf_counter()
        title(shared_pool, "echo")
        durations.append(time.perf_counter() - started)
    assert sorted(durations)[100] < 0.005, "median of 200; 0.2–0.4 ms when measured"


def test_large_documents_pass_both_ways(shared_pool: ParserPool) -> None:
    text = "法" * 3_000_000
    assert title(shared_pool, text) == text


def test_close_ends_running_documents_quickly() -> None:
    pool = hostile()
    pid = int(title(pool, "who"))
    ended = threading.Event()
    causes: list[str] = []

    def parse() -> None:
        try:
            pool.parse(job("hang"))
        except ParserKilled as error:
            causes.append(error.cause)
        ended.set()

    threads = [threading.Thread(target=parse) for _ in range(3)]
    for thread in threads:
        thread.start()
    started = time.monotonic()
    pool.close()
    for thread in threads:
        thread.join(5)
    assert time.monotonic() - started < 15
    assert causes == ["the parser pool is closed"] * 3
    wait_until_gone(pid, 15)
    with pytest.raises(ParserKilled, match="closed"):
        pool.parse(job("late"))
    pool.close()


PARENT = """
    from datetime import UTC, datetime
    from feedsvc.domain.parsed import ParseJob
    from feedsvc.parse.pool import ParserPool, PoolOptions
    import sys, threading
    pool = ParserPool(PoolOptions(workers=1, seconds=1.0, worker="tests.parse.hostile_worker"))
    def job(order):
        at = datetime(2019, 8, 9, tzinfo=UTC)
        return ParseJob(kind="page", body=order.encode(), url="http://a.example/", seen_at=at)
    print(pool.parse(job("who")).item.title, flush=True)
    if sys.argv[1] == "busy":
        threading.Thread(target=pool.parse, args=(job("spin"),), daemon=True).start()
    threading.Event().wait(60)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_killed_parent_leaves_no_orphan(state: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), state],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        pid = int(parent.stdout.readline())
        if state == "busy":
            assert parent.stderr.readline() == b"spinning\n"
        parent.kill()
        parent.wait()
        wait_until_gone(pid, 20)


def test_a_worker_cannot_make_its_parent_run_code() -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    for answer in (Evil(), ("parsed", Evil(), False), ("parsed", "text", False), 7, None, ()):
        with pytest.raises(Garbled):
            unpack_answer(pickle.dumps(answer))


def test_an_unknown_error_name_is_a_parse_error() -> None:
    for name in ("SystemExit", "nonsense", "HttpStatus", "annotations"):
        answer, retiring = unpack_answer(
            pickle.dumps(("refused", (name, "subject", "cause", False), True))
        )
        assert type(answer) is ParseError
        assert retiring
