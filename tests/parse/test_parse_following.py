"""Following pages: by link, by the script that writes the links, by the numbers in addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.parsed import ParsedList, ParsedPage, ParseJob
from feedsvc.errors import ConfigError
from feedsvc.parse.dispatch import parse
from feedsvc.parse.following import following_list_page
from feedsvc.parse.rules import read_rules
from tests.parse.page_cases import SEEN_AT

ROOT = "http://www.partner.example"
ROW = "<li><a href='/a/1.html'>云岭修通三条断头路</a></li>"
TEXT = "云岭镇的早市搬进了有顶棚的旧厂房，水电入户，摊位费减半，四十七户摊贩陆续搬了进来。" * 3


def list_page(more: str, path: str, next_rule: str | None = None) -> str | None:
    rules = {"list": {"items": "li"} | ({"next": next_rule} if next_rule else {})}
    body = f"<html><body><ul>{ROW}</ul>{more}</body></html>".encode()
    parsed = parse(ParseJob(kind="list", body=body, url=ROOT + path, seen_at=SEEN_AT, rules=rules))
    assert isinstance(parsed, ParsedList)
    return parsed.next_url.removeprefix(ROOT) if parsed.next_url else None


def article_page(more: str, path: str) -> str | None:
    body = f"<html><body><h1>早市改造调查</h1><p>{TEXT}</p>{more}</body></html>".encode()
    parsed = parse(ParseJob(kind="page", body=body, url=ROOT + path, seen_at=SEEN_AT))
    assert isinstance(parsed, ParsedPage)
    return parsed.next_url.removeprefix(ROOT) if parsed.next_url else None


@pytest.mark.parametrize(
    ("more", "path", "following"),
    [
        ("<script>createPageHTML(5, 0, 'index', 'html');</script>", "/n/index.html", "/n/index_1.html"),
        ("<script>createPageHTML(5, 3, \"index\", \"html\")</script>", "/n/index_3.html", "/n/index_4.html"),
        ("<script>createPageHTML(5, 4, 'index', 'html')</script>", "/n/index_4.html", None),
        ("<script>createPageHTML(1, 0, 'index', 'html')</script>", "/n/", None),
        ("<script>createPageHTML('page-div', 36, 1, 'list', 'shtml', 714)</script>", "/n/list.shtml", "/n/list_2.shtml"),
        ("<script>var currentPage = 0; var countPage = 3;</script>", "/n/index.shtml", "/n/index_1.shtml"),
        ("<script>var countPage = 3; var currentPage = 2;</script>", "/n/index_2.shtml", None),
        ("<a href='index_2.html'>下一页</a>", "/n/index.html", "/n/index_2.html"),
        ("<a href='?page=2'>下页 ></a>", "/n/list.aspx", "/n/list.aspx?page=2"),
        ("<a rel='next' href='/page/3/'>更早的文章</a>", "/page/2/", "/page/3/"),
        ("<a href='javascript:go(2)'>下一页</a>", "/n/index.html", None),
        ("<a href='#'>下一页</a>", "/n/index.html", None),
        ("<a href='http://elsewhere.example/2.html'>下一页</a>", "/n/index.html", None),
        ("<a href='/n/index.html'>下一页</a>", "/n/index.html", None),
        ("<a href='/a/9.html'>下一篇</a>", "/n/index.html", None),
        ("", "/n/index.html", None),
        ("", "/n/index_3.html", "/n/index_4.html"),
        ("", "/n/list-2.html", "/n/list-3.html"),
        ("", "/list?cid=3&pageNo=4", "/list?cid=3&pageNo=5"),
        ("", "/page/2", "/page/3"),
        ("", "/2026-10/31.html", None),
        ("<a href='1.html'>1</a>", "/list?p=9", None),
    ],
)  # fmt: skip
def test_following_page_of_a_list(more: str, path: str, following: str | None) -> None:
    assert list_page(more, path) == following


@pytest.mark.parametrize(
    ("rule", "path", "following"),
    [
        ("url:index_{n}.html", "/n/index.html", "/n/index_2.html"),
        ("url:index_{n}.html", "/n/index_2.html", "/n/index_3.html"),
        ("url:index_{n-1}.html", "/n/index.html", "/n/index_1.html"),
        ("url:index_{n-1}.html", "/n/index_1.html", "/n/index_2.html"),
        ("url:/list?cid=3&page={n}", "/list?cid=3", "/list?cid=3&page=2"),
        ("url:/list?page={n}&cid=3", "/list?page=7&cid=3", "/list?page=8&cid=3"),
        ("a.gone", "/n/index_3.html", None),
    ],
)
def test_following_page_by_rule(rule: str, path: str, following: str | None) -> None:
    assert list_page("<a href='/x.html'>下一页</a>", path, rule) == following


def test_following_page_of_a_json_list() -> None:
    job = ParseJob(
        kind="list",
        body=b'callback({"rows": [{"url": "/a/1.html", "title": "x"}]})',
        url=f"{ROOT}/roll.json?page=1",
        seen_at=SEEN_AT,
        rules={"list": {"items": "json:rows", "link": "json:url", "title": "json:title"}},
    )
    parsed = parse(job)
    assert isinstance(parsed, ParsedList)
    assert parsed.next_url == f"{ROOT}/roll.json?page=2"


@pytest.mark.parametrize(
    ("key", "rule"),
    [("next", "url:index.html"), ("next", "url:{n}/{n}"), ("link", "url:{n}.html")],
)
def test_an_address_rule_that_cannot_be_used_is_named(key: str, rule: str) -> None:
    with pytest.raises(ConfigError, match=rf"list\.{key}"):
        read_rules({"list": {"items": "li", key: rule}}, "partner")


@pytest.mark.parametrize(
    ("more", "path", "following"),
    [
        ("<a href='c1-9.html'>【1】</a> <a href='c1-9-2.html'>【2】</a>", "/c1-9.html", "/c1-9-2.html"),
        ("<a href='c1-9-2.html'>【2】</a> <a href='c1-9-3.html'>【3】</a>", "/c1-9-2.html", "/c1-9-3.html"),
        ("<a href='c1-9.html'>【1】</a> <a href='c1-9-2.html'>【2】</a>", "/c1-9-2.html", None),
        ("<a href='c_7_2.htm'>下一页</a>", "/c_7.htm", "/c_7_2.htm"),
        ("<a href='t1_8_1.html'>2</a>", "/t1_8.html", "/t1_8_1.html"),
        ("<a href='?id=7&page=2'>下一页</a>", "/show?id=7", "/show?id=7&page=2"),
        ("<a href='/show?id=7&page=3'>下一页</a>", "/show?id=7&page=2", "/show?id=7&page=3"),
        ("<script>var countPage = 3; createPageHTML(3, 0, 't2_8', 'html');</script>", "/n/t2_8.html", "/n/t2_8_1.html"),
        ("<script>var countPage = 3;</script>", "/n/t2_835.html", "/n/t2_835_1.html"),
        ("<script>var countPage = 1;</script>", "/n/t2_835.html", None),
        ("<a href='c2.html'>下一页</a>", "/c1.html", None),
        ("<a href='/a/2.html'>下一篇</a>", "/a/1.html", None),
        ("<a href='/list_2.html'>下一页</a>", "/a/1.html", None),
        ("", "/a/1_2.html", None),
    ],
)  # fmt: skip
def test_following_page_of_an_article(more: str, path: str, following: str | None) -> None:
    assert article_page(more, path) == following


def test_a_saved_page_without_an_address_has_no_following_page() -> None:
    body = f"<h1>早市改造调查</h1><p>{TEXT}</p><a href='a_2.html'>下一页</a>".encode()
    parsed = parse(ParseJob(kind="page", body=body, url="", seen_at=SEEN_AT))
    assert isinstance(parsed, ParsedPage)
    assert parsed.next_url is None


@given(st.text(max_size=60))
def test_any_address_is_counted_on_or_not(path: str) -> None:
    following = following_list_page(None, "", f"{ROOT}/{path}", ROOT)
    assert following is None or following != f"{ROOT}/{path}"
