"""Connections: kept, pipelined, slow, silent, too many, and ended in order."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

from feedsvc.front.front import listen
from feedsvc.front.limits import Limits
from feedsvc.web.instant import InstantAnswers
from tests.front.fronting import (
    Running,
    answers_in,
    application,
    documents,
    fronting,
    hear,
)
from tests.web.documents import MemoryShelf, make

GET = b"GET /feeds/gongan.rss HTTP/1.1\r\nHost: a\r\n\r\n"
PAGE = b"GET /page HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = make("要闻" * 20_000)


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    return tmp_path / "app"


@pytest.fixture
def answering() -> InstantAnswers:
    return documents(MemoryShelf(make("<rss>一</rss>")))


@pytest.fixture
def running(answering: InstantAnswers, nobody: Path) -> Iterator[Running]:
    with fronting(answering, nobody) as running:
        yield running


def one(client: socket.socket) -> bytes:
    """Read one answer with a length."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += client.recv(65536)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    while length is not None and len(body) < int(length[1]):
        body += client.recv(65536)
    return head


@pytest.mark.parametrize(
    ("host", "address"), [("localhost", "127.0.0.1"), ("", "0.0.0.0"), ("::1", "::1")]
)
def test_a_host_is_a_name_or_a_number_of_either_kind(host: str, address: str) -> None:
    with listen(host, 0) as listener:
        assert listener.getsockname()[0] == address


def test_a_connection_serves_one_request_after_another(running: Running) -> None:
    with running.connect() as client:
        for _ in range(20):
            client.sendall(GET)
            assert one(client).startswith(b"HTTP/1.1 200 OK\r\nDate: ")
    running.settled()


def test_the_date_is_now_and_goes_on(running: Running) -> None:
    with running.connect() as client:
        seen: set[datetime] = set()
        deadline = time.monotonic() + 15
        while len(seen) < 2 and time.monotonic() < deadline:
            client.sendall(GET)
            written = re.search(rb"Date: ([^\r]+)", one(client))
            assert written is not None
            date = parsedate_to_datetime(written[1].decode())
            assert abs(date.timestamp() - time.time()) < 3
            seen.add(date)
            time.sleep(0.1)
    assert len(seen) == 2


def test_hundreds_of_requests_at_once_are_answered_in_order(running: Running) -> None:
    heard = running.talk(GET * 300)
    assert [each.status for each in answers_in(heard, ["GET"] * 300)] == [200] * 300
    running.settled()


@pytest.mark.parametrize("pieces", [[b"\r\n" + GET], [b"\r\n\r\n", GET], [b"\r", b"\n" + GET]])
def test_empty_lines_before_a_request_are_passed_over(
    running: Running, pieces: list[bytes]
) -> None:
    [answer] = answers_in(running.talk(*pieces), ["GET"])
    assert answer.status == 200


@pytest.mark.parametrize(
    ("connection", "told"), [("", "close"), ("Connection: keep-alive\r\n", "keep-alive")]
)
def test_http_1_0_is_kept_only_when_asked(running: Running, connection: str, told: str) -> None:
    request = f"GET /feeds/gongan.rss HTTP/1.0\r\n{connection}\r\n".encode()
    heard = running.talk(request, GET)
    answers = answers_in(heard, ["GET", "GET"])
    assert answers[0].headers["connection"] == told
    assert len(answers) == (1 if told == "close" else 2)


def test_a_slow_reader_gets_everything_and_delays_nobody(nobody: Path) -> None:
    with fronting(documents(MemoryShelf(LARGE)), nobody) as running, running.connect() as slow:
        slow.sendall(GET * 3)
        time.sleep(0.2)
        assert running.talk(GET.replace(b"GET", b"HEAD")).startswith(b"HTTP/1.1 200")
        slow.shutdown(socket.SHUT_WR)
        answers = answers_in(hear(slow), ["GET"] * 3)
        assert [each.body for each in answers] == [LARGE.body] * 3


def test_a_reader_that_takes_nothing_is_given_up(nobody: Path) -> None:
    limits = Limits(stall=0.2)
    with (
        fronting(documents(MemoryShelf(LARGE)), nobody, limits=limits) as running,
        running.connect() as slow,
    ):
        slow.sendall(GET * 100)
        running.settled()


@pytest.mark.parametrize(
    ("begun", "heard"),
    [
        (b"", b""),
        (b"GET /feeds", b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123", b"HTTP/1.1 408 "),
        (GET, b"HTTP/1.1 200 "),
    ],
)
def test_whoever_goes_silent_is_not_waited_for(
    answering: InstantAnswers, nobody: Path, begun: bytes, heard: bytes
) -> None:
    limits = Limits(idle=0.2, head=0.2, body=0.2, linger=0.2)
    with fronting(answering, nobody, limits=limits) as running, running.connect() as client:
        client.sendall(begun)
        assert hear(client).startswith(heard)
        running.settled()


def test_a_head_in_drips_has_one_time_limit_for_all_of_it(
    answering: InstantAnswers, nobody: Path
) -> None:
    with (
        fronting(answering, nobody, limits=Limits(head=0.5)) as running,
        running.connect() as client,
    ):
        began = time.monotonic()
        try:
            for byte in GET[:-1] * 20:
                client.sendall(bytes([byte]))
                time.sleep(0.02)
        except OSError:
            pass
        assert time.monotonic() - began < 10


def test_half_open_connections_are_given_up_for_new_ones(
    answering: InstantAnswers, nobody: Path
) -> None:
    with fronting(answering, nobody, limits=Limits(connections=8)) as running:
        halves = [running.connect() for _ in range(20)]
        for each in halves:
            each.sendall(b"GET / HT")
        assert running.talk(GET).startswith(b"HTTP/1.1 200")
        assert len(running.front.hall.visitors) <= 8
        for each in halves:
            each.close()


def test_beyond_its_connections_it_says_busy(answering: InstantAnswers, nobody: Path) -> None:
    going_on = threading.Event()

    def slow(_: Request) -> Response:
        going_on.wait(10)
        return Response("done")

    with (
        application(nobody, Request.application(slow)),
        fronting(answering, nobody, limits=Limits(connections=2)) as running,
    ):
        waiting = [running.connect() for _ in range(2)]
        for each in waiting:
            each.sendall(PAGE)
        while len(running.front.hall.application.under_way) < 2:
            time.sleep(0.01)
        with running.connect() as third:
            heard = hear(third)
        assert heard.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"Retry-After: 5\r\n" in heard
        going_on.set()
        for each in waiting:
            assert b" 200 OK" in hear(each)
            each.close()


@pytest.mark.parametrize("size", [1, 300_000])
def test_an_answer_under_way_is_finished_before_it_stops(nobody: Path, size: int) -> None:
    going_on = threading.Event()

    def slow(_: Request) -> Response:
        going_on.wait(10)
        return Response(b"x" * size)

    with (
        application(nobody, Request.application(slow)),
        fronting(documents(MemoryShelf(LARGE)), nobody) as running,
        running.connect() as page,
        running.connect() as idle,
        running.connect() as downloading,
    ):
        page.sendall(PAGE)
        downloading.sendall(GET * 4)
        idle.sendall(GET)
        one(idle)
        while not running.front.hall.application.under_way:
            time.sleep(0.01)
        running.front.stop()
        assert hear(idle) == b""
        going_on.set()
        assert hear(page).endswith(b"x" * size)
        [answer, *_] = answers_in(hear(downloading), ["GET"] * 4)
        assert answer.body == LARGE.body
        running.thread.join(5)
        assert not running.thread.is_alive()


def test_a_new_document_is_there_with_the_next_request(nobody: Path) -> None:
    shelf = MemoryShelf(make("0"))
    with fronting(documents(shelf), nobody) as running, running.connect() as client:
        for number in range(1, 200):
            document = make(str(number), cursor=number)
            shelf.put(document)
            client.sendall(GET)
            assert f'ETag: "{document.etag}"'.encode() in one(client)


def test_a_broken_disk_leaves_the_last_good_answers_and_no_old_one_afterwards(nobody: Path) -> None:
    shelf = MemoryShelf(make("old"))
    new = make("new", cursor=2)
    with fronting(documents(shelf), nobody) as running, running.connect() as client:
        shelf.broken = OSError(5, "Input/output error")
        shelf.put(new)
        for _ in range(3):
            client.sendall(GET)
            assert one(client).startswith(b"HTTP/1.1 200")
        shelf.broken = None
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            client.sendall(GET)
            if f'ETag: "{new.etag}"'.encode() in one(client):
                return
            time.sleep(0.05)
        raise AssertionError("the new document never came")
