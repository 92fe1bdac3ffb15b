"""A process that does nothing but publish, to be killed: python -m …relentless_publisher URL SHELF."""

from __future__ import annotations

import sys
from pathlib import Path

from feedsvc.publish.publisher import Publisher
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.shelf import Shelf
from tests.publish.newsroom import NOW, SITE


def main(url: str, directory: str) -> None:
    """Publish until killed; a line on standard output says that the first round is done."""
    publisher = Publisher(Database(StoreOptions(url=url)), Shelf(Path(directory)), SITE)
    publisher.refresh(NOW)
    print("ready", flush=True)  # noqa: T201 - the signal to the parent
    while True:
        publisher.publish(["gongan", "all"])


if __name__ == "__main__":
    main(*sys.argv[1:])
