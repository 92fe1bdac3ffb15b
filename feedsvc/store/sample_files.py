"""Saved documents in a folder per source: as they came, with what is expected of each beside it.

    <slug>/source.toml             settings and rules, and how each document is to be read
    <slug>/<name>                  a document's bytes
    <slug>/<name>.expected.json    what was understood of it

The same under HOME/samples, for sources that operators added, and under tests/data/sources, for
partners that come with the program: a folder may be copied from one to the other.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from feedsvc.domain.parsed import ParseJob
from feedsvc.domain.saved import SavedDocument, SavedSource
from feedsvc.domain.source import Source
from feedsvc.errors import ConfigError, NotFound

SETTINGS = "source.toml"
EXPECTED = ".expected.json"
SOURCE_KEYS = ("slug", "url", "kind", "timezone", "charset")
DOCUMENT_KEYS = ("name", "kind", "url", "content_type", "content_location")


def read(folder: Path) -> SavedSource:
    """Read one source's folder; raises `NotFound` where there is none, `ConfigError` naming a broken file."""
    path = folder / SETTINGS
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = table.get("rules", {})
        known = {key: table[key] for key in SOURCE_KEYS if key in table}
        source = Source(category="", rules=rules, **known)
        documents = tuple(_document(folder, source, each) for each in table["document"])
    except FileNotFoundError as error:
        raise NotFound(f"samples in {folder}", f"{error.filename} is missing") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(str(path), f"is not a saved source ({error})") from error
    return SavedSource(source=source, documents=documents)


def write(folder: Path, saved: SavedSource) -> None:
    """Save a source's documents in place of those that were there; raises `ConfigError` where it cannot."""
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        fresh.mkdir(parents=True)
        (fresh / SETTINGS).write_text(_settings(saved), encoding="utf-8")
        for each in saved.documents:
            (fresh / each.name).write_bytes(each.job.body)
            told = json.dumps(each.expected, ensure_ascii=False, indent=1, sort_keys=True)
            (fresh / f"{each.name}{EXPECTED}").write_text(f"{told}\n", encoding="utf-8")
        _replace(folder, fresh)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ConfigError(str(folder), f"cannot be written ({error.strerror})") from error


def _document(folder: Path, source: Source, table: Mapping[str, Any]) -> SavedDocument:
    name = table["name"]
    return SavedDocument(
        name=name,
        job=ParseJob(
            kind=table["kind"],
            body=(folder / name).read_bytes(),
            url=table["url"],
            seen_at=table["seen_at"],
            content_type=table.get("content_type"),
            content_location=table.get("content_location"),
            charset=source.charset,
            timezone=source.timezone,
            rules=source.rules or None,
        ),
        expected=json.loads((folder / f"{name}{EXPECTED}").read_text(encoding="utf-8")),
    )


def _settings(saved: SavedSource) -> str:
    """Spell the settings as TOML, whose strings and JSON's are written alike."""
    source = saved.source
    lines = _pairs({key: getattr(source, key) for key in SOURCE_KEYS})
    for name, rules in source.rules.items():
        lines += ["", f"[rules.{name}]", *_pairs(rules)]
    for each in saved.documents:
        told = {key: getattr(each.job, key) for key in DOCUMENT_KEYS if key != "name"}
        lines += ["", "[[document]]", *_pairs({"name": each.name, **told})]
        lines.append(f"seen_at = {each.job.seen_at.isoformat()}")
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, str | None]) -> list[str]:
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
        if value is not None
    ]


def _replace(folder: Path, fresh: Path) -> None:
    """Put the new folder in place of the old one; a reader in between finds no folder, never a mixture."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    with contextlib.suppress(FileNotFoundError):
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def names_for(jobs: Sequence[ParseJob]) -> list[str]:
    """Give each document a file name that says what it is: list.html, page-1.html, feed.xml."""
    totals = [job.kind for job in jobs]
    names = []
    for number, job in enumerate(jobs):
        several = totals.count(job.kind) > 1
        count = f"-{totals[: number + 1].count(job.kind)}" if several else ""
        names.append(f"{job.kind}{count}.{_ending(job)}")
    return names


def _ending(job: ParseJob) -> str:
    if job.body.lstrip()[:1] in {b"{", b"["}:
        return "json"
    return "xml" if job.kind == "feed" else "html"
