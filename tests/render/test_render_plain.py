"""Titles and other plain words say the same in every format, whatever markup came with them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.feed import FORMATS, Format
from feedsvc.publish.gate import pass_gate
from feedsvc.render.clean import plain
from feedsvc.render.dispatch import render
from feedsvc.render.fragments import Fragments
from tests.render.conformance import ATOM, parse_strictly
from tests.render.samples import SITE, entry, feed


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("<b>云岭</b>通报", "云岭通报"),
        ("<script>alert(1)</script>通报", "alert(1)通报"),
        ('<a href="x">通报</a><br/>', "通报"),
        ("公安&amp;交通&nbsp;通报", "公安&交通\xa0通报"),
        ("&amp;lt;b&amp;gt;通报&amp;lt;/b&amp;gt;", "通报"),
        ("当 a<b 且 c>d 时", "当 a<b 且 c>d 时"),
        ("AT&T 与 R&D", "AT&T 与 R&D"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("通&#0;&#11;报&#xD800;", "通□报□"),
        ("  通报 ", "通报"),
    ],
)
def test_markup_goes_and_signs_stay(given_text: str, wanted: str) -> None:
    assert plain(given_text) == wanted


@given(st.text(st.sampled_from("<>&;/ab=#0 公lt")))
def test_nothing_is_left_that_would_be_taken_for_markup(text: str) -> None:
    once = plain(text)
    assert plain(once) == once or "&" in text


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_shows_one_title(fmt: Format) -> None:
    body = render(feed(entry(1, title="<b>云岭</b>&amp;河岸", tags=("<i>夜</i>",))), fmt, SITE)
    if fmt == "json":
        (item,) = json.loads(body)["items"]
        assert (item["title"], item["tags"]) == ("云岭&河岸", ["公安", "夜"])
        return
    root = parse_strictly(body)
    path = "channel/item/title" if fmt == "rss" else f"{ATOM}entry/{ATOM}title"
    assert root.findtext(path) == "云岭&河岸"


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    "hole",
    [
        '<p><a href="javascript:alert(1)">文</a></p>',
        "<p><a href=' JavaScript:alert(1)'>文</a></p>",
        "<p><img src=vbscript:x></p>",
        "<p>文</p><SCRIPT>x</SCRIPT>",
    ],
)
def test_a_hole_in_the_sanitiser_costs_the_article_and_not_the_feed(hole: str, fmt: Format) -> None:
    bad = entry(2, content_html=hole)
    passed = pass_gate(feed(entry(1), bad), fmt, Fragments(SITE))
    assert passed.quarantined == (bad,)


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_article_may_speak_of_scripts(fmt: Format) -> None:
    told = "<p>诈骗链接以 javascript: 开头，&lt;script src=javascript:x&gt; 切勿点开。</p>"
    assert not pass_gate(feed(entry(1, content_html=told)), fmt, Fragments(SITE)).quarantined
