"""Opening the service for one command: settings, logs, database, all given back at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedsvc.services import Services
    from feedsvc.settings import Settings


def settings_of_process(**overrides: object) -> Settings:
    """Read the settings; options given on the command line go before the environment."""
    from feedsvc.observe.log import configure_logging
    from feedsvc.settings import load_settings

    given = {
        f"FEEDSVC_{key.upper()}": str(value)
        for key, value in overrides.items()
        if value is not None
    }
    # Children of this process (the web server) read the same environment.
    os.environ.update(given)
    settings = load_settings(os.environ)
    configure_logging(level=settings.log_level)
    return settings


@contextmanager
def opened(*, quiet: bool = True) -> Iterator[Services]:
    """Yield wired services on a database of the current schema.

    An empty database is set up; an older one raises `SchemaOutdated`, because other processes
    may still run on it. `quiet` keeps routine log events off the terminal.
    """
    from feedsvc.observe.log import configure_logging
    from feedsvc.services import build_services
    from feedsvc.store import schema

    settings = settings_of_process()
    if quiet:
        configure_logging(level="error")
    services = build_services(settings)
    try:
        if schema.check(services.db).current is None:
            schema.upgrade(services.db)
            prepare(services)
        schema.require_current(services.db)
        yield services
    finally:
        services.close()


def prepare(services: Services) -> None:
    """Create what every database has: the feed of everything, and what config/ lists."""
    from feedsvc.curate.seed import read_seed, sow
    from feedsvc.settings import CONFIG_FOLDER
    from feedsvc.store import feeds

    now = services.clock()
    with services.db.write() as session:
        feeds.ensure_builtin(session, now)
    sow(services.db, read_seed(CONFIG_FOLDER), now)
