"""URLs: what is refused unseen, the form in which the others are sent, and what messages show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import BadUrl
from feedsvc.fetch.target import read_target, shown

REFUSED = {
    "file:///etc/passwd": "only http",
    "gopher://127.0.0.1:6379/_INFO": "only http",
    "ftp://127.0.0.1/": "only http",
    "dict://127.0.0.1:11211/stat": "only http",
    "unix:///var/run/docker.sock": "only http",
    "ldap://127.0.0.1/": "only http",
    "javascript:alert(1)": "only http",
    "127.0.0.1/feed": "only http",
    "": "only http",
    "//partner.example/feed": "only http",
    "http://": "no host",
    "http:///feed": "no host",
    "http:/partner.example/": "no host",
    "http://:80/": "no host",
    "http://user@partner.example/": "user name",
    "http://user:word@partner.example/": "user name",
    "http://@partner.example/": "user name",
    "http://partner.example@127.0.0.1/": "user name",
    "http://partner.example\\@127.0.0.1/": "backslash",
    "http:\\\\127.0.0.1/": "backslash",
    "http://partner.example/a\r\nHost: b": "control character",
    "http://partner.example/a\tb": "control character",
    "http://partner.example/\x00": "control character",
    "http://partner.example/\x85a": "control character",
    "http://partner.example:99999/": "cannot be read",
    "http://partner.example:８０/": "cannot be read",
    "http://partner.example:-1/": "cannot be read",
    "http://[::1/": "cannot be read",
    "http://[::1%25lo]/": "cannot be read",
    "http://[1.2.3.4]/": "cannot be read",
    "http://a..b.example/": "not a host name",
    "http://%31%32%37.0.0.1/": "not a host name",
    "http://a b.example/": "not a host name",
    "http://a,b.example/": "not a host name",
    f"http://{'a' * 64}.example/": "not a host name",
    f"http://{'吉' * 64}.example/": "cannot be read",
    f"http://{'a.' * 140}example/": "not a host name",
    f"http://partner.example/{'a' * 9000}": "longer",
    "http://partner.example/\ud800": "cannot be read",
    "http://ex℀mple/": "cannot be read",
}
SENT = {
    "http://partner.example": "http://partner.example/",
    "  HTTPS://Partner.Example/Feed\n": "https://partner.example/Feed",
    "http://partner.example:8080/a?b=c#d": "http://partner.example:8080/a?b=c",
    "http://partner.example:/a": "http://partner.example/a",
    "http://partner.example/要闻/a b": "http://partner.example/%E8%A6%81%E9%97%BB/a%20b",
    "http://partner.example/%d2%aa?q=%zz&w=法": "http://partner.example/%d2%aa?q=%zz&w=%E6%B3%95",
    "http://partner.example/a[1]?b[]=1|2": "http://partner.example/a%5B1%5D?b[]=1%7C2",
    "http://新闻.example/": "http://xn--efvy88h.example/",
    "http://新闻。example/": "http://xn--efvy88h.example/",
    "http://１２７．０．０．１/": "http://127.0.0.1/",
    "http://ⓟartner.example/": "http://partner.example/",
    "http://[2001:DB8:0::1]:80/": "http://[2001:db8::1]:80/",
    "http://[::ffff:127.0.0.1]/": "http://[::ffff:7f00:1]/",
    "http://0x7f.1/": "http://0x7f.1/",
    "http://a_b.example./": "http://a_b.example./",
}


@pytest.mark.parametrize("url", REFUSED)
def test_a_bad_url_is_refused_with_its_reason(url: str) -> None:
    with pytest.raises(BadUrl, match=REFUSED[url]) as caught:
        read_target(url)
    assert caught.value.permanent


@pytest.mark.parametrize("url", SENT)
def test_a_good_url_is_brought_into_the_form_that_is_sent(url: str) -> None:
    sent = read_target(url).url
    assert sent == SENT[url]
    assert read_target(sent).url == sent


def test_the_origin_knows_the_default_ports() -> None:
    assert read_target("http://partner.example/").origin == ("http", "partner.example", 80)
    assert read_target("https://partner.example/").origin == ("https", "partner.example", 443)
    assert read_target("https://partner.example:8443/").origin[2] == 8443


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://partner.example/feed", "http://partner.example/feed"),
        ("http://partner.example/feed?token=s3cret#x", "http://partner.example/feed?…"),
        ("http://me:s3cret@partner.example/feed", "http://partner.example/feed"),
        ("http://me:s3/cret@partner.example/", "http://…/cret@partner.example/"),
        ("http://me:s3cret@", "http://"),
        ("me:s3cret@partner.example", "partner.example"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://partner.example/\x1b[2J", "http://partner.example/�[2J"),
        ("http://partner.example/" + "a" * 400, "http://partner.example/" + "a" * 277 + "…"),
    ],
)
def test_messages_show_neither_passwords_nor_queries(url: str, words: str) -> None:
    assert shown(url) == words


@settings(max_examples=150, deadline=None)
@given(tail=st.text(max_size=40))
def test_any_text_is_refused_or_sent_as_plain_ascii(tail: str) -> None:
    try:
        target = read_target(f"http://{tail}")
    except BadUrl:
        return
    assert target.url.isascii()
    assert target.url.isprintable()
    assert not set(target.url) & set(" \\@") or "@" not in target.url.split("/")[2]
    assert read_target(target.url) == target
