"""Bad answers: each ends soon, as the error that says what was wrong; a later good one is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from feedsvc.errors import (
    BadResponse,
    ConnectFailed,
    DnsFailed,
    FetchError,
    HttpStatus,
    RedirectFailed,
    TimedOut,
    TooLarge,
    Truncated,
)
from feedsvc.fetch.client import Fetcher
from feedsvc.fetch.exchange import FetchRequest, Hop
from tests.fetch.fetching import LOOPBACK, failure_of, fetcher_with
from tests.fetch.hostile import (
    GZIPPED,
    TROUBLES,
    WHOLE,
    Handler,
    HostileServer,
    Peer,
    answer,
    conditional,
    drip,
    head,
    raw,
    redirect,
)

pytestmark = pytest.mark.usefixtures("carrier")

STORY = b"<rss>a story</rss>"
VERDICTS: dict[str, type[FetchError]] = {
    **dict.fromkeys(("/403", "/404", "/410", "/429", "/500", "/503"), HttpStatus),
    **dict.fromkeys(("/404-cut", "/404-huge", "/404-flood"), HttpStatus),
    **dict.fromkeys(("/loop-a", "/loop-b", "/loop-self", "/nowhere"), RedirectFailed),
    **{path: RedirectFailed for path in TROUBLES if path.startswith("/chain-")},
    **dict.fromkeys(("/huge-declared", "/huge-number", "/huge-undeclared"), TooLarge),
    **dict.fromkeys(("/bomb", "/bomb-deflate"), TooLarge),
    **dict.fromkeys(
        ("/header-big", "/header-flood", "/header-long", "/early-hints-flood"), TooLarge
    ),
    **dict.fromkeys(("/206", "/cut-gzip", "/short", "/cut-chunks", "/cut-header"), Truncated),
    **dict.fromkeys(("/304-unasked", "/no-gzip", "/unknown-coding", "/two-codings"), BadResponse),
    **dict.fromkeys(("/bad-chunks", "/unknown-transfer", "/two-lengths"), BadResponse),
    **dict.fromkeys(("/negative-length", "/length-and-chunks", "/http09"), BadResponse),
    **dict.fromkeys(("/garbage", "/no-status", "/switching"), BadResponse),
    **dict.fromkeys(("/empty", "/reset"), ConnectFailed),
    "/reset-body": Truncated,
    **dict.fromkeys(("/drip-body", "/drip-header", "/silence"), TimedOut),
}
# A chain's end is within five hops of a plain 404.
VERDICTS |= dict.fromkeys((f"/chain-{n}" for n in range(7, 12)), HttpStatus)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    routes = {
        **TROUBLES,
        "/good": answer(STORY, 200, "Content-Type: text/xml", "X-Two: a", "x-two: b"),
        "/packed": answer(WHOLE, 200, GZIPPED),
        "/named": conditional(STORY, '"v1"'),
    }
    with HostileServer(routes) as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with fetcher_with(replace(LOOPBACK, seconds=1.0)) as running:
        yield running


def test_every_trouble_has_a_verdict() -> None:
    assert set(VERDICTS) == set(TROUBLES)


@pytest.mark.parametrize("path", TROUBLES)
def test_a_bad_answer_ends_in_its_error_and_a_good_one_is_read_next(
    path: str, server: HostileServer
) -> None:
    # However the bytes drip, the deadline is a second; what is bad in itself needs no deadline.
    seconds = 1.0 if VERDICTS[path] is TimedOut else LOOPBACK.seconds
    with fetcher_with(replace(LOOPBACK, seconds=seconds)) as fetcher:
        started = time.monotonic()
        error = failure_of(fetcher, server.url(path))
        took = time.monotonic() - started
        assert type(error) is VERDICTS[path], error
        assert took > 0.9 or not isinstance(error, TimedOut)
        assert took < LOOPBACK.seconds / 2
        assert error.subject.startswith(server.url(path))
        assert error.cause
        assert "\n" not in str(error)
        assert fetcher.fetch(FetchRequest(url=server.url("/good"))).body == STORY


def test_the_deadline_counts_over_all_hops(server: HostileServer, fetcher: Fetcher) -> None:
    def moving_slowly(location: str) -> Handler:
        moved = redirect(location)

        def handle(peer: Peer) -> None:
            peer.stopped.wait(0.4)
            moved(peer)

        return handle

    server.routes["/slow-hop"] = moving_slowly("/slow-hop-2")
    server.routes["/slow-hop-2"] = moving_slowly("/slow-hop-3")
    server.routes["/slow-hop-3"] = moving_slowly("/good")
    started = time.monotonic()
    assert isinstance(failure_of(fetcher, server.url("/slow-hop")), TimedOut)
    assert time.monotonic() - started < LOOPBACK.seconds / 2


@pytest.mark.parametrize(
    ("path", "status", "wait", "permanent"),
    [
        ("/403", 403, None, False),
        ("/404", 404, None, True),
        ("/404-cut", 404, None, True),
        ("/410", 410, None, True),
        ("/429", 429, 120, False),
        ("/500", 500, None, False),
        ("/503", 503, 30, False),
    ],
)
def test_a_status_is_kept_with_the_wait_that_was_asked(
    path: str,
    status: int,
    wait: int | None,
    permanent: bool,
    server: HostileServer,
    fetcher: Fetcher,
) -> None:
    error = failure_of(fetcher, server.url(path))
    assert isinstance(error, HttpStatus)
    assert (error.status, error.retry_after, error.permanent) == (status, wait, permanent)


def test_a_good_answer_is_told_whole(server: HostileServer, fetcher: Fetcher) -> None:
    response = fetcher.fetch(FetchRequest(url=server.url("/good?a=1#top")))
    assert response.url == server.url("/good?a=1")
    assert (response.status, response.body, response.wire_bytes) == (200, STORY, len(STORY))
    assert response.headers["content-type"] == "text/xml"
    assert response.headers["x-two"] == "b"
    assert response.hops == ()
    assert 0 < response.elapsed < 1
    assert not response.not_modified


def test_a_packed_answer_is_unpacked(server: HostileServer, fetcher: Fetcher) -> None:
    response = fetcher.fetch(FetchRequest(url=server.url("/packed")))
    assert response.body.endswith(b"</rss>")
    assert response.wire_bytes == len(WHOLE) < len(response.body)


def test_what_is_sent(server: HostileServer, fetcher: Fetcher) -> None:
    fetcher.fetch(
        FetchRequest(
            url=server.url("/good?sent"),
            referer="http://新闻.example/a?b#c",
            accept="image/*",
            last_modified="Mon, 23 Nov 2026 08:00:00 GMT",
        )
    )
    sent = server.requests[-1].headers
    assert sent == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "feedsvc-tests/1",
        "accept": "image/*",
        "accept-encoding": "gzip, deflate",
        "referer": "http://xn--efvy88h.example/a?b",
        "if-modified-since": "Mon, 23 Nov 2026 08:00:00 GMT",
    }


def test_a_conditional_request_is_answered_304_with_an_empty_body(
    server: HostileServer, fetcher: Fetcher
) -> None:
    first = fetcher.fetch(FetchRequest(url=server.url("/named")))
    assert (first.status, first.headers["etag"]) == (200, '"v1"')
    second = fetcher.fetch(FetchRequest(url=server.url("/named"), etag=first.headers["etag"]))
    assert (second.status, second.not_modified, second.body) == (304, True, b"")
    assert fetcher.fetch(FetchRequest(url=server.url("/named"), etag='"v0"')).body == STORY


@pytest.mark.parametrize(
    "etag", ['"a"\r\nX-Evil: 1', '"a\x00"', '"新"', '"' + "a" * 5000 + '"', ""]
)
def test_a_validator_that_is_no_header_value_is_left_out(
    etag: str, server: HostileServer, fetcher: Fetcher
) -> None:
    assert fetcher.fetch(FetchRequest(url=server.url("/named"), etag=etag)).status == 200
    assert not {"if-none-match", "x-evil"} & set(server.requests[-1].headers)


def test_a_validator_goes_back_byte_for_byte(server: HostileServer, fetcher: Fetcher) -> None:
    etag = '"\xe6\x96\xb0 v"'
    server.routes["/odd"] = conditional(STORY, etag)
    assert fetcher.fetch(FetchRequest(url=server.url("/odd"))).headers["etag"] == etag
    assert fetcher.fetch(FetchRequest(url=server.url("/odd"), etag=etag)).not_modified


def test_redirects_are_followed_and_recorded(server: HostileServer, fetcher: Fetcher) -> None:
    server.routes["/old"] = redirect("/older?s3cret", 301)
    server.routes["/older"] = redirect("/good", 307)
    response = fetcher.fetch(FetchRequest(url=server.url("/old")))
    assert response.url == server.url("/good")
    assert response.hops == (
        Hop(url=server.url("/old"), status=301),
        Hop(url=server.url("/older?s3cret"), status=307),
    )
    assert [hop.permanent for hop in response.hops] == [True, False]


def test_five_hops_are_followed_and_six_are_not(server: HostileServer, fetcher: Fetcher) -> None:
    server.routes["/chain-12"] = answer(STORY)
    assert len(fetcher.fetch(FetchRequest(url=server.url("/chain-7"))).hops) == 5
    assert isinstance(failure_of(fetcher, server.url("/chain-6")), RedirectFailed)
    del server.routes["/chain-12"]


def test_an_error_after_a_redirect_names_both_urls_and_no_secret(
    server: HostileServer, fetcher: Fetcher
) -> None:
    server.routes["/moved"] = redirect("/404?token=s3cret")
    error = failure_of(fetcher, server.url("/moved?token=s3cret"))
    assert str(error) == f"{server.url('/moved')}?… → {server.url('/404')}?…: HTTP 404"


def test_a_request_can_lower_the_caps(server: HostileServer, fetcher: Fetcher) -> None:
    for path, most in (("/good", len(STORY) - 1), ("/packed", len(WHOLE) + 10)):
        assert isinstance(
            failure_of(fetcher, FetchRequest(url=server.url(path), max_bytes=most)), TooLarge
        )
    assert fetcher.fetch(FetchRequest(url=server.url("/good"), max_bytes=len(STORY))).body == STORY
    # Refused by its declared length, without waiting for the rest.
    server.routes["/slow"] = drip(head(200, "Content-Length: 2000") + b"\r\n", b"x", 0.1)
    slow = FetchRequest(url=server.url("/slow"), max_bytes=1000)
    assert isinstance(failure_of(fetcher, slow), TooLarge)


def test_a_body_of_exactly_the_cap_is_read(server: HostileServer) -> None:
    with fetcher_with(replace(LOOPBACK, max_wire=1000)) as fetcher:
        server.routes["/cap"] = raw(head() + b"\r\n" + b"x" * 1000)
        assert len(fetcher.fetch(FetchRequest(url=server.url("/cap"))).body) == 1000
        server.routes["/cap"] = raw(head() + b"\r\n" + b"x" * 1001)
        assert isinstance(failure_of(fetcher, server.url("/cap")), TooLarge)


def test_trailers_folds_and_early_hints_change_nothing(
    server: HostileServer, fetcher: Fetcher
) -> None:
    server.routes["/odd-headers"] = raw(
        head(103, "Link: </a>", "Content-Encoding: br")
        + b"\r\n"
        + head(200, "Transfer-Encoding: chunked", "X-Fold: one", "  two", "X-Word: caf\xe9")
        + b"\r\n5\r\nhello\r\n0\r\nContent-Encoding: gzip\r\nX-Word: other\r\n\r\n"
    )
    response = fetcher.fetch(FetchRequest(url=server.url("/odd-headers")))
    assert response.body == b"hello"
    assert response.headers == {
        "transfer-encoding": "chunked",
        "x-fold": "one two",
        "x-word": "caf\xe9",
    }


def test_nobody_at_the_port_and_no_such_name(fetcher: Fetcher) -> None:
    with HostileServer({}) as gone:
        url = gone.url("/")
    assert isinstance(failure_of(fetcher, url), ConnectFailed)
    # A name below onion. is never looked up (RFC 7686), so that no name server hears of this test.
    assert isinstance(failure_of(fetcher, "http://nobody.onion/"), DnsFailed)
