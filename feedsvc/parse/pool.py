"""Parsing in persistent child processes that can be killed: no document can hang or break the service.

One hostile file of 2.3 MB holds a feed parser for more than 30 s, and no in-process time limit can
stop it (a C loop does not look up). So each document is parsed by a worker with a limited address
space and a wall clock that its parent holds; a worker that fails is replaced by a fresh one, and
the next document goes on. An answer costs 0.2–0.4 ms beside the parsing itself (2 shared cores).
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import threading
from dataclasses import dataclass
from types import TracebackType

from feedsvc.domain.parsed import Parsed, ParseJob
from feedsvc.errors import FeedsvcError, ParserKilled
from feedsvc.parse.child import Child, Ended, Overdue
from feedsvc.parse.wire import Garbled, unpack_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """How many workers, and the wall seconds and MiB of address space that one document may take.

    `worker` is the module that runs as the child process.
    """

    workers: int = 2
    seconds: float = 5.0
    memory_mb: int = 512
    worker: str = "feedsvc.parse.worker"


@dataclass(slots=True, eq=False)
class _Desk:
    """A place where one worker sits, or will sit once a job comes."""

    child: Child | None = None


class ParserPool:
    """A fixed number of workers, started when first needed, shared by any number of threads."""

    def __init__(self, options: PoolOptions) -> None:
        self._options = options
        self._desks = [_Desk() for _ in range(options.workers)]
        # Last in, first out: a quiet service keeps one worker warm and never starts the others.
        self._free: queue.LifoQueue[_Desk] = queue.LifoQueue()
        for desk in self._desks:
            self._free.put(desk)
        self._lock = threading.Lock()
        self._closed = False

    def parse(self, job: ParseJob) -> Parsed:
        """Parse one document; blocks until a worker is free and for at most its time limit.

        Raises what the parsers raise (ParseError kinds, RulesMismatch, ConfigError for rules) and
        ParserKilled when the document exceeded its time or memory or crashed the parser.
        """
        payload = pickle.dumps(job, protocol=5)
        desk = self._free.get()
        try:
            answer = self._ask(desk, payload, job.url)
        finally:
            self._free.put(desk)
        if isinstance(answer, FeedsvcError):
            raise answer
        return answer

    def close(self) -> None:
        """Kill the workers; running and later calls end with ParserKilled."""
        with self._lock:
            self._closed = True
            for desk in self._desks:
                if desk.child is not None:
                    desk.child.kill()
        for _ in self._desks:
            # Whoever holds a desk hands it back as soon as its worker is dead.
            desk = self._free.get()
            self._dismiss(desk)
        for desk in self._desks:
            self._free.put(desk)

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, desk: _Desk, payload: bytes, subject: str) -> Parsed | FeedsvcError:
        with contextlib.ExitStack() as unless_answered:
            # A KeyboardInterrupt, too, leaves no worker behind that has an answer under way.
            unless_answered.callback(self._dismiss, desk)
            answer, retiring = self._exchange(desk, payload, subject)
            if not retiring:
                unless_answered.pop_all()
        return answer

    def _exchange(
        self, desk: _Desk, payload: bytes, subject: str
    ) -> tuple[Parsed | FeedsvcError, bool]:
        try:
            child = self._seat(desk, subject)
            child.wait_ready()
            return unpack_answer(child.ask(payload, self._options.seconds))
        except Overdue:
            cause = f"the parser was stopped after {self._options.seconds:g} s"
        except Ended as error:
            cause = str(error)
        except Garbled as error:
            cause = f"the parser answered with garbage ({error})"
        except OSError as error:
            cause = f"no parser could be started ({error.strerror})"
        if self._closed:
            cause = "the parser pool is closed"
        raise ParserKilled(subject, cause)

    def _seat(self, desk: _Desk, subject: str) -> Child:
        with self._lock:
            if self._closed:
                raise ParserKilled(subject, "the parser pool is closed")
            if desk.child is not None and not desk.child.alive:
                desk.child.bury()
                desk.child = None
            if desk.child is None:
                options = self._options
                desk.child = Child(
                    options.worker, memory_mb=options.memory_mb, seconds=options.seconds
                )
            return desk.child

    def _dismiss(self, desk: _Desk) -> None:
        with self._lock:
            child, desk.child = desk.child, None
        if child is not None:
            child.bury()
