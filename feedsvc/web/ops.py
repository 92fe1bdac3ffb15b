"""Two addresses for whoever watches over the service: is the process up, and can it do its work."""

from __future__ import annotations

from flask import Blueprint, Response

from feedsvc.errors import SchemaOutdated, StoreError
from feedsvc.i18n.catalogue import translate
from feedsvc.store import schema
from feedsvc.web.house import house
from feedsvc.web.pages import plain, visitor_language

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
def health() -> Response:
    """Always 200 while this process answers."""
    return _fresh(Response("ok\n", mimetype="text/plain"))


@ops.get("/readyz")
def readiness() -> Response:
    """200 when database, schema and documents are there, else 503; each line says how one of them is."""
    language = visitor_language()
    good = translate(language, "web.ready.ok")
    database, shape = _database_words()
    loaded = len(house().memory)
    ready = database is None and shape is None and loaded > 0
    lines = [
        translate(language, "web.ready.yes" if ready else "web.ready.no"),
        translate(
            language,
            "web.ready.database",
            state=translate(language, f"error.{database}") if database else good,
        ),
        translate(
            language,
            "web.ready.schema",
            state=translate(language, f"error.{shape}") if shape else good,
        ),
        translate(language, "web.ready.documents", count=loaded),
    ]
    if not loaded:
        lines.append(translate(language, "web.ready.no_documents"))
    return _fresh(plain("\n".join(lines), status=200 if ready else 503))


def _database_words() -> tuple[str | None, str | None]:
    """The kind of error of the database and of its schema, None where all is well.

    Only the kind: an error's own text may name hosts and files, which are nobody else's business.
    """
    try:
        house().services.db.ping()
    except StoreError as error:
        return error.kind, error.kind
    try:
        schema.require_current(house().services.db)
    except SchemaOutdated as error:
        return None, error.kind
    except StoreError as error:
        return error.kind, error.kind
    return None, None


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
