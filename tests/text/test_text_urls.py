"""URLs: absolute, comparable, and sorted by owner."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.text.urls import absolute, canonical, names_an_article, registrable_domain

BASE = "http://news.partner.example/gongan/list.html"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("a.html", "http://news.partner.example/gongan/a.html"),
        ("/a.html#p2", "http://news.partner.example/a.html#p2"),
        ("//cdn.partner.example/a.png", "http://cdn.partner.example/a.png"),
        ("../2019/t1.html", "http://news.partner.example/2019/t1.html"),
        (" \n https://x.example/a b.html\t", "https://x.example/a%20b.html"),
        (
            "https://x.example/公安/新闻?q=巡查",
            "https://x.example/%E5%85%AC%E5%AE%89/%E6%96%B0%E9%97%BB?q=%E5%B7%A1%E6%9F%A5",
        ),
        ("https://x.example/%E5%85%AC?a=1%2B1", "https://x.example/%E5%85%AC?a=1%2B1"),
        ("http://user:secret@x.example:8080/a", "http://x.example:8080/a"),
        ("http://例子.example/a", "http://xn--fsqu00a.example/a"),
        ("http:\\\\x.example\\a", "http://x.example/a"),
        ("HTTP://X.Example", "http://x.example/"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://x.example/100%", "http://x.example/100%25"),
        ("java\nscript:alert(1)", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@x.example", None),
        ("ftp://x.example/a", None),
        ("", None),
        ("http://", None),
        ("http://[::1", None),
        ("http://x.example:99999/", None),
        ("http://x y.example/", None),
        ("http://x.example/" + "a" * 3000, None),
    ],
)
def test_absolute(url: str, expected: str | None) -> None:
    assert absolute(BASE, url) == expected


@pytest.mark.parametrize(
    "other",
    [
        "HTTP://News.Partner.Example:80/a/t1.html",
        "http://news.partner.example/a/t1.html#comments",
        "http://news.partner.example/a/b/../t1.html",
        "http://news.partner.example/a/./t1.html?",
        "http://news.partner.example/a/%74%31.html",
        "http://news.partner.example/a/t1.html?utm_source=x&utm_medium=rss",
        "http://news.partner.example/a/t1.html?spm=a1.b2&from=timeline&isappinstalled=0",
        "http://news.partner.example./a/t1.html;jsessionid=0A1B",
        "http://me@news.partner.example/a/t1.html",
    ],
)
def test_different_spellings_of_one_address_are_equal(other: str) -> None:
    assert canonical(other) == "http://news.partner.example/a/t1.html"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://x.example/a?id=1", "http://x.example/a?id=2"),
        ("http://x.example/a", "http://x.example/A"),
        ("http://x.example/list?from=20", "http://x.example/list?from=40"),
        ("http://x.example/#/news/1", "http://x.example/#/news/2"),
        ("http://x.example:8080/a", "http://x.example/a"),
        ("http://x.example/a%2Fb", "http://x.example/a/b"),
    ],
)
def test_different_documents_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_percent_escapes_have_one_form() -> None:
    assert canonical("http://x.example/%e5%85%ac") == canonical("http://x.example/公")
    assert canonical("http://x.example/%e5%85%ac") == "http://x.example/%E5%85%AC"


def test_what_is_no_url_comes_back_as_it_is() -> None:
    assert canonical("urn:uuid:1") == "urn:uuid:1"
    assert canonical("") == ""


URLS = st.builds(
    "http{}://{}{}".format,
    st.sampled_from(["", "s"]),
    st.sampled_from(["a.example", "A.example:80", "例子.cn:443", "[::1]"]),
    st.text("/ab.%2eE;?&=#公 \\utm_from:", max_size=40),
)


@settings(max_examples=200)
@given(URLS)
def test_canonical_and_absolute_are_idempotent(url: str) -> None:
    once = canonical(url)
    assert canonical(once) == once
    cleaned = absolute(url, url)
    assert cleaned is None or absolute(cleaned, cleaned) == cleaned


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_string_is_refused_or_made_an_http_url(raw: str) -> None:
    made = absolute(BASE, raw)
    assert made is None or (made.isascii() and made.startswith(("http://", "https://")))
    names_an_article(raw)
    registrable_domain(raw)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("http://news.qingchuan.gov.cn/a", "qingchuan.gov.cn"),
        ("https://a.b.partner.com.cn:8080/", "partner.com.cn"),
        ("http://partner.example/", "partner.example"),
        ("http://one.github.io/", "github.io"),
        ("http://192.0.2.7:8080/a", "192.0.2.7"),
        ("http://[2001:db8::0:1]/a", "2001:db8::1"),
        ("http://localhost:8000/", "localhost"),
        ("nonsense", ""),
    ],
)
def test_registrable_domain(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://x.example", False),
        ("http://x.example/", False),
        ("http://x.example/index.html", False),
        ("http://x.example/news/index.shtml", False),
        ("http://x.example/news/", False),
        ("http://x.example/2019/08/", False),
        ("http://x.example/?p=12", True),
        ("http://x.example/index.php?id=12", True),
        ("http://x.example/index.php?id=", False),
        ("http://x.example/2019/08/09/t123.html", True),
        ("http://x.example/2019/08/patrol/", True),
        ("http://x.example/news/summer-patrol/", True),
        ("http://x.example/#/news/12", True),
        ("http://x.example/a", True),
    ],
)
def test_names_an_article(url: str, named: bool) -> None:
    assert names_an_article(url) is named
