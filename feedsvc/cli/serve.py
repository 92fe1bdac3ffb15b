"""The web server: the front, the application behind it, and the lifeline to whoever started them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import structlog

from feedsvc.cli.stopping import die_with_parent, environment_of_child, stop_signals

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from feedsvc.settings import Settings

log = structlog.get_logger()

# What the front needs of the settings, which it is too lean to read.
FRONT = "_FEEDSVC_FRONT"
# The front finishes what is under way; the application has nothing left to do by then.
FRONT_STOPS_WITHIN = 12.0
STOP_WITHIN = 0.5
# Pages wait for the database; feed documents for nothing.
PAGE_THREADS = 8
# Whatever kills a process at once must not make us spin; one that has lived is replaced at once.
RESTART_PAUSE = 0.5
LIVED = 2.0


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Two processes beside this one: the front answers feed documents from memory; the application has
    everything else, over a local socket. Each is started anew when it ends. This process holds the
    port, so that nobody is refused meanwhile. Neither a slow nor a crashed page is felt by a reader.
    """
    if not hasattr(select, "epoll"):
        # Not Linux: readers and pages share a process there, as under any WSGI server.
        serve_alone(settings.host, settings.port)
        return

    from feedsvc.front.front import listen

    with TemporaryDirectory(prefix="feedsvc-") as folder, stop_signals() as stopped:
        path = Path(folder) / "app"
        given = {
            "application": str(path),
            "documents": str(settings.home / "documents"),
            "base_url": settings.site.base_url,
            "log_level": settings.log_level,
        }
        with (
            listen(settings.host, settings.port) as listener,
            kept("application", lambda: start_application(path), STOP_WITHIN),
            kept("front", lambda: start_front(listener, given), FRONT_STOPS_WITHIN),
        ):
            stopped.wait()


def serve_alone(host: str, port: int) -> None:
    """Serve feed documents and pages from one process, without the front."""
    run_granian(
        "feedsvc.cli.serve:whole_application",
        address=host,
        port=port,
        blocking_threads=PAGE_THREADS,
        respawn_failed_workers=True,
        respawn_interval=RESTART_PAUSE,
    )


def start_front(listener: socket, given: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the process that listens; see `cli.front`."""
    number = listener.fileno()
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "feedsvc.cli.front", str(number)],
        env={**environment_of_child(), FRONT: json.dumps(given)},
        pass_fds=[number],
        start_new_session=True,
    )


def start_application(path: Path) -> subprocess.Popen[bytes]:
    """Start the process that has the pages, listening on a socket file."""
    # A killed one has left its socket, and nobody can listen where a file is.
    path.unlink(missing_ok=True)
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "feedsvc", "web", "--behind", str(path)],
        env=environment_of_child(),
        start_new_session=True,
    )


def serve_application(path: Path) -> None:
    """Serve the pages on a socket file; the front is its only client."""
    run_granian(
        "feedsvc.cli.serve:page_application",
        uds=path,
        uds_permissions=0o600,
        blocking_threads=PAGE_THREADS,
    )


@contextmanager
def kept(
    name: str, start: Callable[[], subprocess.Popen[bytes]], stop_within: float
) -> Iterator[None]:
    """Keep a process running: one that ends by itself is followed by another."""
    stopped = threading.Event()
    running = [start()]

    def keep() -> None:
        while not stopped.is_set():
            began = time.monotonic()
            status = running[0].wait()
            if not stopped.is_set():
                log.error("process_ended", process=name, status=status)
                stopped.wait(0 if time.monotonic() - began > LIVED else RESTART_PAUSE)
                running[0] = start()

    keeper = threading.Thread(target=keep, name=name, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopped.set()
        running[0].terminate()
        keeper.join(stop_within)
        if keeper.is_alive():
            running[0].kill()


def run_granian(factory: str, **options: Any) -> None:
    """Run the server with one worker that makes its application with `module:function`."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    # Its worker inherits what is set here.
    os.environ.update(environment_of_child())
    Granian(
        factory,
        factory=True,
        interface=Interfaces.WSGI,
        workers=1,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        **options,
    ).serve()


def page_application() -> WSGIApplication:
    """Build the application for behind the front, which tells it who asks."""
    from feedsvc.web.peer import restore_peer

    return restore_peer(whole_application())


def whole_application() -> WSGIApplication:
    """Build the application: all pages, and the documents too, as `wsgi.py` does."""
    from feedsvc.app import create_app
    from feedsvc.observe.log import configure_logging
    from feedsvc.services import build_services, keep_shelf
    from feedsvc.settings import load_settings

    die_with_parent()
    settings = load_settings(os.environ)
    configure_logging(level=settings.log_level)
    services = build_services(settings)
    keep_shelf(services, threading.Event())
    return create_app(services)
