"""The web server: granian in front of the application, and its lifeline to whoever started it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feedsvc.settings import Settings

LIFELINE_STEP = 0.3
HANDLER_THREADS = 8


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    Granian(
        "feedsvc.cli.serve:worker_application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=HANDLER_THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


def worker_application() -> Callable[..., Any]:
    """Build the application inside the server's worker process."""
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
