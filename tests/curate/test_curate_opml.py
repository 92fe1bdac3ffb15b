"""OPML: ours comes back as it went, other readers' is taken as it is, what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.curate.opml import read_opml, write_opml
from feedsvc.curate.slugs import free_slug
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source
from feedsvc.errors import UsageError
from feedsvc.text.scrub import one_line

SECTION = Category(slug="gongan", title="公安要闻 & <其他>")
RULES = {"list": {"items": 'ul[class="a"] > li', "date": "xpath:.//em[1]"}, "page": {"body": "#x"}}


def plain(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="1.0"><head/><body>{body}</body></opml>'.encode()


def test_other_readers_files_are_read_with_their_groups() -> None:
    found = read_opml(
        plain(
            '<outline text="法治"><outline text="公安"><outline type="rss" text="云岭" '
            'xmlUrl="http://a.example/rss?x=1&amp;y=2" htmlUrl="http://a.example/"/></outline></outline>'
            '<outline title="江湾" text="-" XMLURL="http://b.example/&c=3"/><outline text="空"/>'
        ),
        "a.opml",
    )
    assert [(each.url, each.title, each.groups) for each in found] == [
        ("http://a.example/rss?x=1&y=2", "云岭", ("法治", "公安")),
        ("http://b.example/&c=3", "江湾", ()),
    ]


def test_a_wrong_charset_label_does_no_harm() -> None:
    text = '<?xml version="1.0" encoding="gb2312"?><opml><body><outline text="镕城" xmlUrl="http://a.example/"/></body></opml>'
    for charset in ("utf-8", "gb18030"):
        assert read_opml(text.encode(charset), "a.opml")[0].title == "镕城"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not OPML"),
        (b"not xml", "is not OPML"),
        (b"<rss version='2.0'><channel/></rss>", "<rss>"),
        (plain(""), "no outline"),
        (plain('<outline text="a"/>'), "no outline"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><opml><body><outline text="&x;" xmlUrl="&x;"/></body></opml>', "entities"),
    ],
)  # fmt: skip
def test_what_is_no_opml_is_named(data: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read_opml(data, "wrong.opml")
    assert caught.value.subject == "wrong.opml"


@pytest.mark.parametrize(
    "said",
    [
        'kind="page"',
        'policy="maybe"',
        'recheck="1"',
        'every-seconds="0"',
        'rules="[]"',
        'rules="{"',
    ],
)
def test_a_value_of_ours_that_cannot_be_names_the_outline(said: str) -> None:
    outline = f'<outline xmlns:f="urn:feedsvc:opml:1" xmlUrl="http://a.example/" f:{said}/>'
    with pytest.raises(UsageError) as caught:
        read_opml(plain(outline.replace('"{"', "'{'")), "a.opml")
    assert "http://a.example/" in caught.value.subject


texts = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)


@given(
    title=texts,
    rules=st.sampled_from([{}, RULES]),
    options=st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["auto", "feed", "list"]),
            "policy": st.sampled_from(["publish", "review"]),
            "on_withdrawal": st.sampled_from(["auto", "review"]),
            "pictures": st.sampled_from(["mirror", "link", "drop"]),
            "recheck": st.sampled_from([None, True, False]),
            "every_seconds": st.integers(1, 10**6),
            "timezone": st.sampled_from(["Asia/Shanghai", "UTC"]),
            "charset": st.sampled_from([None, "gb18030"]),
            "given_url": st.sampled_from([None, "http://a.example/front?a=1&b=2"]),
            "paused": st.booleans(),
        },
    ),
)
def test_what_we_write_we_read_back(
    title: str, rules: dict[str, Any], options: dict[str, Any]
) -> None:
    title = one_line(title)
    source = Source(
        slug="yunling", url="http://a.example/rss?a=1&b=2", category="gongan",
        title=title, rules=rules, **options,
    )  # fmt: skip
    data = write_opml("云岭", [SECTION], [source])
    assert data == write_opml("云岭", [SECTION], [source])
    [outline] = read_opml(data, "a.opml")
    assert (outline.category, outline.category_title) == ("gongan", SECTION.title)
    read = Source(url=outline.url, category="gongan", title=source.title, **(outline.said or {}))
    assert read == source
    if title:
        assert outline.title == title


def test_free_slugs_are_counted_on() -> None:
    assert free_slug("a", set()) == "a"
    assert free_slug("a", {"a", "a-2"}) == "a-3"
