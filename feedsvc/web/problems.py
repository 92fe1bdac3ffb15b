"""What a visitor sees when a page cannot be shown. None of these pages needs the database."""

from __future__ import annotations

import secrets

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from feedsvc.domain.feed import FORMATS
from feedsvc.errors import NotFound, StoreError
from feedsvc.i18n.catalogue import translate
from feedsvc.web.pages import Frame, page, plain, visitor_language

log = structlog.get_logger()

RETRY_AFTER = "30"


def register_problems(app: Flask) -> None:
    """Give each kind of failure its page."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(StoreError, _unavailable)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def _not_found(_: Exception) -> Response:
    """Nothing that was asked for is repeated: a 404 must not be a stage for strangers' words."""
    path = request.path
    if path.startswith("/feeds/") and path.endswith(tuple(f".{one}" for one in FORMATS)):
        return plain(translate(visitor_language(), "web.problem.no_feed"), status=404)
    return _problem("not_found", 404)


def _unavailable(error: StoreError) -> Response:
    log.warning("page_unavailable", path=request.path, kind=error.kind, error=str(error))
    response = _problem("unavailable", 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _refused(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 404:
        return _not_found(error)
    response = _problem("refused", status)
    for name, value in error.get_headers(request.environ):
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    """The last resort: the page and the log carry the same number, the page nothing else."""
    number = secrets.token_hex(5)
    log.error("page_failed", number=number, path=request.path, exc_info=error)
    return _problem("failed", 500, number=number)


def _problem(name: str, status: int, **values: object) -> Response:
    language = visitor_language()
    title = translate(language, f"web.problem.{name}_title")
    text = translate(language, f"web.problem.{name}", **values)
    return page("problem.html", Frame(title=title, indexed=False), {"text": text}, status=status)
