"""The sample articles: enough of them, in the forms that the product is to be judged by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedsvc.demo import pictures
from feedsvc.demo.texts import SOURCES, SourceName, Text, load_outlets

FAULTS = {"ampersand", "entity", "unclosed", "cut"}


def every_text() -> Iterator[tuple[SourceName, Text]]:
    for source, outlet in load_outlets().items():
        for text in outlet.texts:
            yield source, text


def length(text: Text) -> int:
    return sum(len(paragraph) for paragraph in text.paragraphs)


def printed(text: Text) -> str:
    return "".join((text.title, text.subheading, *text.paragraphs, text.credit))


def in_charset(letter: str, charset: str) -> bool:
    try:
        letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def test_there_are_enough_articles_and_no_two_share_a_title_or_text() -> None:
    texts = [text for _, text in every_text()]
    assert len(texts) >= 24
    assert len({text.title for text in texts}) == len(texts)
    assert len({text.paragraphs for text in texts}) == len(texts)


def test_each_source_starts_with_several_articles_and_has_fresh_ones_left() -> None:
    for outlet in load_outlets().values():
        assert outlet.initial >= 5
        assert len(outlet.texts) - outlet.initial >= 3
        assert [text.age is None for text in outlet.texts] == sorted(
            text.age is None for text in outlet.texts
        )


def test_articles_have_the_form_of_a_news_page() -> None:
    for _, text in every_text():
        assert text.title
        assert text.editor
        assert text.category
        assert "电）" in text.credit or "电)" in text.credit or text.credit.endswith("讯）")
        assert all(paragraph == paragraph.strip() for paragraph in text.paragraphs)
        assert all(name in text.credit for name in text.authors)
        assert text.authors or length(text) < 100
        assert length(text) < 100 or len(text.paragraphs) >= 6


def test_lengths_run_from_a_brief_to_a_long_report() -> None:
    lengths = sorted(length(text) for _, text in every_text())
    assert lengths[0] < 60
    assert lengths[-1] >= 3000


def test_the_letters_that_break_careless_decoders_occur() -> None:
    letters = {letter for _, text in every_text() for letter in printed(text)}
    assert any("\U00020000" <= letter <= "\U0003ffff" for letter in letters)
    assert {"镕", "喆"} <= letters
    assert not in_charset("镕", "gb2312")
    assert in_charset("镕", "gbk")
    listed = "".join(printed(text) for source, text in every_text() if source == "list")
    assert "镕" in listed
    assert "喆" in listed


def test_both_widths_of_punctuation_occur() -> None:
    bodies = ["".join(text.paragraphs) for _, text in every_text()]
    assert any("，" in body and "," not in body for body in bodies)
    assert any("," in body and "，" not in body and "(" not in body for body in bodies)


def test_one_credit_line_is_left_unclosed() -> None:
    assert any(text.credit.count("（") > text.credit.count("）") for _, text in every_text())


def test_pictures_that_articles_name_can_be_drawn() -> None:
    named = [text.picture for _, text in every_text() if text.picture is not None]
    assert named
    assert all(pictures.draw(picture.name) for picture in named)
    assert all(picture.alt for picture in named)


@pytest.mark.parametrize("number", range(len(load_outlets()["rss"].texts)))
def test_a_correction_changes_title_and_one_place_of_the_text(number: int) -> None:
    text = load_outlets()["rss"].texts[number]
    assert text.correction is not None
    body = "\n".join(text.paragraphs)
    assert body.count(text.correction.was) == 1
    assert text.correction.now not in body
    assert text.correction.title != text.title
    assert text.correction.note


def test_every_article_of_the_withdrawing_source_has_a_reason_ready() -> None:
    assert all(text.withdrawal for text in load_outlets()["atom"].texts)


def test_only_the_broken_source_has_faults_and_it_has_all_of_them_at_the_start() -> None:
    for source in SOURCES:
        outlet = load_outlets()[source]
        faults = {text.fault for text in outlet.texts[: outlet.initial]} - {""}
        assert faults == (FAULTS if source == "broken" else set())
    assert load_outlets()["broken"].texts[0].fault == "cut"


def test_one_listed_article_is_credited_to_another_outlet() -> None:
    credited = {text.attribution for source, text in every_text() if source == "list"}
    assert len(credited) == 2
