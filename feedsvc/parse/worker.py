"""The child process that parses strangers' bytes: `python -m feedsvc.parse.worker MEMORY_MB SECONDS`.

It reads jobs from standard input and answers on standard output (frames of `parse/wire.py`), one
at a time, until its input ends. Whatever a document does to it stays in this process: its address
space is limited here, its wall time by the pool, and by its own alarm when the pool is gone.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from feedsvc.domain.parsed import Parsed, ParseJob
from feedsvc.errors import FeedsvcError, ParseError
from feedsvc.parse.wire import (
    MEMORY_STATUS,
    READY,
    pack_error,
    pack_parsed,
    read_frame,
    write_frame,
)

# The heap of a process that once held a big document stays large and torn; a fresh process is
# cheaper than a document refused because of its predecessors.
RETIRE_AT_SHARE = 0.6
RETIRE_AFTER = 5_000
# The pool kills after its own limit; the alarm only ends a worker whose pool died meanwhile.
ALARM_SLACK = 2.0

Parser = Callable[[ParseJob], Parsed]


def serve(parser: Parser, *, memory_mb: int, seconds: float) -> None:
    """Answer jobs from standard input until it ends, within `memory_mb` MiB of address space."""
    jobs, answers = _claim_pipes()
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A parent that is gone reads no answers: end without a traceback.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    write_frame(answers, READY)
    for served in range(1, RETIRE_AFTER + 1):
        payload = read_frame(jobs)
        if payload is None:
            return
        signal.setitimer(signal.ITIMER_REAL, seconds + ALARM_SLACK)
        answer, retiring = _answer(parser, payload, limit, last=served == RETIRE_AFTER)
        signal.setitimer(signal.ITIMER_REAL, 0)
        write_frame(answers, answer)
        if retiring:
            return


def _answer(parser: Parser, payload: bytes, limit: int, *, last: bool) -> tuple[bytes, bool]:
    job: ParseJob = pickle.loads(payload)  # noqa: S301  the parent process made it
    try:
        parsed = parser(job)
        retiring = last or _address_space() > RETIRE_AT_SHARE * limit
        return pack_parsed(parsed, retiring=retiring), retiring
    except FeedsvcError as error:
        return pack_error(error, retiring=last), last
    except MemoryError:
        # Nothing here can be trusted to work any more, an answer least of all: the pool sees the
        # pipe end and reports the document.
        os._exit(MEMORY_STATUS)
    except Exception as error:  # noqa: BLE001  the loop edge: one document must not end the worker
        cause = f"{type(error).__name__} while reading the document"
        return pack_error(ParseError(job.url, cause), retiring=last), last


def _address_space() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return 0


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the two pipes for ourselves, so that a library that prints cannot garble an answer."""
    jobs = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(2, 1)
    os.close(silence)
    return jobs, answers


def main() -> None:
    """Serve `parse.dispatch.parse` with the limits of the command line."""
    from feedsvc.parse.dispatch import parse  # noqa: PLC0415  the tests' workers need no parsers

    serve(parse, memory_mb=int(sys.argv[1]), seconds=float(sys.argv[2]))


if __name__ == "__main__":
    main()
