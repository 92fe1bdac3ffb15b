"""The day in an address: what editing systems put there, and numbers that are none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.parsed import ParsedList, ParsedPage, ParseJob
from feedsvc.parse.address_dates import address_date
from feedsvc.parse.dispatch import parse

SEEN_AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/n12/202607/t20260731_835839.html", "2026-07-31"),
        ("/index/content/2019-05/24/content_7887167.htm", "2019-05-24"),
        ("/n1/2018/1220/c35421-30477880.html", "2018-12-20"),
        ("/2020/07-04/9229.shtml", "2020-07-04"),
        ("/gn/2020-07-04.shtml", "2020-07-04"),
        ("/art/2026/05/08/art_12_3456.html", "2026-05-08"),
        ("/2027/0101/x.html", None),
        ("/20190415001.html", None),
        ("/c/20261332.html", None),
        ("/info/1043/1234.htm", None),
        ("/a.html?date=20260731", None),
        ("", None),
    ],
)
def test_the_day_in_an_address(path: str, day: str | None) -> None:
    found = address_date(f"http://www.partner.example{path}", zone="Asia/Shanghai", seen_at=SEEN_AT)
    assert (found.at.date().isoformat() if found else None) == day
    assert found is None or found.precision == "day"


@given(st.text(max_size=60))
def test_any_text_is_read_or_not(text: str) -> None:
    found = address_date(text, zone="Asia/Shanghai", seen_at=SEEN_AT)
    assert found is None or found.precision == "day"


def test_a_list_that_prints_no_dates_has_those_of_its_addresses() -> None:
    row = "<li><a href='/202607/t20260731_1.html'>停航公告</a></li>"
    rules = {"list": {"items": "li"}}
    job = ParseJob(
        kind="list",
        body=f"<ul>{row}</ul>".encode(),
        url="http://www.partner.example/",
        seen_at=SEEN_AT,
        rules=rules,
    )
    parsed = parse(job)
    assert isinstance(parsed, ParsedList)
    assert parsed.links[0].published_precision == "day"


def test_a_page_without_a_date_has_that_of_its_address_and_we_are_unsure() -> None:
    text = "受降雨影响，通往白鹭洲的渡船暂时停航，恢复时间将视水位情况另行通知。" * 4
    job = ParseJob(
        kind="page",
        body=f"<html><body><h1>停航公告</h1><p>{text}</p></body></html>".encode(),
        url="http://www.partner.example/202607/t20260731_1.html",
        seen_at=SEEN_AT,
    )
    parsed = parse(job)
    assert isinstance(parsed, ParsedPage)
    assert parsed.item.published_precision == "day"
    assert parsed.confidence["published_at"] < 0.5


def test_a_saved_page_is_where_it_says_that_it_is() -> None:
    text = "受降雨影响，通往白鹭洲的渡船暂时停航，恢复时间将视水位情况另行通知。" * 4
    page = (
        "<html><head><link rel='canonical' href='http://www.partner.example/n/1.html'></head><body>"
        f"<h1>停航公告</h1><div class='article-content'><p>{text}</p><img src='./a.jpg'></div></body></html>"
    )
    parsed = parse(ParseJob(kind="page", body=page.encode(), url="", seen_at=SEEN_AT))
    assert isinstance(parsed, ParsedPage)
    assert "http://www.partner.example/n/a.jpg" in parsed.item.content_html
