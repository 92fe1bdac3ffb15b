"""Pictures: files by the hash of their bytes, answered without the database; they never change."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from feedsvc.domain.picture import EXTENSIONS
from feedsvc.i18n.catalogue import translate
from feedsvc.parse.raster import HEAD, media_type_of
from feedsvc.web.answer import IMMUTABLE
from feedsvc.web.house import house
from feedsvc.web.pages import plain, visitor_language

media = Blueprint("media", __name__)

_NAME = re.compile(r"([0-9a-f]{40})(?:\.([a-z]{3,4}))?")
# A picture is nothing but a picture, whatever a browser is talked into taking it for.
_ALONE = "default-src 'none'; sandbox"


@media.get("/media/<name>")
def picture(name: str) -> Response:
    """One picture, by its hash with or without its extension; 410 once no public article shows it."""
    named = _NAME.fullmatch(name)
    if named is None:
        return _without("no_picture", 404)
    answer = _file(named[1], named[2])
    if answer is not None:
        return answer
    if house().services.media.is_withheld(named[1]):
        return _without("picture_withdrawn", 410)
    return _without("no_picture", 404)


def _file(name: str, extension: str | None) -> Response | None:
    """The file as an answer; None where there is none, or one of another kind than was asked for.

    It may be withdrawn between looking and opening: then it is not there.
    """
    path = house().services.media.find(name)
    try:
        file = path.open("rb") if path else None
    except FileNotFoundError:
        return None
    if file is None:
        return None
    media_type = media_type_of(file.read(HEAD))
    if media_type is None or extension not in {None, EXTENSIONS[media_type]}:
        file.close()
        return None
    length = file.seek(0, 2)
    file.seek(0)
    response = Response(
        wrap_file(request.environ, file), content_type=media_type, direct_passthrough=True
    )
    response.content_length = length
    response.set_etag(name)
    response.headers["Cache-Control"] = IMMUTABLE
    response.headers["Content-Security-Policy"] = _ALONE
    response.headers["Access-Control-Allow-Origin"] = "*"
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=length)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return response


def _without(word: str, status: int) -> Response:
    response = plain(translate(visitor_language(), f"web.problem.{word}"), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
