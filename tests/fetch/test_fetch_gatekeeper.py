"""Gatekeepers: an error status that comes with a challenge is `Blocked`, a plain refusal is not."""

import gzip

import pytest

from feedsvc.errors import Blocked, HttpStatus
from tests.fetch.fetching import LOOPBACK, failure_of, fetcher_with
from tests.fetch.hostile import HostileServer, answer

pytestmark = pytest.mark.usefixtures("carrier")

SCRIPT = b"<html><script>document.cookie='k='+f(7);location.reload();</script></html>"
REFUSAL = b"<html><body><h1>403 Forbidden</h1><p>You may not see this page.</p></body></html>"
HTML = "Content-Type: text/html"


@pytest.mark.parametrize(
    ("status", "body", "fields"),
    [
        (521, b"", ()),
        (521, SCRIPT, ()),
        (412, SCRIPT, ()),
        (403, SCRIPT, ()),
        (503, gzip.compress(SCRIPT, mtime=0), ("Content-Encoding: gzip",)),
        (403, REFUSAL, ("cf-mitigated: challenge",)),
    ],
)
def test_a_challenge_is_blocked(status: int, body: bytes, fields: tuple[str, ...]) -> None:
    with (
        HostileServer({"/list": answer(body, status, HTML, *fields)}) as server,
        fetcher_with(LOOPBACK) as fetcher,
    ):
        error = failure_of(fetcher, server.url("/list"))
    assert isinstance(error, Blocked)
    assert str(status) in error.cause
    assert not error.permanent


@pytest.mark.parametrize(
    ("status", "body", "fields"),
    [
        (403, REFUSAL, ()),
        (412, b"", ()),
        (404, SCRIPT, ()),
        (500, SCRIPT, ()),
        (503, b"not gzip", ("Content-Encoding: gzip",)),
    ],
)
def test_another_refusal_keeps_its_status(
    status: int, body: bytes, fields: tuple[str, ...]
) -> None:
    with (
        HostileServer({"/list": answer(body, status, HTML, *fields)}) as server,
        fetcher_with(LOOPBACK) as fetcher,
    ):
        error = failure_of(fetcher, server.url("/list"))
    assert isinstance(error, HttpStatus)
    assert error.status == status
