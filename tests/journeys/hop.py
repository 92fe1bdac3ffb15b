"""One hop of a chain: the whole service in one process that does as it is told and dies at any moment.

Processes are forked from one that has loaded the program already, so that a restart after kill -9
takes a tenth of a second. The database, the shelf, the parsers and HTTP are the real ones.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from feedsvc.app import create_app
from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.article import Article
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source
from feedsvc.observe.log import configure_logging
from feedsvc.publish import publisher
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import articles, feeds, outbox
from tests.databases import migrated_sqlite
from tests.running import service_in

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["pytest", "tests.journeys.hop"])
PATIENCE = 60.0
# What a dead hop held is free for its successor after this long.
LEASE_SECONDS = "1"

Report = tuple[str, str]


@dataclass(slots=True)
class Hop:
    """A service with one source; `desk` is an editor's own process on the same database."""

    name: str
    url: str
    environment: Mapping[str, str]
    desk: Services
    process: BaseProcess | None = None
    orders: Connection | None = None
    outstanding: int = 0

    def start(self) -> None:
        """Start the process; `answer` says when it is ready."""
        self.orders, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(
            target=_work, args=(dict(self.environment), theirs), daemon=True, name=self.name
        )
        self.process.start()
        theirs.close()
        self.outstanding = 1

    def kill(self) -> None:
        """End the process with SIGKILL, whatever it is doing."""
        assert self.process is not None
        self.process.kill()
        self.process.join()

    def tell(self, order: str) -> None:
        """Give an order and do not wait for it."""
        assert self.orders is not None
        self.orders.send(order)
        self.outstanding += 1

    def answers(self) -> list[Report]:
        """Wait until everything that was ordered is done."""
        assert self.orders is not None
        reports = []
        while self.outstanding:
            assert self.orders.poll(PATIENCE), f"{self.name} does not answer"
            reports.append(self.orders.recv())
            self.outstanding -= 1
        return reports

    def poll(self) -> None:
        """Poll the source once, publish what came of it, and wait for that."""
        self.answers()
        self.tell("poll")
        [(status, message)] = self.answers()
        assert status != "failed", f"{self.name}: {message}"

    def articles(self) -> list[Article]:
        """All that it has."""
        with self.desk.db.read() as session:
            return articles.find(session, limit=100_000)

    def close(self) -> None:
        """End everything."""
        if self.process is not None and self.process.is_alive():
            self.kill()
        self.desk.close()


def hop_in(home: Path, source_url: str, **settings: str) -> Hop:
    """A hop that polls one source; not yet started."""
    service = service_in(
        home,
        lease_seconds=LEASE_SECONDS,
        parse_workers="1",
        publish_debounce="0",
        near_duplicates="off",
        **settings,
    )
    home.mkdir(parents=True)
    if "database_url" not in settings:
        (home / "feedsvc.db").write_bytes(migrated_sqlite())
    desk = build_services(load_settings(service.environment))
    now = desk.clock()
    with desk.db.write() as session:
        feeds.ensure_builtin(session, now)
    add_category(desk.db, Category(slug="gongan", title="公安要闻"), now)
    source = Source(slug="partner", url=source_url, category="gongan", every_seconds=3600)
    add_source(desk.db, source, now)
    return Hop(name=home.name, url=service.url, environment=service.environment, desk=desk)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def _work(environment: dict[str, str], orders: Connection) -> None:
    configure_logging(level="error")
    publisher.LEASE_SECONDS = int(LEASE_SECONDS)
    settings = load_settings(environment)
    services = build_services(settings)
    services.publisher.refresh(services.clock())
    server = make_server(
        "127.0.0.1",
        settings.port,
        create_app(services),
        server_class=_Server,
        handler_class=_Silent,
    )
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    orders.send(("ready", ""))
    acts: dict[str, Callable[[Services], Report]] = {"poll": _poll}
    while True:
        orders.send(acts[orders.recv()](services))


def _is_to_be_published(services: Services) -> bool:
    with services.db.read() as session:
        return outbox.pending(session, outbox.PUBLISH) > 0


def _poll(services: Services) -> Report:
    run: Any = services.poller.poll_now("partner")
    while _is_to_be_published(services):
        services.publish_gathered()
        time.sleep(0.005)
    return run.status, run.error.message if run.error else ""
