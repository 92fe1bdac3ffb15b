"""What the front may answer itself: feed documents, by the same rules as the hot layer's."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from feedsvc.front.answers import Answer
from feedsvc.front.heads import Head
from feedsvc.web.hot import DocumentMemory, choose_answer, is_for_the_application

# What negotiation looks at, as WSGI names it.
_NEGOTIATED = {
    "accept-encoding": "HTTP_ACCEPT_ENCODING",
    "if-none-match": "HTTP_IF_NONE_MATCH",
    "if-modified-since": "HTTP_IF_MODIFIED_SINCE",
    "a-im": "HTTP_A_IM",
    "sec-fetch-dest": "HTTP_SEC_FETCH_DEST",
}
# What asks for more than we do; the application may know better.
_UNUSUAL = frozenset({"range", "if-match", "if-unmodified-since", "expect", "upgrade"})


class InstantAnswers:
    """Answers from memory (see `front.answers.Answering`)."""

    def __init__(self, memory: DocumentMemory) -> None:
        self._memory = memory
        self._shelf = memory.shelf

    @property
    def generation(self) -> int | None:
        """The newest state of the shelf; None where it cannot be told, and nothing is remembered."""
        return self._shelf.generation

    @property
    def loaded(self) -> int | None:
        """The state of the shelf that is in memory."""
        return self._memory.generation

    def answer(self, head: Head) -> Answer | None:
        """Answer a request without a body for a document at hand, None for any other."""
        path, _, query = head.target.partition("?")
        if "%" in path:
            path = unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
        if not path.startswith("/feeds/"):
            return None
        document = self._memory.find(path)
        values = head.values
        if document is None or not _UNUSUAL.isdisjoint(values):
            return None
        environ = {key: values[name] for name, key in _NEGOTIATED.items() if name in values}
        if head.repeated and not head.repeated.isdisjoint(_NEGOTIATED):
            return None
        environ["REQUEST_METHOD"] = head.method
        environ["QUERY_STRING"] = query
        if is_for_the_application(environ):
            return None
        return choose_answer(document, environ)
