"""Words of the search index, and what a query asks of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.text.bigrams import fold, holds, spans, terms_of, words_of


def test_han_runs_give_pairs_and_their_last_character() -> None:
    assert words_of("云岭法院，ABC通报") == {"云岭", "岭法", "法院", "院", "abc", "通报", "报"}


def test_full_width_and_traditional_forms_are_the_same_words() -> None:
    assert words_of("國際２０２６") == words_of("国际2026")


@given(st.text(max_size=60))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.text("云岭法院通报ab1，。 ", min_size=1, max_size=30), st.data())
def test_every_part_of_a_text_is_found_by_its_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : start + data.draw(st.integers(1, 8))]
    words = words_of(text)
    for term in terms_of(part):
        # A piece of a Latin word is no word; pieces of Han runs all are.
        han_only = not any(char.isascii() and char.isalnum() for char in term.text)
        if han_only:
            assert set(term.words) <= words
            assert all(any(each.startswith(one) for each in words) for one in term.beginnings)
            assert spans(text, [term])


def test_blanks_part_and_quotes_hold_together() -> None:
    assert [term.text for term in terms_of("公安 “夜间 窗口”  公安")] == ["公安", "夜间 窗口"]
    assert [term.exact for term in terms_of("公安 派出所 法")] == [True, False, True]
    assert terms_of("，。 ！") == []


def test_phrases_do_not_cross_punctuation() -> None:
    terms = terms_of("派出所")
    assert holds(["派出，出所"], terms) is False
    assert holds(["题", "镇派出所"], terms) is True


def test_spans_that_overlap_are_one() -> None:
    assert spans("中国公安部的公安局", terms_of("国公 公安")) == [(1, 4), (6, 8)]
