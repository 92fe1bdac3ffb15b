"""What a fetch costs: CPU seconds for 1,000 of them through the gateway and other clients, side by side.

A server process on loopback answers 20 kB feeds, plain and gzipped, over kept connections. Every
client checks the body it got; only the client's own CPU time counts, so that the ratio between
two rows means something on a busy machine too.
"""

from __future__ import annotations

import gzip
import importlib
import multiprocessing
import time
import urllib.request
from collections.abc import Callable
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from sys import path as import_path

import_path.insert(0, str(Path(__file__).resolve().parent.parent))

from feedsvc.fetch.client import Fetcher, FetchOptions
from feedsvc.fetch.exchange import FetchRequest
from tests.fetch.hostile import GZIPPED, HostileServer, answer

FETCHES = 1_000
ROUNDS = 3
BODY = b"".join(b"<item><title>Story %d of the day</title></item>" % n for n in range(420))
ROUTES = {"/plain": answer(BODY), "/gzip": answer(gzip.compress(BODY, mtime=0), 200, GZIPPED)}

Get = Callable[[str], bytes]


def serve(port: Connection) -> None:
    with HostileServer(ROUTES) as server:
        port.send(server.url(""))
        port.recv()


def with_urllib(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:
        body: bytes = response.read()
    # urllib leaves content codings to its caller.
    return gzip.decompress(body) if url.endswith("/gzip") else body


def with_requests() -> Get | None:
    """A kept session, where requests is installed."""
    try:
        session = importlib.import_module("requests").Session()
    except ImportError:
        return None

    def get(url: str) -> bytes:
        body: bytes = session.get(url).content
        return body

    return get


def seconds_for(get: Get, url: str) -> float:
    """CPU seconds of this process for `FETCHES` fetches, the best of `ROUNDS`."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(FETCHES):
            assert get(url) == BODY
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    # Spawned, so that the server's time is not counted here.
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base = ours.recv()
    fetcher = Fetcher(FetchOptions(user_agent="bench", allow_networks=(ip_network("127.0.0.0/8"),)))
    clients: dict[str, Get | None] = {
        "gateway": lambda url: fetcher.fetch(FetchRequest(url=url)).body,
        "urllib": with_urllib,
        "requests": with_requests(),
    }
    print(f"CPU seconds for {FETCHES} fetches of {len(BODY)} bytes, best of {ROUNDS}")
    for path in ROUTES:
        base_cost = 0.0
        for name, get in clients.items():
            if get is None:
                print(f"{path:8} {name:10} not installed")
                continue
            cost = seconds_for(get, base + path)
            base_cost = base_cost or cost
            print(f"{path:8} {name:10} {cost:6.3f} s  {cost / base_cost:4.1f} x the gateway")
    fetcher.close()
    ours.send(None)
    server.join(5)


if __name__ == "__main__":
    main()
