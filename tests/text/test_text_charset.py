"""Bytes → text: the twenty kinds of Chinese feeds, right and wrong labels, broken bytes."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.text.charset import decode

# 镕 喆 are outside GB2312; 𠀀 needs four bytes in GB18030.
PLAIN = "青川县公安局开展夏季治安巡查"
GBK_ONLY = "青川县公安局朱镕、陶喆巡查"
FOUR_BYTES = "青川县公安局𠀀巡查"
TRADITIONAL = "青川縣警察局開展夏季巡查"


def document(text: str, label: str | None) -> str:
    declared = f' encoding="{label}"' if label else ""
    return f'<?xml version="1.0"{declared}?><rss><channel><title>{text}</title></channel></rss>'


def without_declaration(text: str) -> str:
    return f"<rss><channel><title>{text}</title></channel></rss>"


CASES = {
    "declared gb2312": (document(PLAIN, "gb2312").encode("gb2312"), None, PLAIN, "gb18030"),
    "declared gbk": (document(PLAIN, "gbk").encode("gbk"), None, PLAIN, "gb18030"),
    "declared gb18030": (document(FOUR_BYTES, "gb18030").encode("gb18030"), None, FOUR_BYTES, "gb18030"),
    "declared big5": (document(TRADITIONAL, "big5").encode("big5"), None, TRADITIONAL, "big5hkscs"),
    "declared utf-8": (document(PLAIN, "utf-8").encode(), None, PLAIN, "utf-8"),
    "utf-8 with BOM": (codecs.BOM_UTF8 + document(PLAIN, "utf-8").encode(), None, PLAIN, "utf-8"),
    "utf-16 with BOM": (document(PLAIN, "utf-16").encode("utf-16"), None, PLAIN, "utf-16-le"),
    "utf-16be without BOM": (document(PLAIN, "utf-16").encode("utf-16-be"), None, PLAIN, "utf-16-be"),
    "gb2312 label, GBK characters": (document(GBK_ONLY, "gb2312").encode("gbk"), None, GBK_ONLY, "gb18030"),
    "gb2312 label, four bytes": (document(FOUR_BYTES, "gb2312").encode("gb18030"), None, FOUR_BYTES, "gb18030"),
    "gbk label, four bytes": (document(FOUR_BYTES, "gbk").encode("gb18030"), None, FOUR_BYTES, "gb18030"),
    "GBK undeclared": (document(PLAIN, None).encode("gbk"), None, PLAIN, "gb18030"),
    "GBK without declaration": (without_declaration(PLAIN).encode("gbk"), None, PLAIN, "gb18030"),
    "GBK only in the header": (without_declaration(PLAIN).encode("gbk"), "text/xml; charset=GBK", PLAIN, "gb18030"),
    "Big5 only in the header": (without_declaration(TRADITIONAL).encode("big5"), 'text/xml; charset="Big5"', TRADITIONAL, "big5hkscs"),
    "labelled utf-8, bytes GBK": (document(PLAIN, "utf-8").encode("gbk"), None, PLAIN, "gb18030"),
    "header utf-8, bytes GBK": (document(PLAIN, "utf-8").encode("gbk"), "text/xml; charset=utf-8", PLAIN, "gb18030"),
    "labelled gb2312, bytes UTF-8": (document(PLAIN, "gb2312").encode(), None, PLAIN, "utf-8"),
    "header ISO-8859-1, bytes GBK": (document(PLAIN, None).encode("gbk"), "text/xml; charset=ISO-8859-1", PLAIN, "gb18030"),
    "meta gb2312 in a page": (f'<html><meta charset="gb2312"><p>{GBK_ONLY}'.encode("gbk"), "text/html", GBK_ONLY, "gb18030"),
    "two bytes that are UTF-8 too": (document("联通", "gb2312").encode("gbk"), None, "联通", "gb18030"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_chinese_documents_are_read_as_what_they_are(case: str) -> None:
    body, content_type, text, charset = CASES[case]
    read = decode(body, content_type=content_type)
    assert text in read.text
    assert read.charset == charset
    assert not read.text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("label", "codec"), [("gbk", "gb18030"), ("utf-8", "utf-8"), (None, "gb18030")]
)
def test_one_broken_byte_spoils_one_character_only(label: str | None, codec: str) -> None:
    body = document(PLAIN * 3, label).encode(codec).replace("县".encode(codec), b"\xff", 1)
    read = decode(body)
    assert read.charset == codec
    assert read.text.count("\ufffd") == 1
    assert [repair.kind for repair in read.repairs] == ["broken_bytes"]
    assert read.repairs[0].detail == "1"
    assert "公安局开展夏季治安巡查" in read.text


def test_short_utf8_with_a_stray_byte_is_not_garbled_into_gb() -> None:
    read = decode("<t>巡查通报</t>".encode() + b"\x81")
    assert (read.charset, read.text) == ("utf-8", "<t>巡查通报</t>\ufffd")


def test_a_wrong_label_is_noted_with_what_it_was_read_as() -> None:
    read = decode(document(PLAIN, "utf-8").encode("gbk"))
    assert [(repair.kind, repair.detail) for repair in read.repairs] == [
        ("mislabelled_charset", "utf-8 → gb18030")
    ]
    assert decode(document(PLAIN, "gb2312").encode("gbk")).repairs == ()
    assert decode(b"<t>ascii</t>", content_type="text/xml; charset=gbk").repairs == ()


def test_the_operators_word_outranks_all_but_a_bom() -> None:
    undeclared = without_declaration(TRADITIONAL).encode("big5")
    assert TRADITIONAL in decode(undeclared, override="big5").text
    assert TRADITIONAL not in decode(undeclared).text
    marked = codecs.BOM_UTF8 + PLAIN.encode()
    assert decode(marked, override="big5").text == PLAIN


def test_western_text_keeps_its_western_label() -> None:
    body = "<?xml version='1.0' encoding='iso-8859-1'?><t>été, déjà vu, naïve</t>".encode("latin-1")
    assert "été, déjà vu, naïve" in decode(body).text


@pytest.mark.parametrize(
    "label", ["hex", "zlib", "idna", "unicode_escape", "utf-7", "nosuch", "", "\x00"]
)
def test_labels_that_name_no_charset_of_documents_are_ignored(label: str) -> None:
    read = decode(PLAIN.encode("gbk"), content_type=f"text/xml; charset={label}", override=label)
    assert read.text == PLAIN


def test_the_sources_default_holds_where_nothing_is_declared() -> None:
    body = "<t>новости и происшествия</t>".encode("koi8-r")
    assert "новости" in decode(body, default="koi8-r").text


@settings(max_examples=150)
@given(
    st.binary(max_size=200), st.sampled_from([None, "text/xml; charset=gbk", "x; charset=utf-16"])
)
def test_any_bytes_become_text(body: bytes, content_type: str | None) -> None:
    read = decode(body, content_type=content_type)
    assert read.charset
    read.text.encode("utf-8")


@settings(max_examples=80)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=6, max_size=60))
def test_undeclared_chinese_is_read_back_from_gb18030_and_utf8(text: str) -> None:
    assert decode(text.encode()).text == text
    # Without one character that UTF-8 cannot read, both readings are possible.
    chinese = text + "公安"
    assert decode(chinese.encode("gb18030")).text == chinese
