"""The web server: the reader process, the application behind it, and the lifeline to whoever started them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from feedsvc.settings import Settings

log = structlog.get_logger()

# What the reader process needs of the settings, which it is too lean to read; its worker inherits it.
READER = "_FEEDSVC_READER"
LIFELINE_STEP = 0.3
STOP_WITHIN = 0.5
# Pages wait for the database; feed documents for nothing.
PAGE_THREADS = 8
# More than `Relay.places`: that many may wait for the application while the rest answer readers.
READER_THREADS = 64
# Whatever kills the application at once must not make us spin.
RESTART_PAUSE = 0.5


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Two processes beside this one: the reader process listens and answers feed documents from
    memory; the application has everything else, over a local socket, and is started anew when
    it ends. Neither a slow nor a crashed page is felt by a reader.
    """
    with TemporaryDirectory(prefix="feedsvc-") as folder:
        path = Path(folder) / "app"
        os.environ[READER] = json.dumps(
            {
                "application": str(path),
                "documents": str(settings.home / "documents"),
                "base_url": settings.site.base_url,
                "log_level": settings.log_level,
            }
        )
        with application(path):
            serve_readers(settings.host, settings.port)


def serve_readers(host: str, port: int) -> None:
    """Serve feed documents, and hand everything else on, as the environment says (see `READER`)."""
    run_granian(
        "feedsvc.cli.serve:reader_application",
        address=host,
        port=port,
        blocking_threads=READER_THREADS,
        respawn_failed_workers=True,
        respawn_interval=RESTART_PAUSE,
    )


def serve_application(path: Path) -> None:
    """Serve the pages on a socket file; the reader process is its only client."""
    run_granian(
        "feedsvc.cli.serve:page_application",
        uds=path,
        uds_permissions=0o600,
        blocking_threads=PAGE_THREADS,
    )


@contextmanager
def application(path: Path) -> Iterator[None]:
    """Keep the application's process running: one that ends by itself is followed by another."""
    stopped = threading.Event()
    running = [_start_application(path)]

    def keep() -> None:
        while not stopped.is_set():
            status = running[0].wait()
            if not stopped.is_set():
                log.error("application_ended", status=status)
                stopped.wait(RESTART_PAUSE)
                running[0] = _start_application(path)

    keeper = threading.Thread(target=keep, name="application", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopped.set()
        running[0].terminate()
        keeper.join(STOP_WITHIN)
        if keeper.is_alive():
            running[0].kill()


def _start_application(path: Path) -> subprocess.Popen[bytes]:
    # A killed one has left its socket, and nobody can listen where a file is.
    path.unlink(missing_ok=True)
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "feedsvc", "web", "--behind", str(path)], start_new_session=True
    )


def run_granian(factory: str, **options: Any) -> None:
    """Run the server with one worker that makes its application with `module:function`."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

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


def reader_application() -> WSGIApplication:
    """Build the reader process's part: documents from memory, the rest to the application.

    It imports neither Flask nor the database.
    """
    from feedsvc.observe.log import configure_logging
    from feedsvc.store.shelf import Shelf
    from feedsvc.web.hot import DocumentMemory, HotFeeds
    from feedsvc.web.relay import Relay

    die_with_parent()
    given = json.loads(os.environ[READER])
    configure_logging(level=given["log_level"])
    memory = DocumentMemory(Shelf(Path(given["documents"])), given["base_url"])
    return HotFeeds(Relay(Path(given["application"])), memory)


def page_application() -> WSGIApplication:
    """Build the application: all pages, and the documents too, as `wsgi.py` does."""
    from feedsvc.app import create_app
    from feedsvc.observe.log import configure_logging
    from feedsvc.services import build_services, keep_shelf
    from feedsvc.settings import load_settings
    from feedsvc.web.relay import restore_peer

    die_with_parent()
    settings = load_settings(os.environ)
    configure_logging(level=settings.log_level)
    services = build_services(settings)
    keep_shelf(services, threading.Event())
    return restore_peer(create_app(services))


def die_with_parent() -> None:
    """End this process soon after its parent ended, however it ended.

    A worker that outlives a killed parent would keep the port, and the next start would fail.
    """
    parent = os.getppid()
    pause = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            pause.wait(LIFELINE_STEP)
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
