"""Names of tags and authors have one spelling, which stays as it is when it is spelt again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.text.labels import LONGEST_LABEL, canonical_label, canonical_labels


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("反诈", "反诈"),
        ("  防汛　 抗旱 ", "防汛 抗旱"),
        ("Cafe\u0301", "Café"),
        ("C++", "C++"),
        ("字" * 64, "字" * 64),
        ("字" * 65, None),
        ("", None),
        (" \u3000", None),
        ("..", None),
        ("公安/交警", None),
        ("a\\b", None),
        ("a\u200bb", None),
        ("a\x00b", None),
        ("\ud800", None),
    ],
)
def test_one_spelling(name: str, spelt: str | None) -> None:
    assert canonical_label(name) == spelt


@given(st.text(max_size=80))
def test_spelling_twice_changes_nothing(name: str) -> None:
    spelt = canonical_label(name)
    assert spelt is None or (canonical_label(spelt) == spelt and len(spelt) <= LONGEST_LABEL)


def test_each_name_once_and_not_without_end() -> None:
    assert canonical_labels(["乙", " 乙 ", "a/b", "甲", "丙"], 2) == ["乙", "甲"]
