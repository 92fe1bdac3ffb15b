"""Readers do not feel the application: killed, stopped or slow, feed documents are answered."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.running import ROOT, Service, eventually, free_port, service_in, started

FEED = "/feeds/gongan.rss"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = service_in(tmp_path_factory.mktemp("serve") / "home", allow_networks="")
    with started(service, "run"):
        eventually(lambda: service.get(FEED)[0] == 200, "the feed is there")
        yield service


def processes_of(service: Service, mark: bytes) -> list[int]:
    """The service's processes with `mark` in their command, found by their environment."""
    home = f"FEEDSVC_HOME={service.home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            if mark in command and home in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return sorted(found)


def application_of(service: Service) -> list[int]:
    """The processes of the application behind the front."""
    return processes_of(service, b"--behind")


def test_a_killed_application_is_replaced_and_neither_readers_nor_pages_notice(
    service: Service,
) -> None:
    before = application_of(service)
    assert before
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    for _ in range(50):
        assert service.get(FEED)[0] == 200
    # A page waits for the new one.
    assert service.get("/")[0] == 200
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


def test_a_killed_front_is_replaced_and_nobody_is_refused(service: Service) -> None:
    for _ in range(2):
        [front] = processes_of(service, b"feedsvc.cli.front")
        os.kill(front, signal.SIGKILL)
        began = time.monotonic()
        for _ in range(20):
            assert service.get(FEED)[0] == 200
        assert time.monotonic() - began < 8
        assert processes_of(service, b"feedsvc.cli.front") != [front]


def test_the_front_knows_nothing_that_could_hurt_it() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import feedsvc.cli.front, sys; print(*sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert "feedsvc.web.instant" in found
    heavy = {"flask", "werkzeug", "jinja2", "sqlalchemy", "psycopg", "granian", "click", "lxml"}
    assert heavy.isdisjoint(found)


def test_uploads_in_chunks_and_of_any_size_reach_the_application(service: Service) -> None:
    for body in (b"x", b"x" * 3_000_000):
        with socket.create_connection(("127.0.0.1", service.port), timeout=20) as client:
            head = "POST /nope HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            client.sendall(head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            answer = client.recv(65536)
        assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 405 ")), answer[:200]
        assert b"\r\nconnection: close\r\n" in answer.lower()


ALONE = "from feedsvc.cli.serve import serve_alone; serve_alone('127.0.0.1', int('{port}'))"


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "granian", "--interface", "wsgi", "--port", "{port}", "wsgi:application"],
        ["-c", ALONE],
    ],
)
def test_the_application_runs_without_the_front_too(service: Service, command: list[str]) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *(part.replace("{port}", str(port)) for part in command)],
        cwd=ROOT,
        env=dict(service.environment),
    )
    alone = replace(service, port=port)
    try:
        eventually(lambda: answers(alone), "granian answers")
        status, headers, body = alone.get(FEED, Accept_Encoding="gzip")
        assert (status, headers["content-encoding"]) == (200, "gzip")
        assert gzip.decompress(body)
        assert alone.get(FEED, If_None_Match=headers["etag"])[0] == 304
        assert alone.get("/healthz")[0] == 200
    finally:
        process.terminate()
        process.wait(10)


def answers(service: Service) -> bool:
    try:
        return service.get(FEED)[0] == 200
    except OSError:
        return False
