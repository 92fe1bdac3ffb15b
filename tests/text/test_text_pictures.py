"""Pictures in text: ours where we have them, links where we do not, gone where they are not wanted."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.domain.article import Content
from feedsvc.domain.item import Enclosure
from feedsvc.domain.picture import Picture, PictureState, PictureUse
from feedsvc.text.html import sanitise
from feedsvc.text.pictures import (
    Placing,
    linked_enclosures,
    named_pictures,
    picture_blocks,
    picture_links,
    picture_urls,
    place_pictures,
    placing,
    shown_enclosures,
)

A, B = "http://x.example/a.jpg", "http://x.example/b.png?w=1&h=2"
HASH = "0f" * 20


def have(url: str = A, state: PictureState = "kept", **values: object) -> Picture:
    known: dict[str, object] = {
        "hash": HASH, "media_type": "image/jpeg", "width": 640, "height": 480, "length": 9,
    }  # fmt: skip
    return Picture(url=url, state=state, **(known | values))  # type: ignore[arg-type]


def shown(html: str, *pictures: Picture, use: PictureUse = "mirror") -> str:
    return place_pictures(html, placing(use, pictures, "/media/"))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p>甲<img src="http://x.example/a.jpg" alt="巡查"></p>', '<p>甲<a href="http://x.example/a.jpg">巡查</a></p>'),
        ('<img src="http://x.example/a.jpg" alt="">', '<a href="http://x.example/a.jpg">图片</a>'),
        ('<a href="http://x.example/big"><img src="http://x.example/a.jpg" alt="q"></a>',
         '<a href="http://x.example/a.jpg">q</a>'),
        ('<a href="http://x.example/b">甲<img src="http://x.example/a.jpg" alt=""></a>',
         '<a href="http://x.example/b">甲</a><a href="http://x.example/a.jpg">图片</a>'),
        ('<video controls="" src="http://x.example/v" poster="http://x.example/p"></video>',
         '<a href="http://x.example/v">视频</a>'),
        ('<audio controls=""><source src="http://x.example/a"></audio>甲', '<a href="http://x.example/a">音频</a>甲'),
        ("<p>甲 &lt;img&gt;</p>", "<p>甲 &lt;img&gt;</p>"),
    ],
)  # fmt: skip
def test_what_we_do_not_have_becomes_a_link(html: str, expected: str) -> None:
    assert place_pictures(html, Placing()) == expected
    assert shown(html) == expected
    assert shown(html, have("http://x.example/other.jpg")) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<p><img src="{A}" alt="河 &quot;岸&quot;"></p>',
         f'<p><img src="/media/{HASH}.jpg" alt="河 &quot;岸&quot;" width="640" height="480"></p>'),
        (f'<img src="{A}" alt="" title="题" width="320" height="999">',
         f'<img src="/media/{HASH}.jpg" alt="" title="题" width="320" height="240">'),
        (f'<img src="{A}" alt="" width="2000">', f'<img src="/media/{HASH}.jpg" alt="" width="640" height="480">'),
        (f'<a href="http://x.example/big"><img src="{A}" alt=""></a>',
         f'<a href="http://x.example/big"><img src="/media/{HASH}.jpg" alt="" width="640" height="480"></a>'),
    ],
)  # fmt: skip
def test_what_we_have_is_shown_from_here(html: str, expected: str) -> None:
    assert shown(html, have()) == expected


def test_an_address_is_found_however_its_ampersands_are_written() -> None:
    html = sanitise(f'<p><img src="{B}" alt="图"></p>', base_url=A).html
    assert picture_urls(html) == [B]
    assert "/media/" in shown(html, have(B))


def test_a_source_that_allows_links_only_has_nothing_shown_from_here() -> None:
    assert shown(f'<img src="{A}" alt="图">', have(), use="link") == f'<a href="{A}">图</a>'


@pytest.mark.parametrize("use", ["drop", "mirror"])
def test_a_dropped_picture_leaves_nothing_behind(use: PictureUse) -> None:
    html = f'<p>甲</p><figure><p><a href="{B}"><img src="{A}" alt="图"></a></p></figure><p>乙</p>'
    assert shown(html, have(state="dropped"), use=use) == "<p>甲</p><p>乙</p>"


def test_pictures_are_named_by_text_and_enclosures_each_once() -> None:
    content = Content(
        title="题",
        body_html=f'<p><img src="{A}" alt=""></p>',
        enclosures=(
            Enclosure(url=A, media_type="image/jpeg"),
            Enclosure(url="http://x.example/c.PNG?v=1"),
            Enclosure(url="http://x.example/d", media_type="Image/WebP"),
            Enclosure(url="http://x.example/e.jpg", media_type="video/mp4"),
            Enclosure(url="http://x.example/f.mp3"),
        ),
    )
    assert named_pictures(content) == (A, "http://x.example/c.PNG?v=1", "http://x.example/d")
    assert named_pictures(Content(title="题", body_html="<p>甲</p>")) == ()


def test_enclosed_pictures_are_ours_or_links() -> None:
    sound = Enclosure(url="http://x.example/f.mp3")
    content = Content(
        title="题", enclosures=(Enclosure(url=A), Enclosure(url=B, media_type="image/png"), sound)
    )
    how = placing("mirror", [have()], "https://we.example/media/")
    ours = Enclosure(
        url=f"https://we.example/media/{HASH}.jpg",
        media_type="image/jpeg", length=9, width=640, height=480,
    )  # fmt: skip
    assert shown_enclosures(content, how) == (ours, sound)
    assert linked_enclosures(content, how) == (B,)
    assert picture_blocks(content, how).count("<img") == 1
    assert picture_links((B,)) == '<p><a href="http://x.example/b.png?w=1&amp;h=2">图片</a></p>'
    for use in ("link", "drop"):
        how = placing(use, [have()], "/media/")
        assert shown_enclosures(content, how) == (sound,)
        assert linked_enclosures(content, how) == ((A, B) if use == "link" else ())
        assert picture_blocks(content, how) == ""


@given(
    st.lists(
        st.sampled_from(
            [f'<img src="{A}" alt="x">', f'<img src="{B}">', "<p>", "</p>", '<a href="/b">', "</a>",
             "甲", "<figure>", "</figure>", '<video src="/v">', "</video>", "<li>", "</li>"]
        ),
        max_size=14,
    ),
    st.sampled_from(["mirror", "link", "drop"]),
)  # fmt: skip
@example(["<p>", '<video src="/v">', '<video src="/v">', "<p>", "甲"], "mirror")
def test_whatever_the_text_nothing_foreign_is_loaded(parts: list[str], use: PictureUse) -> None:
    html = sanitise("".join(parts), base_url="http://x.example/").html
    made = shown(html, have(A), have(B, state="dropped"), use=use)
    loaded = re.findall(r'\s(?:src|poster)="([^"]*)"', made)
    assert {each for each in loaded if each != f"/media/{HASH}.jpg"} == set()
    assert sanitise(made, base_url="http://x.example/").html.count("甲") == html.count("甲")
