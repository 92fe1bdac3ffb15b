"""What all tests share: fresh, migrated databases of both kinds."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Test modules import each other as `tests.…` however pytest was started.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from tests import databases
from tests.needs import lacking


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path]:
    """A folder for the session, in memory where there is room."""
    with databases.quick_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def sqlite_template(quick_folder: Path) -> Path:
    return databases.make_sqlite_template(quick_folder / "template.db")


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[databases.Templates]:
    try:
        with (
            databases.postgres_server() as admin,
            databases.postgres_template(admin) as templates,
        ):
            yield templates
    except databases.NoServer as error:
        lacking(f"no PostgreSQL: {error}")


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """The URL of a fresh, migrated SQLite file in a folder of its own."""
    folder = Path(tempfile.mkdtemp(dir=sqlite_template.parent))
    yield f"sqlite:///{shutil.copy(sqlite_template, folder / 'feedsvc.db')}"
    shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_template: databases.Templates) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    with databases.postgres_copy(postgres_template) as url:
        yield url


@pytest.fixture
def sqlite_db(sqlite_url: str) -> Iterator[Database]:
    """A fresh, migrated SQLite database."""
    database = Database(StoreOptions(url=sqlite_url))
    yield database
    database.dispose()


@pytest.fixture
def postgres_db(postgres_url: str) -> Iterator[Database]:
    """A fresh, migrated PostgreSQL database."""
    database = Database(StoreOptions(url=postgres_url))
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest) -> Database:
    """A fresh, migrated database: the test runs once on SQLite and once on PostgreSQL."""
    database: Database = request.getfixturevalue(f"{request.param}_db")
    return database
