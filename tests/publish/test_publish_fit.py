"""fit: feeds of long articles stay fit to be polled, and every cut leads to the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fragments_fromstring

from feedsvc.publish.fit import fit
from tests.render.samples import entry

LINK = '<p><a href="https://news.example/a/1?a=1&amp;b=2">阅读全文</a></p>'
URL = "https://news.example/a/1?a=1&b=2"


def test_what_fits_stays_as_it_is() -> None:
    whole = entry(1, content_html="<p>甲乙</p>")
    assert fit([whole], entry_bytes=len(whole.content_html.encode())) == (whole,)


@pytest.mark.parametrize(
    ("html", "room", "kept"),
    [
        ("<p>甲甲</p><p>乙乙</p>", 13, "<p>甲甲</p>"),
        ("<p>甲甲</p>尾<p>乙</p>", 16, "<p>甲甲</p>尾"),
        ("甲 &lt; 乙<p>丙丙丙丙</p>", 20, "甲 &lt; 乙"),
        ("<p>甲甲</p>", 12, ""),
    ],
    ids=[
        "second block goes",
        "text after a block stays",
        "leading text stays escaped",
        "nothing fits",
    ],
)
def test_a_cut_falls_between_blocks_and_leads_to_the_whole(html: str, room: int, kept: str) -> None:
    (cut,) = fit([entry(1, content_html=html, url=URL)], entry_bytes=room)
    assert cut.content_html == kept + LINK


def test_the_first_entries_get_their_room_first() -> None:
    body = "<p>" + "甲" * 20 + "</p>"
    shown = fit([entry(n, content_html=body) for n in (1, 2, 3)], feed_bytes=150)
    assert [each.content_html == body for each in shown] == [True, True, False]
    assert [each.guid for each in shown] == [entry(n).guid for n in (1, 2, 3)]


@given(st.lists(st.text("甲乙 <&", max_size=9), min_size=1, max_size=5), st.integers(0, 120))
def test_no_cut_exceeds_its_room_or_breaks_the_markup(texts: list[str], room: int) -> None:
    html = "".join(f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>" for text in texts)
    (cut,) = fit([entry(1, content_html=html, url=URL)], entry_bytes=room)
    kept = cut.content_html.removesuffix(LINK)
    assert len(kept.encode()) <= room
    assert html.startswith(kept)
    assert len(fragments_fromstring(cut.content_html)) == cut.content_html.count("<p>")
