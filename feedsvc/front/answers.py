"""Answers as they go over the wire: written once, dated once a second, sent without being copied."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import formatdate
from typing import NamedTuple, Protocol

from feedsvc.front.heads import Head

# Heads as a feed reader sends them are 200 to 800 bytes; longer ones are not worth remembering.
LONGEST_REMEMBERED = 1024
MOST_REMEMBERED = 4096


class Answer(NamedTuple):
    """What is said to one request. `headers` is one and the same list wherever it is the same answer.

    `lasting` is False for one that may be another in a moment although nothing has changed.
    """

    status: str
    headers: Sequence[tuple[str, str]]
    body: tuple[bytes, ...]
    lasting: bool = True


class Answering(Protocol):
    """Whoever knows the answers (see `web.instant`).

    `generation` grows whenever an answer may have changed and is cheap enough to read for every
    request; `loaded` is the generation that `answer` answers from.
    """

    @property
    def generation(self) -> int | None:
        """The newest state there is."""
        ...

    @property
    def loaded(self) -> int | None:
        """The state that the last answer was of."""
        ...

    def answer(self, head: Head) -> Answer | None:
        """Answer a request without a body, None for one that the application is to have."""
        ...


class Dates:
    """The Date header of this second (RFC 9110 section 6.6.1)."""

    def __init__(self) -> None:
        self.second = 0
        self.line = b""
        self.tick()

    def tick(self) -> None:
        """Look at the clock; called about once a second."""
        second = int(time.time())
        if second != self.second:
            self.second = second
            self.line = b"\r\nDate: " + formatdate(second, usegmt=True).encode() + b"\r\n"


class Ready:
    """One answer as bytes; `closes` when the connection is to end with it."""

    __slots__ = ("_rest", "_source", "_start", "body", "closes", "parts", "second", "size")

    def __init__(self, answer: Answer, connection: str) -> None:
        # Kept so that no other list can take its identity while this answer is found by it.
        self._source = answer
        self._start = f"HTTP/1.1 {answer.status}".encode("latin-1")
        fields = [f"{name}: {value}\r\n" for name, value in answer.headers]
        if connection:
            fields.append(f"Connection: {connection}\r\n")
        self._rest = ("".join(fields) + "\r\n").encode("latin-1")
        self.body = answer.body
        self.closes = connection == "close"
        self.second = 0
        self.parts: list[bytes] = []
        self.size = 0

    def date(self, dates: Dates) -> None:
        """Write `parts` anew, with the date of this second."""
        if not self.second:
            # Its Last-Modified may be this very second, which the last tick had not reached.
            dates.tick()
        head = self._start + dates.line + self._rest
        self.parts = [head, *self.body]
        self.size = sum(len(part) for part in self.parts)
        self.second = dates.second


class Memo:
    """Answers by request; the same bytes are answered the same way until something has changed."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._generation: int | None = None
        self._by_head: dict[bytes, Ready] = {}
        self._by_answer: dict[tuple[int, bool, str], Ready] = {}

    def recall(self, raw: bytes) -> Ready | None:
        """Return the answer to a request that is, byte for byte, one answered before."""
        if self._answering.generation != self._generation:
            return None
        return self._by_head.get(raw)

    def find(self, head: Head, raw: bytes) -> Ready | None:
        """Return the answer to a request without a body, None for one that we are to hand on."""
        answer = self._answering.answer(head)
        if answer is None:
            return None
        if not answer.lasting:
            return Ready(answer, connection_of(head))
        loaded = self._answering.loaded
        if loaded != self._generation:
            self._by_head.clear()
            self._by_answer.clear()
            self._generation = loaded
        ready = self._written(answer, connection_of(head))
        if len(raw) <= LONGEST_REMEMBERED:
            if len(self._by_head) >= MOST_REMEMBERED:
                self._by_head.clear()
            self._by_head[raw] = ready
        return ready

    def _written(self, answer: Answer, connection: str) -> Ready:
        key = (id(answer.headers), bool(answer.body), connection)
        ready = self._by_answer.get(key)
        if ready is None:
            if len(self._by_answer) >= MOST_REMEMBERED:
                self._by_answer.clear()
            ready = self._by_answer[key] = Ready(answer, connection)
        return ready


def connection_of(head: Head) -> str:
    """Return what the answer says of the connection; nothing where that goes without saying."""
    if not head.keep_alive:
        return "close"
    return "" if head.minor == "1" else "keep-alive"


def said(status: str, words: bytes, *more: tuple[str, str]) -> Answer:
    """Return an answer of our own in plain words."""
    return Answer(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(words))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *more,
        ],
        (words,),
    )
