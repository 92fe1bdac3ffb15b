"""The relay: what the application answers over its socket is what the visitor gets, and in bounds."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from feedsvc.web.relay import LARGEST_BODY, PEER, Relay, restore_peer


class UnixServer(ThreadingMixIn, WSGIServer):
    """The standard library's WSGI server on a socket file."""

    address_family = socket.AF_UNIX
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "feedsvc", 80
        self.setup_environ()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _ = self.socket.accept()
        return connection, ("local", 0)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


Answer = Callable[[Request], Response]


@contextmanager
def application(path: Path, answer: Answer) -> Iterator[None]:
    server = UnixServer(str(path), Quiet)  # type: ignore[arg-type]
    server.set_app(restore_peer(Request.application(answer)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        path.unlink()
        thread.join()


def echo(request: Request) -> Response:
    """All of the request that an application can see."""
    words = "\n".join(
        [
            request.method,
            repr(request.environ["PATH_INFO"]),
            repr(request.environ["QUERY_STRING"]),
            repr(request.environ["REMOTE_ADDR"]),
            *sorted(
                f"{name}: {value}"
                for name, value in request.headers.items()
                if name not in {"Content-Length", "Content-Type"}
            ),
            repr(request.get_data()),
        ]
    )
    return Response(words, headers={"X-Seen": "1", "Vary": "Cookie"})


def ask(relay: Relay, path: str) -> int:
    """The status of one answer, read to its end."""
    return Client(relay).get(path, buffered=True).status_code


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with application(tmp_path / "app", echo):
        yield Client(Relay(tmp_path / "app", seconds=5))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.text(max_size=20).map(lambda text: "/" + re.sub("[?#]", "", text).lstrip("/")),
    query=st.text("ab=&%2+?/", max_size=12),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    body=st.binary(max_size=200),
    value=st.text('ab c,;="é', max_size=20).map(str.strip),
)
def test_the_application_sees_the_request_as_if_it_had_come_directly(
    client: Client, path: str, query: str, method: str, body: bytes, value: str
) -> None:
    def asked(of: Client) -> TestResponse:
        return of.open(
            path=path.encode("utf-8", "replace").decode(),
            query_string=query,
            method=method,
            data=body,
            headers=[("X-Value", value)],
            environ_base={"REMOTE_ADDR": "203.0.113.7"},
        )

    relayed, direct = asked(client), asked(Client(Request.application(echo)))
    assert (relayed.status, relayed.data) == (direct.status, direct.data)
    for name in ("X-Seen", "Vary", "Content-Type", "Content-Length"):
        assert relayed.headers.get(name) == direct.headers.get(name)


def test_head_has_the_headers_of_get_and_no_body(client: Client) -> None:
    got, asked = client.get("/x"), client.head("/x")
    assert asked.data == b""
    assert asked.headers["X-Seen"] == got.headers["X-Seen"]


def test_a_visitor_cannot_give_an_address_of_another(client: Client) -> None:
    answer = client.get(
        "/", headers={PEER: "192.0.2.1"}, environ_base={"REMOTE_ADDR": "203.0.113.7"}
    )
    assert "203.0.113.7" in answer.text
    assert "192.0.2.1" not in answer.text


def test_a_body_too_large_is_refused_before_it_is_read(client: Client) -> None:
    answer = client.post("/", environ_base={"CONTENT_LENGTH": str(LARGEST_BODY + 1)})
    assert answer.status_code == 413


def test_an_application_that_is_not_there_is_503_at_once(tmp_path: Path) -> None:
    answer = Client(Relay(tmp_path / "none")).get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_restarted_application_is_found_again(tmp_path: Path) -> None:
    client = Client(Relay(tmp_path / "app", seconds=5))
    for _ in range(2):
        with application(tmp_path / "app", echo):
            assert client.get("/").status_code == 200
            assert client.post("/", data=b"x").status_code == 200
        assert client.get("/").status_code == 503


def test_beyond_its_places_it_answers_busy_and_frees_them_again(tmp_path: Path) -> None:
    going_on = threading.Event()

    def slow(request: Request) -> Response:
        if request.path == "/slow":
            going_on.wait(10)
        return Response("done")

    with application(tmp_path / "app", slow):
        relay = Relay(tmp_path / "app", places=3, seconds=10)
        statuses: list[int] = []
        waiting = [
            threading.Thread(target=lambda: statuses.append(ask(relay, "/slow"))) for _ in range(3)
        ]
        for each in waiting:
            each.start()
        deadline = time.monotonic() + 20
        while ask(relay, "/") != 503 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ask(relay, "/") == 503
        going_on.set()
        for each in waiting:
            each.join()
        assert statuses == [200, 200, 200]
        assert ask(relay, "/") == 200


def test_a_silent_application_costs_its_time_and_no_place_for_ever(tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "app"))
    listener.listen(8)
    relay = Relay(tmp_path / "app", places=1, seconds=0.1)
    try:
        for _ in range(3):
            assert ask(relay, "/") == 503
    finally:
        listener.close()


def test_an_answer_left_half_read_gives_its_place_back(tmp_path: Path) -> None:
    with application(tmp_path / "app", lambda _: Response(b"x" * 1_000_000)):
        relay = Relay(tmp_path / "app", places=1, seconds=5)
        for _ in range(3):
            answer = Client(relay).get("/")
            assert answer.status_code == 200
            assert next(iter(answer.response))
            answer.close()
