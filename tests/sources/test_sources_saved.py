"""Partners that come with the program: their saved documents are understood as a person accepted them.

Adding a folder under tests/data/sources adds a test; `feedsvc sources check SLUG --save` writes such
folders under HOME/samples.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.ingest.samples import check
from feedsvc.parse.rules import read_rules
from feedsvc.store import sample_files
from tests.ingest.test_ingest_imports import HereParsers

FOLDERS = sorted(
    path for path in (Path(__file__).parents[1] / "data" / "sources").iterdir() if path.is_dir()
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_saved_documents_are_understood_as_before(folder: Path) -> None:
    saved = sample_files.read(folder)
    read_rules(saved.source.rules, saved.source.slug)
    assert saved.source.slug == folder.name
    assert saved.documents
    assert check(saved, saved.source, HereParsers()) == []


def test_there_are_such_partners() -> None:
    assert FOLDERS
