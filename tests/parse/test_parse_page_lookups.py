"""What spares work on a page finds what the work would have found: indexes, first characters, bytes."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.document import read_text, read_tree
from feedsvc.parse.pages import labels
from feedsvc.parse.pages.markup import Markup
from feedsvc.parse.pages.printed_date import printed_dates

WORDS = sorted({word for _, each in labels._LABELS for word in re.findall(r"[一-龥A-Za-z]+", each)})
PATIENT = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in labels._LABELS))
PAGE = """<html><head><title>清河</title></head><body>
<div id="a" class="x y">一</div><p id="b" class="y">二</p><p id="a" class=" z\tx ">三</p></body></html>"""


def test_every_label_is_found_by_its_first_character() -> None:
    for first in WORDS:
        for second in ("", *WORDS):
            line = f"{first}{second}：清河 2026-08-08 | "
            wanted = [(each.span(), each.lastgroup) for each in PATIENT.finditer(line)]
            assert [(e.span(), e.lastgroup) for e in labels._ANY.finditer(line)] == wanted


@given(st.lists(st.sampled_from([*WORDS, "：", ":", " ", "|", "2026", "（", "/"])).map("".join))
def test_labels_are_found_as_by_the_whole_list(line: str) -> None:
    wanted = [each.span() for each in PATIENT.finditer(line)]
    assert [each.span() for each in labels._ANY.finditer(line)] == wanted


@pytest.mark.parametrize("year", ["2026", "1998", "２０２６", "１９９８", "2０26"])
def test_a_year_in_any_width_is_seen(year: str) -> None:
    assert [each.digits[4:] for each in printed_dates(f"清河 {year}年8月8日")] == ["-08-08"]


@pytest.mark.parametrize("name", ["a", "b", "c", "x", "y", "z"])
def test_elements_are_found_by_id_and_class_as_xpath_finds_them(name: str) -> None:
    page = Markup(text=PAGE, tree=read_tree(PAGE, "test"))
    by_id = etree.XPath(f"//*[@id='{name}']")(page.tree)
    by_class = etree.XPath(f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]")
    assert list(page.with_id(name)) == by_id
    assert list(page.with_class(name)) == by_class(page.tree)


@pytest.mark.parametrize(
    ("body", "is_used"),
    [
        (PAGE.encode(), True),
        (b"\xef\xbb\xbf" + PAGE.encode(), False),
        (PAGE.encode() + b"\xff", False),
        (PAGE.encode("gb18030"), False),
    ],
)
def test_bytes_stand_for_the_text_only_where_they_are_the_text(body: bytes, is_used: bool) -> None:
    job = ParseJob(
        kind="page",
        body=body,
        url="http://qinghe.example/",
        seen_at=datetime(2026, 8, 8, tzinfo=UTC),
    )
    source = read_text(job)
    assert (source.utf8 is not None) is is_used
    from_text = etree.tostring(read_tree(source.text, "test"))
    assert etree.tostring(read_tree(source.text, "test", source.utf8)) == from_text


def test_bytes_do_not_hide_what_is_made_of_the_text() -> None:
    text = "<body><!--enpcontent--><p>一</p><!-- /enpcontent --></body>"
    tree = read_tree(text, "test", text.encode())
    assert [each.tag for each in Markup(text=text, tree=tree).with_id("enpcontent")] == ["div"]
