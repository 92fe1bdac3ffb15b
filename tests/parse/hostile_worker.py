"""A worker whose documents are orders: what a hostile document makes a parser do, on demand."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import RulesMismatch, TooComplex
from feedsvc.parse.worker import serve


def page(title: str) -> ParsedPage:
    return ParsedPage(charset="utf-8", item=Item(title=title), confidence={"title": 1.0})


def echo(job: ParseJob) -> ParsedPage:
    return page(job.body.decode())


def who(_: ParseJob) -> ParsedPage:
    return page(str(os.getpid()))


def hang(_: ParseJob) -> ParsedPage:
    while True:
        time.sleep(1)


def spin(_: ParseJob) -> ParsedPage:
    os.write(2, b"spinning\n")
    while True:
        pass


def bomb(_: ParseJob) -> ParsedPage:
    heap = bytearray(4_000_000_000)
    return page(str(len(heap)))


def slow_bomb(_: ParseJob) -> ParsedPage:
    heap: list[bytes] = []
    while True:
        heap.append(bytes(1_000_000))


def crash(_: ParseJob) -> ParsedPage:
    return page(str(ctypes.string_at(0)))


def abort(_: ParseJob) -> ParsedPage:
    os.kill(os.getpid(), signal.SIGABRT)
    return page("not reached")


def leave(_: ParseJob) -> ParsedPage:
    os._exit(3)


def garbage(_: ParseJob) -> ParsedPage:
    for descriptor in range(3, 10):
        try:
            os.write(descriptor, b"\xff" * 100)
        except OSError:
            continue
    return page("after garbage")


def chatter(_: ParseJob) -> ParsedPage:
    os.write(1, b"a library that prints\n")

    return page("quiet")


def refuse(job: ParseJob) -> ParsedPage:
    raise TooComplex(job.url, "as deep as the sea")


def mismatch(job: ParseJob) -> ParsedPage:
    raise RulesMismatch(job.url, "no rows", permanent=True)


def bug(_: ParseJob) -> ParsedPage:
    raise ZeroDivisionError("a bug of ours")


def environment(_: ParseJob) -> ParsedPage:
    return page(" ".join(sorted(os.environ)) + " " + os.getcwd())


def fat(_: ParseJob) -> ParsedPage:
    global LUGGAGE  # noqa: PLW0603  a parser that keeps what it should have let go
    LUGGAGE = bytes(200_000_000)
    return page(str(os.getpid()))


LUGGAGE = b""
ORDERS: dict[bytes, Callable[[ParseJob], ParsedPage]] = {
    name.encode(): order
    for name, order in list(globals().items())
    if callable(order) and getattr(order, "__module__", "") == __name__
}


def obey(job: ParseJob) -> ParsedPage:
    return ORDERS.get(job.body, echo)(job)


if __name__ == "__main__":
    serve(obey, memory_mb=int(sys.argv[1]), seconds=float(sys.argv[2]))
