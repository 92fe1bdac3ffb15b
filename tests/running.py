"""The service as its users run it: real processes, real HTTP, a HOME of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

import structlog
from click.testing import CliRunner

from feedsvc.cli.main import main

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Service:
    """One HOME and its settings; commands run in processes of their own."""

    home: Path
    port: int
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "feedsvc", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def ask(self, *arguments: str) -> Any:
        """Run one command with --json, expect status 0, return what it printed.

        In this process, because loading the program anew takes a second; `run` does that.
        """
        logging = structlog.get_config()
        try:
            done = CliRunner().invoke(main, [*arguments, "--json"], env=self.environment)
        finally:
            # A command sends its process's logs to its own stderr, which is gone by now.
            structlog.configure(**logging)
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """GET a path; statuses are returned, not raised; header names are in lower case."""
        request = urllib.request.Request(
            self.url + path,
            headers={"Accept": "text/html, */*;q=0.8"}
            | {key.replace("_", "-"): value for key, value in headers.items()},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, lowered(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, lowered(error.headers), error.read()


def service_in(home: Path, **settings: str) -> Service:
    """A service on a free port that may fetch from loopback and keeps no domain waiting."""
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("FEEDSVC_")},
        "FEEDSVC_HOME": str(home),
        "FEEDSVC_PORT": str(port),
        "FEEDSVC_ALLOW_NETWORKS": "127.0.0.0/8",
        "FEEDSVC_DOMAIN_SPACING": "0",
        "FEEDSVC_LANGUAGE": "en",
        **{f"FEEDSVC_{key.upper()}": value for key, value in settings.items()},
    }
    return Service(home=home, port=port, environment=environment)


@contextmanager
def started(
    service: Service, *arguments: str, answers: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a long-running command; it is stopped by its pid at the end."""
    log = (service.home.parent / f"{service.home.name}.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "feedsvc", *arguments],
        cwd=ROOT,
        env=dict(service.environment),
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        if answers:
            eventually(lambda: _answers(service, process), "the service answers")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


def eventually(look: Callable[[], T], what: str, *, within: float = 40.0) -> T:
    """Look until there is something true to see; fail with words otherwise."""
    deadline = time.monotonic() + within
    while True:
        if seen := look():
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.05)


def lowered(headers: Message) -> dict[str, str]:
    """Headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(service: Service, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"ended with {process.returncode}"
    try:
        return service.get("/healthz")[0] == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
