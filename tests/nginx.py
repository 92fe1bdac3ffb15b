"""The real nginx with our deploy/nginx.conf, as an unprivileged user on a loopback port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.running import free_port

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534
BASE_URL = "https://news.example"


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx: its port, its master process, and where its logs are."""

    port: int
    pid: int
    folder: Path

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask; header names are written with _ here and come back in lower case."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()


def configured(files: Path, port: int, application: int, base_url: str = BASE_URL) -> str:
    """deploy/nginx.conf with the lines changed that its reader is told to change."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for before, after in {
        "https://news.example.org": base_url,
        "127.0.0.1:8000": f"127.0.0.1:{application}",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "server_name news.example.org;": "server_name _;",
        "/srv/feedsvc/files": str(files),
    }.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


def whole(folder: Path, http: str) -> str:
    """A configuration of everything that an unprivileged nginx needs, round what is in `http`."""
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;"
        " events { worker_connections 1024; }"
        f" http {{ access_log off; keepalive_requests 1000000; {temporary}\n{http}\n}}"
    )


@contextmanager
def nginx(files: Path, application: int, base_url: str = BASE_URL) -> Iterator[Nginx]:
    """Serve the files as deploy/nginx.conf does, with an application on this port behind."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    config = folder / "nginx.conf"
    config.write_text(whole(folder, configured(files, port, application, base_url)))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    with _running(folder, config, port) as process:
        yield Nginx(port, process.pid, folder)
    shutil.rmtree(folder)


@contextmanager
def _running(folder: Path, config: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    nobody = NOBODY if os.geteuid() == 0 else None
    process = subprocess.Popen(
        ["nginx", "-e", str(folder / "error.log"), "-c", str(config)],
        user=nobody,
        group=nobody,
        extra_groups=None if nobody is None else [],
    )
    try:
        await_port(process, port)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def await_port(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(400):
        assert process.poll() is None, "nginx ended"
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(f"nothing answers on port {port}")
