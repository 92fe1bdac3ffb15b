"""What is handed on: the application sees the request as it was, the visitor its answer, all in bounds."""

from __future__ import annotations

import itertools
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request, Response

from feedsvc.front.bodies import LARGEST
from feedsvc.front.handover import PEER, application_head
from feedsvc.front.heads import Head, read_head
from feedsvc.front.limits import Limits
from tests.front.fronting import (
    QUICK,
    Running,
    Said,
    answers_in,
    application,
    documents,
    fronting,
    hear,
    in_pieces,
)
from tests.web.documents import MemoryShelf

TWO = replace(QUICK, places=2)
UPLOAD = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"


@Request.application
def echo(request: Request) -> Response:
    """All of the request that an application can see."""
    lines = [
        request.method,
        repr(request.environ["PATH_INFO"]),
        repr(sorted(request.args.items(multi=True))),
        repr(request.environ["REMOTE_ADDR"]),
        *sorted(
            f"{name}: {value}"
            for name, value in request.headers.items()
            if name not in {"Content-Length", "Content-Type", "Connection", "Host"}
        ),
        repr(request.get_data()),
    ]
    return Response("\n".join(lines), headers={"X-Seen": "1", "Vary": "Cookie"})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    path = tmp_path_factory.mktemp("tunnel") / "app"
    with application(path, echo), fronting(documents(MemoryShelf()), path) as running:
        yield running


def asked(running: Running, *pieces: bytes, method: str = "GET") -> Said:
    [answer] = answers_in(running.talk(*pieces), [method])
    return answer


def head_of(raw: bytes) -> Head:
    head = read_head(raw)
    assert isinstance(head, Head)
    return head


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.text(max_size=20).map(lambda text: "/" + re.sub("[?#]", "", text).lstrip("/")),
    query=st.lists(st.tuples(st.text("ab=&%2+?/|[é", max_size=6), st.text("a[]", max_size=3))),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    body=st.one_of(st.none(), st.binary(max_size=200)),
    value=st.text('ab c,;="é', max_size=20).map(str.strip),
    chunked=st.booleans(),
    cuts=st.lists(st.integers(0, 900), max_size=4),
)
def test_the_application_sees_the_request_as_if_it_had_come_directly(
    running: Running,
    path: str,
    query: list[tuple[str, str]],
    method: str,
    body: bytes | None,
    value: str,
    chunked: bool,
    cuts: list[int],
) -> None:
    builder = EnvironBuilder(
        path=path.encode("utf-8", "replace").decode(),
        query_string=urlencode(query),
        method=method,
        data=body or b"",
        headers=[("X-Value", value)],
        environ_base={"REMOTE_ADDR": "127.0.0.1"},
    )
    environ = builder.get_environ()
    target = quote(environ["PATH_INFO"].encode("latin-1")).encode()
    if query:
        target += b"?" + urlencode(query).encode()
    direct = b"".join(run_wsgi_app(echo, environ)[0])
    lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: localhost"]
    lines.append(b"X-Value: " + value.encode("latin-1"))
    if body is None:
        wire = b""
    elif chunked:
        lines.append(b"Transfer-Encoding: chunked")
        wire = b"".join(b"1\r\n%c\r\n" % each for each in body) + b"0\r\n\r\n"
    else:
        lines.append(b"Content-Length: %d" % len(body))
        wire = body
    data = b"\r\n".join([*lines, b"\r\n"]) + wire
    answer = asked(running, *in_pieces(data, cuts))
    assert (answer.status, answer.body) == (200, direct)
    assert (answer.headers["x-seen"], answer.headers["vary"]) == ("1", "Cookie")


def test_head_has_the_headers_of_get_and_no_body(running: Running) -> None:
    answer = asked(running, b"HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", method="HEAD")
    assert answer.headers["x-seen"] == "1"


@pytest.mark.parametrize("name", [PEER, PEER.lower(), PEER.replace("-", "_"), "x_feedsvc-peer"])
def test_a_visitor_cannot_give_an_address_of_another(running: Running, name: str) -> None:
    request = f"GET / HTTP/1.1\r\nHost: a\r\n{name}: 192.0.2.1\r\nConnection: {PEER}\r\n\r\n"
    answer = asked(running, request.encode())
    assert b"'127.0.0.1'" in answer.body
    assert b"192.0.2.1" not in answer.body


def test_what_concerns_the_connection_ends_at_the_front() -> None:
    raw = (
        b"GET /|x?[\xe9 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Hop, Host\r\nX-Hop: 1\r\n"
        b"Keep-Alive: timeout=5\r\nTE: trailers\r\nUpgrade: h2c\r\nX-End: 2\r\nX_A: 3\r\n\r\n"
    )
    assert application_head(head_of(raw), "192.0.2.7", 0) == (
        b"GET /%7Cx?%5B%E9 HTTP/1.1\r\nHost: a\r\nX-End: 2\r\n"
        b"X-Feedsvc-Peer: 192.0.2.7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


def test_one_tunnel_carries_one_request_and_nothing_that_follows_it(running: Running) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = asked(running, UPLOAD + b"123456" + smuggled)
    assert answer.body.endswith(b"b'123456'")
    running.settled()


def test_a_body_too_large_is_refused_before_it_is_read(running: Running) -> None:
    request = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGEST + 1}\r\n\r\n"
    assert asked(running, request.encode()).status == 413


def test_a_client_that_waits_for_100_gets_it(running: Running) -> None:
    request = UPLOAD.replace(b"Host: a", b"Host: a\r\nExpect: 100-continue")
    with running.connect() as client:
        client.sendall(request)
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"123456")
        assert hear(client).endswith(b"b'123456'")
    assert asked(running, request.replace(b"100-", b"200-")).status == 417


def test_a_silent_application_costs_its_time_and_no_place_for_ever(tmp_path: Path) -> None:
    limits = replace(QUICK, places=1, silence=0.1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "app"))
        listener.listen(8)
        with fronting(documents(MemoryShelf()), tmp_path / "app", limits=limits) as running:
            for _ in range(2):
                assert asked(running, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 503
            running.settled()
        # What it did not answer in its time it is not asked again.
        listener.settimeout(0)
        for _ in range(2):
            listener.accept()[0].close()
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_an_application_that_dies_half_way_ends_the_connection(tmp_path: Path) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"
    with answering_with(tmp_path / "app", half), fronting_nothing(tmp_path) as running:
        assert running.talk(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"\r\n\r\nhal")
        running.settled()


def test_an_application_that_dies_under_a_request_is_asked_once_more_if_it_only_reads(
    tmp_path: Path,
) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with (
        answering_with(tmp_path / "app", b"", whole, b"", b"", b"") as seen,
        fronting_nothing(tmp_path) as running,
    ):
        assert asked(running, get).status == 200
        assert seen[0] == seen[1]
        assert asked(running, get).status == 503
        assert asked(running, UPLOAD + b"123456").status == 503
        running.settled()
    assert [each[:4] for each in seen] == [b"GET ", b"GET ", b"GET ", b"GET ", b"POST"]


def test_a_slow_upload_takes_no_place_and_its_memory_is_given_back(tmp_path: Path) -> None:
    with (
        application(tmp_path / "app", echo),
        fronting(
            documents(MemoryShelf()), tmp_path / "app", limits=Limits(places=1, bodies=5)
        ) as running,
    ):
        with running.connect() as slow, running.connect() as slower:
            slow.sendall(UPLOAD + b"123")
            slower.sendall(UPLOAD + b"1")
            while running.front.hall.held < 4:
                time.sleep(0.01)
            assert asked(running, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200
            slow.sendall(b"45")
            heard = hear(slow)
            assert heard.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After: 5\r\n" in heard
        running.settled()


def test_a_visitor_who_leaves_or_reads_slowly_holds_up_nobody(tmp_path: Path) -> None:
    large = b"x" * 20_000_000

    with (
        application(tmp_path / "app", Request.application(lambda _: Response(large))),
        fronting(documents(MemoryShelf()), tmp_path / "app", limits=TWO) as running,
    ):
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        with running.connect() as leaving, running.connect() as slow:
            leaving.sendall(request)
            slow.sendall(request)
            assert leaving.recv(10)
            leaving.close()
            time.sleep(0.3)
            # It waits for the slow one without turning round and round.
            spent = time.process_time()
            time.sleep(0.3)
            assert time.process_time() - spent < 0.2
            # What it has not taken is with the application, not in our memory.
            assert len(running.front.hall.application.under_way) == 1
            assert hear(slow).endswith(large)
        running.settled()


def test_an_answer_without_end_ends_with_its_visitor(tmp_path: Path) -> None:
    @Request.application
    def endless(_: Request) -> Response:
        return Response(itertools.repeat(b"x" * 1000))

    with (
        application(tmp_path / "app", endless),
        fronting(documents(MemoryShelf()), tmp_path / "app") as running,
    ):
        with running.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(10)
        running.settled()


def test_an_application_may_answer_before_it_has_read_everything(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "app"))
        listener.listen(8)

        def behave() -> None:
            link, _ = listener.accept()
            link.recv(10)
            link.sendall(b"HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n")
            link.close()

        thread = threading.Thread(target=behave)
        thread.start()
        with fronting(documents(MemoryShelf()), tmp_path / "app") as running:
            size = 4_000_000
            head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            assert asked(running, head.encode() + b"x" * size).status == 418
            running.settled()
        thread.join()


@contextmanager
def answering_with(path: Path, *answers: bytes) -> Iterator[list[bytes]]:
    """An application that has one answer for each request and then ends; yields what it was asked."""
    seen: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(8)
        listener.settimeout(20)

        def behave() -> None:
            for said in answers:
                link, _ = listener.accept()
                seen.append(link.recv(9999))
                link.sendall(said)
                link.close()

        thread = threading.Thread(target=behave)
        thread.start()
        yield seen
        thread.join()


def fronting_nothing(folder: Path) -> AbstractContextManager[Running]:
    """A front that has no documents, before the application of this folder."""
    return fronting(documents(MemoryShelf()), folder / "app")
