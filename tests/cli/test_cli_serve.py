"""Readers do not feel the application: killed, stopped or slow, feed documents are answered."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Service, eventually, service_in, started

FEED = "/feeds/gongan.rss"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = service_in(tmp_path / "home", allow_networks="")
    with started(service, "run"):
        eventually(lambda: service.get(FEED)[0] == 200, "the feed is there")
        yield service


def application_of(service: Service) -> list[int]:
    """The processes of the application behind the one that listens, found by their environment."""
    home = f"FEEDSVC_HOME={service.home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            if b"--behind" in command and home in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return sorted(found)


def test_a_killed_application_is_replaced_and_readers_notice_nothing(service: Service) -> None:
    before = application_of(service)
    assert before
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    for _ in range(50):
        assert service.get(FEED)[0] == 200
    eventually(lambda: service.get("/")[0] == 200, "the application is back")
    assert not set(before) & set(application_of(service))


def test_a_hanging_application_keeps_no_reader_waiting(service: Service) -> None:
    stopped = application_of(service)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        for _ in range(50):
            assert service.get(FEED)[0] == 200
        assert time.monotonic() - began < 15
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert service.get("/")[0] == 200


def test_pages_go_through_to_the_application(service: Service) -> None:
    assert service.get("/healthz")[0] == 200
    assert service.get("/readyz")[0] == 200
    status, headers, _ = service.get("/nope")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
