"""What the parser pool and its workers say to each other: frames of pickled values over pipes.

A frame is a length (8 bytes, big-endian) and so many bytes. Jobs travel as plain pickles, because
the parent made them. Answers come from a process that has read strangers' bytes, so they are
unpickled against an allow-list: a worker that was taken over can hand us values, never code.
"""

from __future__ import annotations

import importlib
import io
import pickle
import struct
from typing import BinaryIO

from feedsvc import errors
from feedsvc.domain.parsed import Parsed, ParsedFeed, ParsedList, ParsedPage, Survey
from feedsvc.errors import FeedsvcError, ParseError

HEADER = struct.Struct(">Q")
# 2,000 items of 512 kB would be 1 GB; a worker of 512 MB cannot hold that, so neither need we.
LARGEST_FRAME = 256 * 1024 * 1024
READY = b"ready"
# The exit status by which a worker says that it ran out of memory.
MEMORY_STATUS = 77

_BROKEN_PICKLE = (
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    OverflowError,
)


class Garbled(Exception):
    """The other side sent something that is not one of our frames."""


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(HEADER.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one frame; None when the stream ends."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    payload = stream.read(length)
    return payload if len(payload) == length else None


def pack_parsed(parsed: Parsed, *, retiring: bool) -> bytes:
    """An answer that carries a result; `retiring` says that the worker ends after it."""
    return pickle.dumps(("parsed", parsed, retiring), protocol=5)


def pack_error(error: FeedsvcError, *, retiring: bool) -> bytes:
    """An answer that carries one of our errors: its type, subject, cause and permanence."""
    told = (type(error).__name__, error.subject, error.cause, error.permanent)
    return pickle.dumps(("refused", told, retiring), protocol=5)


def unpack_answer(payload: bytes) -> tuple[Parsed | FeedsvcError, bool]:
    """Read an answer: the result or the error, and whether the worker ends now. Garbled if neither."""
    try:
        word, told, retiring = _ValuesOnly(io.BytesIO(payload)).load()
        if word == "parsed" and isinstance(told, ParsedFeed | ParsedList | ParsedPage | Survey):
            return told, bool(retiring)
        if word == "refused":
            return _error(*told), bool(retiring)
    except _BROKEN_PICKLE as error:
        raise Garbled(type(error).__name__) from error
    raise Garbled("neither a result nor an error")


def _error(name: str, subject: str, cause: str, permanent: bool) -> FeedsvcError:  # noqa: FBT001  the order of the tuple on the wire
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, FeedsvcError)):
        kind = ParseError
    if issubclass(kind, errors.HttpStatus):
        kind = ParseError
    return kind(str(subject), str(cause), permanent=bool(permanent))


class _ValuesOnly(pickle.Unpickler):
    """Builds values of `feedsvc.domain` and of datetime; any other name is refused."""

    def find_class(self, module: str, name: str) -> object:
        if module != "datetime" and not module.startswith("feedsvc.domain."):
            raise pickle.UnpicklingError(f"{module}.{name} is not a value")
        found = getattr(importlib.import_module(module), name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is not a type")
        return found
