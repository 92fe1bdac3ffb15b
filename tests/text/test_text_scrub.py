"""Characters: whatever comes in, what goes out can be stored and put into XML."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.text.scrub import one_line, scrub


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("警\x00钟\x1b长\x07鸣", "警钟长鸣"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("\ufeff标\u200b题\u200c\u2060", "标题"),
        ("软\u00ad连字", "软连字"),
        ("图标\ue001字体\U000f1234", "图标字体"),
        ("\ud800残\udfff", "残"),
        ("非\ufffe字\uffff符\U0001fffe\ufdd0", "非字符"),
        ("e\u0301", "é"),
        (
            "家\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "家\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("拆\u200d开", "拆开"),
        ("，：（）“”……——\u3000\u00a0\t", "，：（）“”……——\u3000\u00a0\t"),
        ("\U00020000扩展汉字", "\U00020000扩展汉字"),
    ],
)
def test_scrub_drops_what_harms_and_keeps_what_is_text(raw: str, clean: str) -> None:
    assert scrub(raw) == clean


@settings(max_examples=200)
@given(st.text(st.characters(), max_size=60))
def test_scrubbed_text_fits_into_xml_and_stays_as_it_is(raw: str) -> None:
    clean = scrub(raw)
    element = etree.Element("t")
    element.text = clean  # raises ValueError for what XML forbids
    assert scrub(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)


def test_one_line_folds_every_kind_of_white_space() -> None:
    assert one_line("\u3000\u3000标题\n第一\u00a0行\t ") == "标题 第一 行"


def test_one_line_is_cut_at_its_limit_with_an_ellipsis() -> None:
    cut = one_line("字" * 400)
    assert len(cut) == 300
    assert cut.endswith("字…")
    assert one_line("字" * 300) == "字" * 300
