"""The front's process: `python -m feedsvc.cli.front DESCRIPTOR`, started by `cli.serve` with a listener.

It imports neither Flask nor the database nor click: it is up in a moment, small, and can be hurt by
nothing that a page does.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from pathlib import Path

from feedsvc.cli.serve import FRONT
from feedsvc.cli.stopping import die_with_parent
from feedsvc.front.front import Front
from feedsvc.observe.log import configure_logging
from feedsvc.store.shelf import Shelf
from feedsvc.web.hot import DocumentMemory
from feedsvc.web.instant import InstantAnswers


def main() -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    die_with_parent()
    given = json.loads(os.environ[FRONT])
    configure_logging(level=given["log_level"])
    memory = DocumentMemory(Shelf(Path(given["documents"])), given["base_url"])
    listener = socket.socket(fileno=int(sys.argv[1]))
    front = Front(listener, InstantAnswers(memory), Path(given["application"]))
    front.stop_at_signals()
    # What is loaded by now stays; looking through it again and again would cost readers time.
    gc.freeze()
    front.run()


if __name__ == "__main__":
    main()
