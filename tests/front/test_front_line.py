"""Who finds no place or no application waits in line: in order, bounded, and not for ever."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from feedsvc.front.line import Line
from feedsvc.front.tunnel import BATCH, Application
from feedsvc.front.watch import Watch
from tests.front.fronting import (
    QUICK,
    Running,
    answers_in,
    application,
    documents,
    fronting,
    hear,
)
from tests.web.documents import MemoryShelf, make

BUSY = "Busy; try again shortly.\n"
GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
HOT = b"GET /feeds/gongan.rss HTTP/1.1\r\nHost: a\r\n\r\n"
UPLOAD = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456"
PATIENT = replace(QUICK, patience=20)
HASTY = replace(QUICK, patience=0.3)


@given(
    steps=st.lists(st.tuples(st.sampled_from(["join", "leave", "tired"]), st.integers(0, 9))),
    longest=st.integers(0, 4),
)
def test_a_line_keeps_its_order_its_length_and_its_patience(
    steps: list[tuple[str, int]], longest: int
) -> None:
    line: Line[tuple[int, int]] = Line(longest, 5.0)
    model: OrderedDict[tuple[int, int], float] = OrderedDict()
    now = 0.0
    for number, (step, value) in enumerate(steps):
        if step == "join":
            assert line.join((number, value), now) is (len(model) < longest)
            if len(model) < longest:
                model[number, value] = now + 5.0
        elif step == "leave":
            one = next((each for each in model if each[1] == value), (-1, value))
            line.leave(one)
            model.pop(one, None)
        else:
            now += value
            expected = [one for one, until in model.items() if until <= now]
            assert list(iter(lambda: line.tired(now), None)) == expected  # noqa: B023
            for one in expected:
                del model[one]
        assert line.first == next(iter(model), None)
        assert len(line) == len(model)
        assert all(one in line for one in model)


class Gate:
    """An application whose pages end when told to; remembers whom it has seen, and how many at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.seen: list[str] = []
        self.at_once = 0
        self._inside = itertools.count()
        self._lock = threading.Lock()
        self._now = 0

    def __call__(self, request: Request) -> Response:
        with self._lock:
            self.seen.append(request.path)
            self._now += 1
            self.at_once = max(self.at_once, self._now)
        self.open.wait(20)
        with self._lock:
            self._now -= 1
        return Response(request.path)


def until(running: Running, *, waiting: int) -> None:
    """Return when so many wait in line."""
    deadline = time.monotonic() + 10
    while len(running.front.hall.application.line) != waiting:
        assert time.monotonic() < deadline, len(running.front.hall.application.line)
        time.sleep(0.002)


def all_taken(running: Running, places: int) -> None:
    """Return when the application has as many requests as it may have."""
    deadline = time.monotonic() + 10
    while len(running.front.hall.application.under_way) != places:
        assert time.monotonic() < deadline
        time.sleep(0.002)


@contextmanager
def asking(running: Running, *requests: bytes) -> Iterator[list[socket.socket]]:
    """Clients that have each sent a request."""
    with ExitStack() as stack:
        clients = []
        for each in requests:
            client = stack.enter_context(running.connect())
            client.sendall(each)
            clients.append(client)
        yield clients


def test_a_crowd_waits_its_turn_and_is_served_in_order(tmp_path: Path) -> None:
    gate = Gate()
    limits = replace(PATIENT, places=1)
    with (
        application(tmp_path / "app", Request.application(gate)),
        fronting(documents(MemoryShelf()), tmp_path / "app", limits=limits) as running,
        ExitStack() as stack,
    ):
        clients = []
        for number in range(30):
            [client] = stack.enter_context(asking(running, GET % number))
            clients.append(client)
            until(running, waiting=number)
        gate.open.set()
        for number, client in enumerate(clients):
            assert hear(client).endswith(b"/%d" % number)
        assert gate.seen == [f"/{number}" for number in range(30)]
        assert gate.at_once == 1
        running.settled()


def test_two_hundred_and_fifty_at_once_get_their_pages(tmp_path: Path) -> None:
    gate = Gate()
    gate.open.set()
    with (
        application(tmp_path / "app", Request.application(gate)),
        fronting(documents(MemoryShelf()), tmp_path / "app", limits=PATIENT) as running,
        asking(running, *(GET % number for number in range(250))) as clients,
    ):
        for number, client in enumerate(clients):
            assert hear(client).endswith(b"/%d" % number)
        assert gate.at_once <= PATIENT.places
        running.settled()


def test_who_comes_before_the_application_is_served_when_it_is_up(tmp_path: Path) -> None:
    gate = Gate()
    gate.open.set()
    with fronting(documents(MemoryShelf()), tmp_path / "app", limits=PATIENT) as running:
        for _ in range(2):
            gate.seen.clear()
            requests = [GET % number for number in range(20)]
            with asking(running, *requests, UPLOAD) as clients:
                until(running, waiting=21)
                with application(tmp_path / "app", Request.application(gate)):
                    heard = [hear(client) for client in clients]
            assert all(each.startswith(b"HTTP/1.1 200") or b" 200 OK" in each for each in heard)
            assert len(gate.seen) == 21
        running.settled()


class Nobody:
    """Asks, and is not interested (see `tunnel.Receiver`)."""

    def relay(self, data: bytes) -> bool:
        raise AssertionError(data)

    def answered(self) -> None:
        raise AssertionError

    def not_answered(self) -> None:
        raise AssertionError


def test_nobody_passes_the_line_when_the_application_has_just_come_back(tmp_path: Path) -> None:
    watch = Watch()
    behind = Application(tmp_path / "app", watch, PATIENT)
    first = behind.ask([GET % 1], Nobody(), again=True)
    assert first is not None
    assert first.in_line
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "app"))
        listener.listen(8)
        second = behind.ask([GET % 2], Nobody(), again=True)
        assert second is not None
        assert second.in_line
        behind.expired()
        assert behind.under_way == {first, second}
        watch.turn()
        for number in (1, 2):
            link, _ = listener.accept()
            with link:
                assert link.recv(999) == GET % number
        first.abandon()
        second.abandon()
    watch.close()


def test_patience_ends_with_503_in_turn_and_the_connection_stays(tmp_path: Path) -> None:
    shelf = MemoryShelf(make("x"))
    requests = GET % 1 + GET.replace(b"GET", b"HEAD") % 2 + UPLOAD + HOT
    with (
        fronting(documents(shelf), tmp_path / "none", limits=HASTY) as running,
        asking(running, requests.replace(b"gongan.rss HTTP/1.1", b"gongan.rss HTTP/1.0")) as [
            client
        ],
    ):
        began = time.monotonic()
        answers = answers_in(hear(client), ["GET", "HEAD", "POST", "GET"])
        assert [each.status for each in answers] == [503, 503, 503, 200]
        assert (answers[0].headers["retry-after"], answers[0].body.decode()) == ("5", BUSY)
        assert 3 * HASTY.patience <= time.monotonic() - began < 3
        running.settled()


def test_many_who_lose_patience_in_one_moment_are_all_told(tmp_path: Path) -> None:
    with (
        fronting(documents(MemoryShelf()), tmp_path / "none", limits=HASTY) as running,
        asking(running, *(GET % number for number in range(2 * BATCH + 9))) as clients,
    ):
        until(running, waiting=len(clients))
        began = time.monotonic()
        assert all(client.recv(99).startswith(b"HTTP/1.1 503 ") for client in clients)
        assert time.monotonic() - began < 3
        until(running, waiting=0)


def test_a_hung_application_keeps_no_more_waiting_than_the_line_is_long(tmp_path: Path) -> None:
    limits = replace(PATIENT, places=3, waiting=5)
    shelf = MemoryShelf(make("x"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "app"))
        listener.listen(8)
        with (
            fronting(documents(shelf), tmp_path / "app", limits=limits) as running,
            asking(running, *(GET % number for number in range(8))),
        ):
            until(running, waiting=5)
            all_taken(running, 3)
            with asking(running, GET % 8 + HOT) as [late]:
                assert late.recv(99).startswith(b"HTTP/1.1 503 ")
                # It has been told, and goes on; readers notice nothing at all, and nothing spins.
                spent, began = time.process_time(), time.monotonic()
                while time.monotonic() - began < 0.5:
                    late.sendall(HOT)
                    assert late.recv(65536)
                    time.sleep(0.05)
                assert time.process_time() - spent < 0.25
            until(running, waiting=5)


def test_a_full_queue_of_the_application_is_a_reason_to_wait(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "app"))
        listener.listen(0)
        with (
            fronting(documents(MemoryShelf()), tmp_path / "app", limits=HASTY) as running,
            asking(running, *(GET % number for number in range(4))) as clients,
        ):
            assert clients[-1].recv(99).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize("hangs_up", ["close", "shutdown"])
def test_whoever_hangs_up_leaves_the_line_at_once_and_is_never_asked_for(
    tmp_path: Path, hangs_up: str
) -> None:
    gate = Gate()
    limits = replace(PATIENT, places=1)
    with (
        application(tmp_path / "app", Request.application(gate)),
        fronting(documents(MemoryShelf()), tmp_path / "app", limits=limits) as running,
        asking(running, GET % 0) as [first],
    ):
        all_taken(running, 1)
        with asking(running, GET % 1, UPLOAD, GET % 3) as [leaving, uploading, staying]:
            until(running, waiting=3)
            for each in (leaving, uploading):
                if hangs_up == "close":
                    each.close()
                else:
                    each.shutdown(socket.SHUT_WR)
            until(running, waiting=1)
            assert running.front.hall.held == 0
            gate.open.set()
            assert hear(staying).endswith(b"/3")
            assert hear(first).endswith(b"/0")
        assert gate.seen == ["/0", "/3"]
        running.settled()


def test_bodies_that_wait_count_with_all_others(tmp_path: Path) -> None:
    limits = replace(PATIENT, bodies=10)
    with (
        fronting(documents(MemoryShelf()), tmp_path / "none", limits=limits) as running,
        asking(running, UPLOAD) as [_],
    ):
        until(running, waiting=1)
        assert running.front.hall.held == 6
        with asking(running, UPLOAD) as [second]:
            assert b" 503 " in hear(second)


def test_a_client_that_closes_frees_the_place_of_a_page_that_hangs(tmp_path: Path) -> None:
    gate = Gate()
    limits = replace(PATIENT, places=1, parted=0.1)
    with (
        application(tmp_path / "app", Request.application(gate)),
        fronting(documents(MemoryShelf()), tmp_path / "app", limits=limits) as running,
    ):
        with asking(running, GET % 0):
            all_taken(running, 1)
        all_taken(running, 0)
        gate.open.set()
        # One that only says that it sends no more is answered all the same.
        assert running.talk(GET % 1).endswith(b"/1")
        running.settled()


def test_who_waits_when_the_front_stops_is_served_first(tmp_path: Path) -> None:
    gate = Gate()
    limits = replace(PATIENT, places=1)
    with (
        application(tmp_path / "app", Request.application(gate)),
        fronting(documents(MemoryShelf()), tmp_path / "app", limits=limits) as running,
        asking(running, *(GET % number for number in range(3))) as clients,
    ):
        until(running, waiting=2)
        running.front.stop()
        gate.open.set()
        assert all(b" 200 OK" in hear(client) for client in clients)
        running.thread.join(5)
        assert not running.thread.is_alive()
