"""Published files: deploy/nginx.conf against plain nginx with gzip_static, per server core.

Both send the same files on processor 0, `wrk` with 64 connections asks from processor 1. Figures are
requests per second of processor time of the server's processes; the ratio is that of neighbouring rounds.
The plain one has no other headers and decides nothing; ours finds out for each request whether it is
the application's, and sends what readers, caches and browsers need. Needs Debian's nginx and wrk.

    python benchmarks/bench_files.py [rounds]
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_serve import etag_of, load
from benchmarks.serve_servers import Server, document, full_feed, nginx, started
from feedsvc.domain.feed import FeedDocument
from tests.nginx import configured, whole
from tests.running import free_port


@contextmanager
def files_mode(folder: Path) -> Iterator[Server]:
    """Our configuration on the files that `bench_serve.nginx` has put there."""
    port = free_port()
    own = folder / "files-mode"
    own.mkdir(mode=0o777)
    own.chmod(0o777)
    config = own / "nginx.conf"
    config.write_text(
        "pcre_jit on; " + whole(own, configured(folder / "files", port, application=1))
    )
    with started("files mode", port, ["nginx", "-c", str(config)]) as server:
        yield server


def paired(plain: Server, ours: Server, rounds: int) -> None:
    """Print the median of the ratios of neighbouring rounds: plain, ours, plain again.

    Rounds of one server differ by a twentieth on a machine that others use; neighbours differ less.
    """
    print(f"{'':12}{'plain':>10}{'files mode':>12}{'ratio':>8}{'plain/plain':>13}")
    for mode in ("gzip 200", "304"):
        rates = [
            [load(each, asked(each, mode)).rate for each in (plain, ours, plain)]
            for _ in range(rounds)
        ]
        ratio = statistics.median(ours / ((one + two) / 2) for one, ours, two in rates)
        itself = statistics.median(two / one for one, _, two in rates)
        first, second = (statistics.median(rate[place] for rate in rates) for place in (0, 1))
        print(f"{mode:12}{first:10.0f}{second:12.0f}{ratio:8.3f}{itself:13.3f}")


def asked(server: Server, mode: str) -> dict[str, str]:
    return {"If-None-Match": etag_of(server)} if mode == "304" else {}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    served: FeedDocument = document(full_feed())
    print(f"document {len(served.body)} B, gzip {len(served.gzip)} B; requests per core second")
    with tempfile.TemporaryDirectory() as name, ExitStack() as up:
        folder = Path(name)
        folder.chmod(0o755)
        plain = up.enter_context(nginx(folder, served))
        paired(plain, up.enter_context(files_mode(folder)), rounds)


if __name__ == "__main__":
    missing = [name for name in ("nginx", "wrk", "taskset") if shutil.which(name) is None]
    if missing:
        sys.exit(f"install {', '.join(missing)} first")
    main()
