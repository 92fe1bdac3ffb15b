"""No source leads us to a non-public address: not by its URL, not by a redirect, in no spelling."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source
from feedsvc.errors import FeedsvcError
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import feeds, schema
from tests.partner import Answer, partner_site
from tests.running import service_in

# Spellings of this machine, {port} being where a listener counts who comes.
SPELLINGS = [
    "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "0",
    "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]",
    "１２７.０.０.１", "127。0。0。1", "127.0.0.1.", "user@127.0.0.1", "partner.example@127.0.0.1",
    "127.0.0.2", "127.255.255.254",
]  # fmt: skip
# Never listened to here, and never to be tried.
ELSEWHERE = [
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://198.18.0.1/", "http://192.0.0.192/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://224.0.0.1/", "http://[fe80::1]/",
    "http://[fec0::1]/", "http://[fd00::1]/", "http://[ff02::1]/",
]  # fmt: skip
SCHEMES = [
    "file:///etc/hostname",
    "gopher://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "dict://127.0.0.1:{port}/",
]


@dataclass
class Listener:
    port: int
    connections: int = 0


@contextmanager
def listening(port_of: int = 0) -> Iterator[Listener]:
    """Count connections on every address of this machine, both families."""
    server = socket.create_server(("::", port_of), family=socket.AF_INET6, dualstack_ipv6=True)
    server.settimeout(0.05)
    listener = Listener(port=server.getsockname()[1])
    ended = threading.Event()

    def count() -> None:
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            listener.connections += 1
            connection.close()

    thread = threading.Thread(target=count, daemon=True)
    thread.start()
    yield listener
    ended.set()
    thread.join()
    server.close()


@contextmanager
def services_in(home: Path, allowed: str) -> Iterator[Services]:
    service = service_in(home, allow_networks=allowed)
    services = build_services(load_settings(service.environment))
    schema.upgrade(services.db)
    with services.db.write() as session:
        feeds.ensure_builtin(session, services.clock())
    add_category(services.db, Category(slug="gongan", title="公安要闻"), services.clock())
    yield services
    services.close()


def kind_of_failure(services: Services, slug: str, url: str) -> str:
    """Add and poll a source; the word of its refusal, wherever it is refused."""
    try:
        add_source(services.db, Source(slug=slug, url=url, category="gongan"), services.clock())
    except FeedsvcError as error:
        return error.kind
    run = services.poller.poll_now(slug)
    assert run.status == "failed", url
    assert run.error is not None
    return run.error.kind


REFUSED = {"address_refused", "bad_url", "usage", "dns_failed"}


def test_no_spelling_of_a_source_url_reaches_this_machine(tmp_path: Path) -> None:
    with listening() as listener, services_in(tmp_path / "home", "") as services:
        urls = [f"http://{spelling}:{listener.port}/feed" for spelling in SPELLINGS]
        urls += [scheme.format(port=listener.port) for scheme in SCHEMES] + ELSEWHERE
        kinds = {
            url: kind_of_failure(services, f"s{number}", url) for number, url in enumerate(urls)
        }
    assert {url: kind for url, kind in kinds.items() if kind not in REFUSED} == {}
    assert listener.connections == 0


def test_no_redirect_reaches_another_address_than_was_allowed(tmp_path: Path) -> None:
    # The redirecting partner alone is admitted; its neighbours on the same machine are not.
    with (
        listening() as listener,
        partner_site() as partner,
        services_in(tmp_path / "home", "127.0.0.1/32") as services,
    ):
        others = [
            each for each in SPELLINGS if "2" in each and each.startswith(("127.0.0.2", "127.255"))
        ]
        others += [
            each
            for each in SPELLINGS
            if ":" in each and "127.0.0.1" not in each and "7f00:1]" not in each
        ]
        targets = [f"http://{each}:{listener.port}/feed" for each in others]
        targets += [scheme.format(port=listener.port) for scheme in SCHEMES] + ELSEWHERE
        kinds = {}
        for number, target in enumerate(targets):
            partner.pages[f"/{number}"] = Answer(b"", 302, (("Location", target),))
            kinds[target] = kind_of_failure(services, f"s{number}", f"{partner.url}/{number}")
    refused = REFUSED | {"redirect_failed"}
    assert {target: kind for target, kind in kinds.items() if kind not in refused} == {}
    assert listener.connections == 0
