"""The hot layer: feed documents answered from memory before Flask is entered.

About 20 lines run for a poll that ends as 304, and none of them reads a file, a database or a clock.
Everything else goes on to the application behind. The memory is kept equal to the shelf that all
processes share: its generation is compared at every request (0.1 µs), so no answer is ever stale.
Where it has moved, the one document that is asked for is compared with its file, and no other: a
publication of hundreds at once holds up nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import structlog

from feedsvc.domain.feed import FeedDocument
from feedsvc.front.answers import Answer
from feedsvc.web.conditional import choose_coding, names_core, unmodified_since
from feedsvc.web.delta import known_cursor, wants_delta
from feedsvc.web.variants import CORS, SAFETY, ReadyDocument, Variant, make_ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

METHODS = "GET, HEAD, OPTIONS"
NOT_ALLOWED = b"Method Not Allowed\n"
NO_BODY: tuple[bytes, ...] = ()

_OPTIONS = Answer(
    "204 No Content",
    [
        ("Allow", METHODS),
        *CORS,
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", "A-IM, If-None-Match, If-Modified-Since, Cache-Control"),
        ("Access-Control-Max-Age", "86400"),
    ],
    NO_BODY,
)
_NOT_ALLOWED = Answer(
    "405 Method Not Allowed",
    [
        ("Allow", METHODS),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(NOT_ALLOWED))),
        *CORS,
        *SAFETY,
    ],
    (NOT_ALLOWED,),
)

# How long a request waits for a file that another thread reads before it takes the last good
# document, and how long a failed disk is left alone: it must not become an outage.
PATIENCE = 1.0
RETRY_AFTER = 1.0

# Tells one state of a document's file from another, whatever it is made of.
Signature = tuple[int, ...]


class DocumentShelf(Protocol):
    """What is needed of `store.shelf.Shelf`."""

    @property
    def generation(self) -> int:
        """A counter that rises with every publication; cheap enough to read for every request."""
        ...

    def paths(self) -> list[str]:
        """Return the URL paths of all documents."""
        ...

    def read_changed(
        self, path: str, known: Signature | None
    ) -> tuple[FeedDocument, Signature] | None:
        """Return a document with its file's signature; None where that is `known`, or nothing is there."""
        ...


class Compared(NamedTuple):
    """What an address has (None: no more), as of the shelf's counter when it was compared with the file."""

    generation: int
    signature: Signature
    ready: ReadyDocument | None


class DocumentMemory:
    """Ready answers by request path; thread-safe; never raises and never forgets the last good state.

    A document is answered as of a counter only after its file has been compared since the counter
    was there, so what has been withdrawn is never answered again once that has been published.
    """

    def __init__(
        self, shelf: DocumentShelf, base_url: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.shelf = shelf
        self._base_url = base_url
        self._clock = clock
        self._reading = threading.Lock()
        # The shelf's counter that the last answer is of; None where the shelf could not be read.
        self.generation: int | None = None
        self._retry_at = 0.0
        self._compared: dict[str, Compared] = {}
        # The shelf's counter when everything was read last.
        self._filled: int | None = None
        self._fill()

    def __len__(self) -> int:
        self._fill()
        return sum(each.ready is not None for each in list(self._compared.values()))

    def find(self, path: str) -> ReadyDocument | None:
        """Return the newest published document for a WSGI PATH_INFO, None for one unknown to us."""
        generation = self.shelf.generation
        compared = self._compared.get(path)
        if compared is not None and compared.generation == generation:
            self.generation = generation
            ready = compared.ready
            return ready if ready is None or ready.dated else self._dated(path, compared, ready)
        # The one place of the hot path that may meet a broken disk: whatever it is, readers get the
        # last good documents.
        done = self._attempted(lambda: self._renew(path, generation))
        self.generation = generation if done else None
        compared = self._compared.get(path)
        return None if compared is None else compared.ready

    def _fill(self) -> None:
        """Read everything that is new, so that what is asked for on a broken disk later is there."""
        generation = self.shelf.generation
        if generation == self._filled:
            return

        def read_all() -> None:
            for path in self.shelf.paths():
                self._renew(_request_path(path), generation)

        if self._attempted(read_all):
            self._filled = generation

    def _attempted(self, reading: Callable[[], None]) -> bool:
        """Read from the shelf, one thread at a time; False where that cannot be done now."""
        if time.monotonic() < self._retry_at or not self._reading.acquire(timeout=PATIENCE):
            return False
        try:
            reading()
        except Exception:  # whatever is wrong with the disk, readers keep the last good documents
            self._retry_at = time.monotonic() + RETRY_AFTER
            log.exception("documents_not_reloaded", kept=len(self._compared))
            return False
        finally:
            self._reading.release()
        return True

    def _renew(self, path: str, generation: int) -> None:
        file_path = _file_path(path)
        if file_path is None:
            return
        compared = self._compared.get(path)
        if compared is not None and compared.generation == generation:
            return
        # The counter was read before: a publication meanwhile shows as one more change, never as none.
        found = self.shelf.read_changed(file_path, compared.signature if compared else None)
        if found is not None:
            document, signature = found
            self._compared[path] = Compared(generation, signature, self._ready(document))
        elif compared is not None:
            self._compared[path] = compared._replace(generation=generation)

    def _dated(self, path: str, compared: Compared, ready: ReadyDocument) -> ReadyDocument:
        """Give a document its date once the clock has come to it."""
        later = self._ready(ready.document)
        if later is None or not later.dated:
            return ready
        self._compared[path] = compared._replace(ready=later)
        return later

    def _ready(self, document: FeedDocument) -> ReadyDocument | None:
        if document.gone:
            return None
        # No answer may bear a date after its own (RFC 9110 section 8.8.2.1), as a document would
        # that was published again within a second.
        dated = document.last_modified.timestamp() <= self._clock()
        return make_ready(document, self._base_url, dated=dated)


class HotFeeds:
    """WSGI middleware: known feed documents from memory, everything else from `app`; thread-safe."""

    def __init__(self, app: WSGIApplication, memory: DocumentMemory) -> None:
        self._app = app
        self._find = memory.find

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith("/feeds/"):
            return self._app(environ, start_response)
        document = self._find(path)
        if document is None or is_for_the_application(environ):
            return self._app(environ, start_response)
        return answer(document, environ, start_response)


def answer(
    document: ReadyDocument, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a request for a feed document that is at hand (PEP 3333)."""
    chosen = choose_answer(document, environ)
    # A server may change the list that it is given (PEP 3333), so each answer gets its own.
    start_response(chosen.status, list(chosen.headers))
    return chosen.body


def choose_answer(document: ReadyDocument, environ: WSGIEnvironment) -> Answer:
    """Choose among the answers that are ready; they are shared, and not to be changed.

    `environ` needs the method, the query and what negotiation looks at, no more.
    """
    method = environ["REQUEST_METHOD"]
    if method != "GET" and method != "HEAD":
        return _OPTIONS if method == "OPTIONS" else _NOT_ALLOWED
    variant = document.variants[choose_coding(environ.get("HTTP_ACCEPT_ENCODING"))]
    if _client_has_it(environ, document):
        return Answer("304 Not Modified", variant.not_modified, NO_BODY, document.dated)
    status = "200 OK"
    if "HTTP_A_IM" in environ and (delta := _delta(environ, document)) is not None:
        status, variant = "226 IM Used", delta
    body = variant.body if method == "GET" else NO_BODY
    return Answer(status, variant.full, body, document.dated)


def is_for_the_application(environ: WSGIEnvironment) -> bool:
    """Whether a query goes beyond the window, or a person opens a feed's address in a browser.

    Any other query is none of ours and changes nothing; with `raw` a browser gets the document too.
    """
    query: str = environ.get("QUERY_STRING", "")
    if query and ("since=" in query or "before=" in query):
        return True
    return environ.get("HTTP_SEC_FETCH_DEST") == "document" and "raw" not in query


def _client_has_it(environ: WSGIEnvironment, document: ReadyDocument) -> bool:
    """Evaluate the conditions of one request (RFC 9110 section 13.2.2), the usual spellings first."""
    if_none_match: str | None = environ.get("HTTP_IF_NONE_MATCH")
    if if_none_match is not None:
        return if_none_match in document.tags or names_core(if_none_match, document.core)
    since: str | None = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None or not document.dated:
        return False
    return since == document.last_modified_text or unmodified_since(since, document.last_modified)


def _delta(environ: WSGIEnvironment, document: ReadyDocument) -> Variant | None:
    """What has changed since the state that the client knows, None where it asks or gets the whole."""
    if not wants_delta(environ["HTTP_A_IM"]):
        return None
    since = known_cursor(environ.get("HTTP_IF_NONE_MATCH", ""))
    if since is None:
        return None
    return document.delta(since, choose_coding(environ.get("HTTP_ACCEPT_ENCODING")))


def _request_path(path: str) -> str:
    """The path as WSGI hands it over: its UTF-8 bytes read as Latin-1 (PEP 3333)."""
    return path.encode().decode("latin-1")


def _file_path(request_path: str) -> str | None:
    """The path as the shelf knows it; None for bytes that are no text."""
    try:
        return request_path.encode("latin-1").decode()
    except UnicodeError:
        return None
