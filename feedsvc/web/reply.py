"""What programs are answered by Flask: a feed document as the hot layer gives it, or one sentence."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from feedsvc.i18n.catalogue import translate
from feedsvc.web.hot import answer
from feedsvc.web.pages import plain, visitor_language
from feedsvc.web.variants import Headers, ReadyDocument

# What a document's address takes; a preflight is answered like a document's own (see `web.hot`).
METHODS = ("GET", "HEAD", "OPTIONS")
# Seconds after which the database may be asked again.
UNAVAILABLE_RETRY = 30


def reply(ready: ReadyDocument) -> Response:
    """Answer the present request with a document: 200, 226 or 304, HEAD and OPTIONS too."""
    said = _Said()
    body = answer(ready, request.environ, said)
    return Response(list(body), status=said.status, headers=said.headers)


def refusal(name: str, status: int, *, retry_after: int | None = None) -> Response:
    """Say in one sentence of ours (`web.problem.<name>`) why there is no document.

    `retry_after` (s): when to ask again.
    """
    response = plain(translate(visitor_language(), f"web.problem.{name}"), status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def unavailable() -> Response:
    """Say that whether there is such a document cannot be told now."""
    return refusal("feed_unavailable", 503, retry_after=UNAVAILABLE_RETRY)


class _Said:
    """A `start_response` (PEP 3333) that keeps what it is told."""

    status = ""
    headers: Headers

    def __call__(
        self, status: str, headers: Headers, _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return bytes
