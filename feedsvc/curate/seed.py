"""config/categories.toml and config/sources.toml: created where the database lacks them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source
from feedsvc.errors import ConfigError
from feedsvc.store import categories, sources
from feedsvc.store.engine import Database

CATEGORY_KEYS = frozenset({"slug", "title", "description"})
SOURCE_KEYS = frozenset(field.name for field in fields(Source)) - {
    "id",
    "created_at",
    "demo",
    "given_url",
}
NEEDED = {"category": ("slug", "title"), "source": ("slug", "url", "category")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What the configuration folder lists."""

    categories: tuple[Category, ...]
    sources: tuple[Source, ...]


def read_seed(folder: Path) -> Seed:
    """Read both files; raises `ConfigError` naming the file and the key that cannot be used."""
    return Seed(
        categories=tuple(
            Category(**table)
            for table in _tables(folder / "categories.toml", "category", CATEGORY_KEYS)
        ),
        sources=tuple(
            Source(**table) for table in _tables(folder / "sources.toml", "source", SOURCE_KEYS)
        ),
    )


def sow(db: Database, seed: Seed, now: datetime) -> None:
    """Create what the seed lists and the database lacks; what is there, or was, stays as it is."""
    with db.read() as session:
        missing = [each for each in seed.categories if not categories.is_known(session, each.slug)]
        known_sources = {each.slug for each in sources.all_sources(session)}
    for category in missing:
        add_category(db, category, now)
    for source in seed.sources:
        if source.slug not in known_sources:
            add_source(db, source, now)


def _tables(path: Path, name: str, allowed: frozenset[str]) -> list[dict[str, Any]]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read ({error})") from error
    tables = data.pop(name, [])
    if data:
        raise ConfigError(str(path), f"unknown key {next(iter(data))!r}; write [[{name}]] tables")
    for table in tables:
        for key in table.keys() - allowed:
            raise ConfigError(str(path), f"unknown key {key!r} in [[{name}]]")
        for key in NEEDED[name]:
            if key not in table:
                raise ConfigError(str(path), f"a [[{name}]] lacks {key!r}")
    return list(tables)
