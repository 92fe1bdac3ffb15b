"""Reposts of six kinds are found, and unrelated texts are not: recall ≥ .99, precision ≥ .999."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations

import pytest

from feedsvc.domain.cluster import Print
from feedsvc.ingest.grouping import compared
from feedsvc.text.fingerprints import keys, print_of_article
from tests.reposts import Text, corpus_texts, own_texts, reposts

AT = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
BRIEF = "渔政夜间执法查获电捕船"


def printed(text: Text) -> Print:
    return print_of_article(text.title, text.html, AT)


def same(one: Print, other: Print) -> bool:
    """Whether two texts are one article, and have a key in common, by which the store finds them."""
    return not set(keys(one)).isdisjoint(keys(other)) and compared(one, other)[1]


def test_the_texts_are_many_and_not_of_one_template() -> None:
    texts = own_texts()
    assert len(texts) >= 60
    assert len({each.title for each in texts}) == len(texts)
    [brief] = [each for each in texts if each.title == BRIEF]
    assert len(brief.body) == 328
    openings = Counter(each.body[:4] for each in texts)
    assert max(openings.values()) <= 2


def test_the_first_third_of_a_brief_is_found() -> None:
    texts = own_texts()
    [number] = [at for at, each in enumerate(texts) if each.title == BRIEF]
    made = [each.text for each in reposts(texts, rounds=1) if each.of == number]
    assert len(made) == 6
    assert all(same(printed(texts[number]), printed(each)) for each in made)


def measured(texts: Sequence[Text], *, rounds: int) -> tuple[float, float, Counter[str], int, int]:
    """Recall, precision, misses by kind, repost pairs, unrelated pairs (of all versions of all texts)."""
    originals = [printed(each) for each in texts]
    found = [(each.of, each.kind, printed(each.text)) for each in reposts(texts, rounds=rounds)]
    missed = Counter(kind for of, kind, made in found if not same(originals[of], made))
    versions = [*enumerate(originals), *((of, made) for of, _, made in found)]
    unrelated = [(a, b) for (x, a), (y, b) in combinations(versions, 2) if x != y]
    false = sum(same(a, b) for a, b in unrelated)
    hits = len(found) - missed.total()
    return hits / len(found), hits / (hits + false), missed, len(found), len(unrelated)


def test_recall_and_precision() -> None:
    recall, precision, missed, pairs, unrelated = measured(own_texts(), rounds=2)
    assert pairs >= 500
    assert unrelated >= 100_000
    assert recall >= 0.99, missed
    assert precision >= 0.999


@pytest.mark.shared
@pytest.mark.thorough
def test_recall_and_precision_with_pages_of_publishers() -> None:
    theirs = corpus_texts()
    if not theirs:
        # The publishers' text may not be copied into the project: who has it runs the test.
        pytest.skip("the publishers' pages are not beside this checkout")
    recall, precision, missed, _, unrelated = measured([*own_texts(), *theirs], rounds=1)
    assert unrelated >= 100_000
    assert recall >= 0.99, missed
    assert precision >= 0.999
