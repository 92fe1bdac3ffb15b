"""How processes of ours stop: told by a signal, or because whoever started them is gone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Who started a process: by the time it can look, its parent may be gone and another in its place.
PARENT = "_FEEDSVC_PARENT"
LIFELINE_STEP = 0.3


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT (Ctrl-C) and SIGTERM set; a second one ends the process at once."""
    stopped = threading.Event()

    def note(number: int, _frame: object) -> None:
        stopped.set()
        signal.signal(number, signal.SIG_DFL)

    before = {each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def environment_of_child() -> dict[str, str]:
    """Return the environment for a process that is to end with this one (see `die_with_parent`)."""
    return {**os.environ, PARENT: str(os.getpid())}


def die_with_parent() -> None:
    """End this process soon after the one that started it ended, however and however early that was.

    A worker that outlives a killed parent would keep the port, and the next start would fail.
    """
    parent = int(os.environ.get(PARENT) or os.getppid())
    pause = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            pause.wait(LIFELINE_STEP)
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
