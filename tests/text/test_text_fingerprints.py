"""Fingerprints: nested samples of 8-grams, found again in cuts, edits and boilerplate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.text.fingerprints import (
    TARGET,
    alike,
    bare,
    likeness,
    packed,
    print_of,
    print_of_article,
    unpacked,
)

AT = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=3000)


def test_only_han_letters_and_digits_are_compared() -> None:
    assert bare("　渡口 ２０２６年“恢复”通航——Ａ岸！_") == "渡口2026年恢复通航a岸"


@given(han)
def test_a_print_is_small_and_bounded(text: str) -> None:
    made = print_of(text)
    assert len(made.hashes) <= max(TARGET, 3 * TARGET)
    assert list(made.hashes) == sorted(set(made.hashes))
    assert all(0 <= each < 2**63 for each in made.hashes)


@given(han, st.floats(0.2, 1.0))
def test_the_first_part_of_a_text_is_found_whole_in_it(text: str, part: float) -> None:
    cut = text[: int(len(text) * part)]
    found = likeness(print_of(cut), print_of(text))
    assert found.containment == (1.0 if found.shared else 0.0)


@given(han, han)
def test_likeness_has_no_order(one: str, other: str) -> None:
    assert likeness(print_of(one), print_of(other)) == likeness(print_of(other), print_of(one))


@given(han)
def test_a_print_comes_back_from_its_bytes(text: str) -> None:
    made = print_of(text)
    assert unpacked(made.grams, made.mark, packed(made)) == made


def test_markup_and_punctuation_leave_no_trace() -> None:
    plain = "云岭镇渡口昨天恢复通航，两岸的往来重新热闹起来。"
    dressed = "<div><b>云岭镇渡口</b>昨天恢复通航;<br>两岸的往来重新热闹起来!</div>"
    assert print_of_article("", plain, AT) == print_of_article("", dressed, AT)


def test_equal_titles_of_one_day_in_china_have_one_mark() -> None:
    mark = print_of_article("云岭镇渡口恢复通航", "", AT).mark
    assert mark > 0
    assert mark == print_of_article("云岭镇渡口恢复通航！", "", AT + timedelta(hours=13)).mark
    assert mark != print_of_article("云岭镇渡口恢复通航", "", AT + timedelta(hours=14)).mark
    assert print_of_article("今日天气", "", AT).mark == 0


def test_ignored_hashes_count_on_neither_side() -> None:
    one, other = print_of("甲乙丙丁戊己庚辛壬"), print_of("甲乙丙丁戊己庚辛癸")
    assert likeness(one, other).shared == 1
    common = frozenset(set(one.hashes) & set(other.hashes))
    assert likeness(one, other, common).shared == 0


def test_alike_of_texts_too_short_for_a_gram() -> None:
    assert alike("<p>今日无新闻</p>", "今日无新闻。") == 1.0
    assert alike("今日无新闻", "今日休市") == 0.0
    assert alike("", "") == 0.0


def test_characters_beyond_two_bytes_do_no_harm() -> None:
    text = "𠮷野家门店" * 10
    assert likeness(print_of(text), print_of(text + "新增")).containment == 1.0
