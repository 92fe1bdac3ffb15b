"""Saved documents of a source: what came once, how it is to be read, and what was understood of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedsvc.domain.parsed import ParseJob
from feedsvc.domain.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDocument:
    """One document: `name` is its file's, `job` how it is read, `expected` what a person accepted."""

    name: str
    job: ParseJob
    expected: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSource:
    """A source's settings when its documents were saved, and the documents."""

    source: Source
    documents: tuple[SavedDocument, ...]
