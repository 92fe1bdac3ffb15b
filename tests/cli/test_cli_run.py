"""`feedsvc run` as a new user meets it: the demo, Ctrl-C, a second start, an orphaned server."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.running import ROOT, Service, eventually, service_in, started


@pytest.fixture
def service(tmp_path: Path) -> Service:
    # The demo partner's address is admitted without being in any network.
    return service_in(tmp_path / "home", allow_networks="")


def entries(service: Service) -> int:
    return service.get("/feeds/gongan.rss")[2].count(b"<item>")


def test_demo_fills_the_feeds_and_a_second_start_keeps_them(service: Service) -> None:
    with started(service, "run"):
        eventually(lambda: entries(service) >= 20, "the demo's articles are published")
        status, _, page = service.get("/", Accept_Language="zh")
        assert status == 200
        assert "公安要闻" in page.decode()
        demo = {each["slug"]: each["last_run"]["status"] for each in service.ask("sources", "list")}
        assert demo == dict.fromkeys(["demo-rss", "demo-atom", "demo-list", "demo-broken"], "ok")
        before = {each["guid"] for each in service.ask("articles", "list", "--limit", "1000")}
    with started(service, "run"):
        assert entries(service) >= 20
        after = {each["guid"] for each in service.ask("articles", "list", "--limit", "1000")}
        assert before <= after


def test_real_source_puts_the_demo_to_rest(service: Service) -> None:
    service.ask("categories", "add", "fazhi", "--title", "法治要闻")
    service.ask("sources", "add", "http://192.0.2.1/rss", "--slug", "own", "--category", "fazhi")
    with started(service, "run"):
        assert [each["slug"] for each in service.ask("sources", "list")] == ["own"]


def test_demo_can_be_cleared(service: Service) -> None:
    with started(service, "run"):
        eventually(lambda: entries(service) > 0, "something is published")
    assert service.ask("demo", "clear") == {"removed": 4}
    assert service.ask("articles", "list") == []
    with started(service, "run", "--no-demo"):
        assert entries(service) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop_signal_ends_it_cleanly_and_leaves_the_port_free(
    service: Service, number: signal.Signals
) -> None:
    with started(service, "run") as process:
        process.send_signal(number)
        assert process.wait(30) == 0
    with started(service, "run", "--no-demo"):
        pass


def test_killed_run_takes_its_web_server_along(service: Service) -> None:
    with started(service, "run", "--no-demo") as process:
        process.kill()
        process.wait()
        eventually(lambda: not _answers(service), "the orphaned server ends")


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.2])
def test_a_run_killed_while_it_starts_leaves_no_process(service: Service, seconds: float) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "feedsvc", "run", "--no-demo"],
        cwd=ROOT,
        env=dict(service.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    assert processes_of(service)
    running.kill()
    running.wait()
    eventually(lambda: not processes_of(service), "nobody of that start is left")


def processes_of(service: Service) -> list[int]:
    """The processes that were started with the service's home."""
    home = f"FEEDSVC_HOME={service.home}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if home in (folder / "environ").read_bytes() + b"\0":
                found.append(int(folder.name))
    return found


def test_taken_port_is_named(service: Service) -> None:
    with started(service, "run", "--no-demo"):
        done = service.run("run", "--no-demo")
    assert done.returncode == 2
    assert str(service.port) in done.stderr


def _answers(service: Service) -> bool:
    try:
        return service.get("/healthz")[0] == 200
    except OSError:
        return False
