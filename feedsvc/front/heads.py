"""Request heads, read strictly: what is understood in only one way, or a refusal (RFC 9112). Pure.

A front that guesses differs sooner or later from the server behind it, and the difference is what
request smuggling is made of. So nothing is guessed: no bare line feeds, no folded lines, no blanks
before a colon, one Host, one way to say how long a body is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_BYTES = 64 * 1024
MOST_FIELDS = 96
LONGEST_TARGET = 8 * 1024
END = b"\r\n\r\n"
# What `Head.length` says of a body in chunks.
CHUNKED = -1

_TOKEN = "!#$%&'*+.^_`|~0-9A-Za-z-"  # noqa: S105 - RFC 9110's word for such characters
_SHAPE = re.compile(
    rf"([{_TOKEN}]++) ([\x21\x22\x24-\x7e\x80-\xff]++) HTTP/1\.([01])\r\n"
    rf"((?:[{_TOKEN}]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+)"
)
_OTHER_VERSION = re.compile(
    rf"[{_TOKEN}]++ [\x21-\x7e\x80-\xff]++ HTTP/(?!1\.[01]\r)[0-9](?:\.[0-9])?\r\n"
)
# What can be in no head, however it goes on: controls, and line ends that are only half of one.
_UNFIT = re.compile(rb"[^\t\r\n\x20-\x7e\x80-\xff]|(?<!\r)\n|\r(?=[^\n])")
_HOST = re.compile(r"[0-9A-Za-z.:_~!$&'()*+,;=%\[\]-]*")
_LENGTH = re.compile(r"[0-9]{1,15}")
_ABSOLUTE = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://([^/?]*)(.*)")
# Repeated, these leave open which one holds.
_ONCE = frozenset({"host", "content-length", "transfer-encoding"})
_NONE: frozenset[str] = frozenset()


class Refusal(NamedTuple):
    """Why a request is not taken; the connection ends with it."""

    status: str


BAD = Refusal("400 Bad Request")
TOO_LONG_TARGET = Refusal("414 URI Too Long")
TOO_LARGE_HEAD = Refusal("431 Request Header Fields Too Large")
UNKNOWN_CODING = Refusal("501 Not Implemented")
UNKNOWN_VERSION = Refusal("505 HTTP Version Not Supported")


class Head(NamedTuple):
    """One request head, its bytes read as Latin-1.

    `values` holds each field by lower-case name, values of a repeated one joined by commas; `lines`
    are the fields as sent. `length` is the body's: None for no body, or `CHUNKED`.
    """

    method: str
    target: str
    minor: str
    values: dict[str, str]
    repeated: frozenset[str]
    lines: str
    length: int | None
    keep_alive: bool


def find_end(buffer: bytearray, seen: int) -> int:
    """Return where the head at the start of `buffer` ends, -1 if it does not yet; `seen` bytes had no end."""
    at = buffer.find(END, max(0, seen - 3))
    return -1 if at < 0 else at + len(END)


def fault_of_beginning(buffer: bytearray, seen: int) -> Refusal | None:
    """Say why a head that has only begun can never be good, None while it can."""
    if len(buffer) > MOST_BYTES:
        return TOO_LARGE_HEAD
    return BAD if _UNFIT.search(buffer, max(0, seen - 1)) else None


def read_head(raw: bytes) -> Head | Refusal:
    """Read a head with its empty line at the end; what is not understood in one way only is refused."""
    if len(raw) > MOST_BYTES:
        return TOO_LARGE_HEAD
    text = raw[:-2].decode("latin-1")
    match = _SHAPE.fullmatch(text)
    if match is None:
        return UNKNOWN_VERSION if _OTHER_VERSION.match(text) else BAD
    method, target, minor, lines = match.groups()
    if len(target) > LONGEST_TARGET:
        return TOO_LONG_TARGET
    read = _read_fields(lines)
    if read is None:
        return TOO_LARGE_HEAD
    values, repeated = read
    origin = _origin_form(method, target, values, minor)
    if origin is None or (repeated and repeated & _ONCE):
        return BAD
    length = _body_length(values, minor) if _frames_body(values) else None
    if isinstance(length, Refusal):
        return length
    alive = _keeps_alive(values.get("connection"), minor)
    return Head(method, origin, minor, values, repeated, lines, length, alive)


def _read_fields(lines: str) -> tuple[dict[str, str], frozenset[str]] | None:
    """Fields by name, and the names that came twice; None for too many.

    Names with an underscore are passed over: a gateway interface cannot tell them from those with a
    hyphen, so they would let a client write what only we may.
    """
    values: dict[str, str] = {}
    repeated = _NONE
    split = lines.split("\r\n")
    if len(split) > MOST_FIELDS + 1:
        return None
    for line in split[:-1]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in values:
            repeated |= {name}
            values[name] += ", " + value.strip(" \t")
        elif "_" not in name:
            values[name] = value.strip(" \t")
    return values, repeated


def _origin_form(method: str, target: str, values: dict[str, str], minor: str) -> str | None:
    """The target as path and query (RFC 9112 section 3.2), None where it or Host is not as it must be."""
    host = values.get("host")
    if host is None:
        if minor == "1":
            return None
    elif not _HOST.fullmatch(host):
        return None
    if target[0] == "/" or (target == "*" and method == "OPTIONS"):
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or host is None or absolute[1].lower() != host.lower():
        return None
    rest = absolute[2]
    return rest if rest.startswith("/") else f"/{rest}"


def _frames_body(values: dict[str, str]) -> bool:
    return "content-length" in values or "transfer-encoding" in values


def _body_length(values: dict[str, str], minor: str) -> int | Refusal:
    coding, length = values.get("transfer-encoding"), values.get("content-length")
    if coding is None:
        return int(length) if length is not None and _LENGTH.fullmatch(length) else BAD
    if length is not None or minor == "0":
        return BAD
    return CHUNKED if coding.lower() == "chunked" else UNKNOWN_CODING


def _keeps_alive(connection: str | None, minor: str) -> bool:
    if connection is None:
        return minor == "1"
    options = {option.strip(" \t") for option in connection.lower().split(",")}
    return "close" not in options and (minor == "1" or "keep-alive" in options)
