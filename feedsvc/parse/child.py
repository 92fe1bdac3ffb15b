"""One worker process as its parent sees it: started, asked with a deadline, killed."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

import feedsvc
from feedsvc.parse.wire import HEADER, LARGEST_FRAME, MEMORY_STATUS, READY, Garbled

# Importing the parsers takes 0.3 s; a machine under full load may need many times that.
START_SECONDS = 30.0
_CHUNK = 1 << 20
_SOURCE_ROOT = str(Path(feedsvc.__file__).resolve().parents[1])


class Overdue(Exception):
    """The worker did not answer in time."""


class Ended(Exception):
    """The worker ended without an answer; `status` is its exit status, -N for signal N."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        if self.status < 0:
            return f"the parser was ended by {signal.Signals(-self.status).name}"
        if self.status == MEMORY_STATUS:
            return "the parser ran out of memory"
        return f"the parser ended with status {self.status}"


class Child:
    """A running worker. Not thread-safe, but `kill` may be called from any thread."""

    def __init__(self, module: str, *, memory_mb: int, seconds: float) -> None:
        # A clean environment: no secret of ours reaches a process that reads strangers' bytes.
        # -P keeps the working directory off the import path.
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-P", "-m", module, str(memory_mb), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={"PYTHONPATH": _SOURCE_ROOT, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            cwd="/",
            process_group=0,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a worker without pipes")
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self.ready = False

    @property
    def pid(self) -> int:
        """The process id of the worker."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the worker still runs; an idle one may have been ended by the system."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Wait until the worker has imported its parsers, so that a job's time is its own."""
        if not self.ready:
            if self._receive(time.monotonic() + START_SECONDS) != READY:
                raise Garbled("no greeting")
            self.ready = True

    def ask(self, payload: bytes, seconds: float) -> bytes:
        """Send one frame and return the answering one within `seconds` of wall time.

        Raises Overdue, Ended or Garbled; after any of them the worker is of no more use.
        """
        deadline = time.monotonic() + seconds
        self._send(HEADER.pack(len(payload)) + payload, deadline)
        return self._receive(deadline)

    def kill(self) -> None:
        """End the worker at once."""
        self._process.kill()

    def bury(self) -> None:
        """Kill, reap and close; the thread that owns the worker does this."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._to, rest[:_CHUNK]) :]
            except BlockingIOError:
                _wait(self._to, selectors.EVENT_WRITE, deadline)
            except OSError as error:
                raise Ended(self._process.wait(START_SECONDS)) from error

    def _receive(self, deadline: float) -> bytes:
        (length,) = HEADER.unpack(self._read(HEADER.size, deadline))
        if length > LARGEST_FRAME:
            raise Garbled(f"a frame of {length} bytes")
        return self._read(length, deadline)

    def _read(self, count: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            _wait(self._from, selectors.EVENT_READ, deadline)
            got = os.read(self._from, min(count - len(data), _CHUNK))
            if not got:
                self._process.kill()
                raise Ended(self._process.wait())
            data += got
        return bytes(data)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    with selectors.PollSelector() as selector:
        selector.register(descriptor, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise Overdue
