"""What came back on one hop, gathered within caps while it arrives."""

from __future__ import annotations

from typing import Final

from feedsvc.errors import BadResponse, FetchError, TooLarge, Truncated
from feedsvc.fetch.inflate import CODINGS, Caps

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
HEADER_BYTES = 64 * 1024
# The body of a redirect or an error is not wanted; reading a short one keeps the connection.
UNWANTED_BYTES = 64 * 1024
# Statuses with which gatekeepers send their challenge; what it says tells it from a plain refusal.
GATEKEEPERS: Final = frozenset({401, 403, 405, 406, 412, 418, 429, 503, 521})
ASCII_DIGITS: Final = frozenset("0123456789")


class Answer:
    """One answer under construction; libcurl's callbacks feed it from the thread that waits for it.

    A callback that returns False ends the exchange; `refusal` then says why, or stays None
    where enough was read. Only the last header block counts: 1xx blocks before it and trailers
    after the body are dropped, but all of them count towards the cap on header bytes.
    """

    __slots__ = (
        "_caps",
        "_conditional",
        "_delta",
        "_header_bytes",
        "_in_block",
        "_last_name",
        "body",
        "complete",
        "headers",
        "refusal",
        "status",
        "wire_bytes",
    )

    def __init__(self, caps: Caps, *, conditional: bool, delta: bool = False) -> None:
        self._caps = caps
        self._conditional = conditional
        self._delta = delta
        self._header_bytes = 0
        self._in_block = False
        self._last_name = ""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.complete = False
        self.body = bytearray()
        self.wire_bytes = 0
        self.refusal: tuple[type[FetchError], str] | None = None

    @property
    def wanted(self) -> bool:
        """Whether the body is what was asked for, rather than a redirect's or an error's."""
        return 200 <= self.status < 300

    @property
    def settled(self) -> bool:
        """Whether the status alone says everything, whatever becomes of the body."""
        return self.complete and not self.wanted

    def take_header(self, line: bytes) -> bool:
        """One line of a header block, its line end included."""
        self._header_bytes += len(line)
        if self._header_bytes > HEADER_BYTES:
            return self._refuse(TooLarge, f"the header is larger than {HEADER_BYTES} bytes")
        if self.complete:
            return True
        text = line.decode("latin-1").rstrip("\r\n")
        if not text:
            return self._end_of_headers()
        return self._field(text) if self._in_block else self._start(text)

    def take_body(self, chunk: bytes) -> bool:
        """Some bytes of the body, as sent."""
        self.wire_bytes += len(chunk)
        if not self.complete:
            return self._refuse(BadResponse, "the answer is not HTTP")
        if not self.wanted:
            if self.status in GATEKEEPERS:
                self.body += chunk
            return self.wire_bytes <= UNWANTED_BYTES
        if self.wire_bytes > self._caps.wire:
            return self._refuse(TooLarge, f"the body is larger than {self._caps.wire} bytes")
        self.body += chunk
        return True

    def _start(self, text: str) -> bool:
        self._in_block = True
        self.headers.clear()
        status = text.split(None, 2)[1:2]
        if not status or not (len(status[0]) == 3 and ASCII_DIGITS.issuperset(status[0])):
            return self._refuse(BadResponse, "the answer has no status")
        self.status = int(status[0])
        return True

    def _field(self, text: str) -> bool:
        if text[0] in " \t":
            # An obsolete line fold (RFC 9112, section 5.2): the value goes on.
            if self._last_name:
                self.headers[self._last_name] += f" {text.strip()}"
            return True
        name, _, value = text.partition(":")
        name, value = name.strip().lower(), value.strip()
        self._last_name = name
        if name == "content-length" and self.headers.get(name, value) != value:
            return self._refuse(BadResponse, "the answer states two different lengths")
        self.headers[name] = value
        return True

    def _end_of_headers(self) -> bool:
        if self.status < 200:
            self._in_block = False
            return True
        self.complete = True
        if self.status == 304 and not self._conditional:
            return self._refuse(BadResponse, "the answer is 304 although nothing was conditional")
        if self.status == 226 and not self._delta:
            return self._refuse(
                BadResponse, "the answer is a delta although the whole was asked for"
            )
        if self.status == 206:
            return self._refuse(Truncated, "the answer is a part although the whole was asked for")
        return self._check_framing() if self.wanted else True

    def _check_framing(self) -> bool:
        length = self.headers.get("content-length")
        transfer = self.headers.get("transfer-encoding")
        if length is not None and transfer is not None:
            # Which of the two counts is where proxies and servers disagree (request smuggling).
            return self._refuse(BadResponse, "the answer states both a length and chunks")
        if length is not None and not (length and ASCII_DIGITS.issuperset(length)):
            return self._refuse(BadResponse, "the answer states a length that is no number")
        # Compared as text first: int() refuses thousands of digits.
        if length is not None and (len(length) > 18 or int(length) > self._caps.wire):
            return self._refuse(TooLarge, f"the body is larger than {self._caps.wire} bytes")
        coding = self.headers.get("content-encoding", "").lower()
        if coding not in CODINGS:
            return self._refuse(BadResponse, f"the content coding {coding[:40]!r} is unknown")
        return True

    def _refuse(self, kind: type[FetchError], cause: str) -> bool:
        self.refusal = self.refusal or (kind, cause)
        return False
