"""A feed document that is at hand as an answer of Flask's: the same that the hot layer gives."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from feedsvc.web.hot import answer
from feedsvc.web.variants import Headers, ReadyDocument


def reply(ready: ReadyDocument) -> Response:
    """Answer the present request with a document: 200, 226 or 304, HEAD and OPTIONS too."""
    said = _Said()
    body = answer(ready, request.environ, said)
    return Response(list(body), status=said.status, headers=said.headers)


class _Said:
    """A `start_response` (PEP 3333) that keeps what it is told."""

    status = ""
    headers: Headers

    def __call__(
        self, status: str, headers: Headers, _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return bytes
