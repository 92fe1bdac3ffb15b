"""Printed dates: right to the minute, the same whatever day it is when they are read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.text.dates import ReadDate, read_date

SEEN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
MORNING = datetime(2019, 8, 9, 2, 45, tzinfo=UTC)  # 2019-08-09 10:45 +08:00
NOON = datetime(2019, 8, 9, 4, 0, tzinfo=UTC)


def read(raw: str, zone: str = "Asia/Shanghai", seen_at: datetime = SEEN) -> ReadDate | None:
    return read_date(raw, zone=zone, seen_at=seen_at)


@pytest.mark.parametrize(
    "raw",
    [
        "2019-08-09 10:45",
        "2019年08月09日 10:45",
        "2019年08月09日10:45",
        "2019年8月9日 星期五 10:45",
        "2019-08-09（星期五）10:45",
        "2019/08/09 10:45",
        "2019/8/9 10:45:00",
        "2019.8.9 10:45",
        "2019 8/ 9 10:45:00",
        "２０１９－０８－０９　１０：４５",
        "20190809104500",
        "201908091045",
        "2019-08-09 上午10:45",
        "2019-08-09 10:45:00 CST",
        "2019-08-09 10:45:00.0",
        "2019-08-09T10:45:00+08:00",
        "2019-08-09T02:45:00Z",
        "2019-08-09T02:45:00.123456789Z",
        "2019-08-09 10:45 GMT+8",
        "2019-08-09 10:45 (北京时间)",
        "2019年8月9日10时45分",
        "二〇一九年八月九日上午十时四十五分",
        "Fri, 09 Aug 2019 02:45:00 GMT",
        "Fri, 09 Aug 2019 10:45:00 +0800",
        "Fri, 09 Aug 2019 10:45:00 CST",
        "Fri, 9 Aug 19 02:45 UT",
        "Thu, 08 Aug 2019 22:45:00 EDT",
        "Fri Aug 09 10:45:00 CST 2019",
        "Fri Aug  9 10:45:00 2019",
        "Aug 9, 2019 10:45 AM",
        "星期五, 09 八月 2019 10:45:00 +0800",
        "1565318700",
        "1565318700000",
        "发布时间:2019-08-09 10:45 | 来源:青川警讯",
        "来源：青川警讯　2019-08-09 10:45　责任编辑：林一",
    ],
)
def test_a_printed_minute_is_that_minute(raw: str) -> None:
    assert read(raw) == ReadDate(MORNING, "minute")


@pytest.mark.parametrize(
    "raw",
    ["2019-08-09", "2019年8月9日", "2019/08/09", "2019.08.09", "20190809", "2019-08-09 25:61",
     "二〇一九年八月九日", "August 9, 2019", "9 August 2019", "2019-08-09+08:00"],
)  # fmt: skip
def test_a_bare_day_is_its_noon_and_says_so(raw: str) -> None:
    assert read(raw) == ReadDate(NOON, "day")


@pytest.mark.parametrize(
    ("raw", "hour", "minute"),
    [
        ("2019-08-09 下午2:05", 14, 5),
        ("2019-08-09 下午14:05", 14, 5),
        ("2019-08-09 中午12:30", 12, 30),
        ("2019-08-09 中午1:30", 13, 30),
        ("2019-08-09 凌晨12:30", 0, 30),
        ("2019-08-09 晚上9:15", 21, 15),
        ("2019-08-09 12:30 PM", 12, 30),
        ("2019-08-09 12:30 a.m.", 0, 30),
        ("2019-08-09 0:00", 0, 0),
        ("2019-08-09 23:59:60", 23, 59),
    ],
)
def test_halves_of_the_day(raw: str, hour: int, minute: int) -> None:
    found = read(raw)
    assert found is not None
    local = found.at.astimezone(timezone(timedelta(hours=8)))
    assert (local.day, local.hour, local.minute) == (9, hour, minute)


def test_midnight_at_the_end_of_a_day_is_the_next_days_start() -> None:
    assert read("2019-08-08 24:00") == read("2019-08-09 00:00")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("3小时前", ReadDate(SEEN - timedelta(hours=3), "minute")),
        ("5 分钟前", ReadDate(SEEN - timedelta(minutes=5), "minute")),
        ("半小时前", ReadDate(SEEN - timedelta(minutes=30), "minute")),
        ("刚刚", ReadDate(SEEN, "minute")),
        ("今天 10:45", ReadDate(datetime(2026, 11, 23, 2, 45, tzinfo=UTC), "minute")),
        ("昨天 10:45", ReadDate(datetime(2026, 11, 22, 2, 45, tzinfo=UTC), "minute")),
        ("前天", ReadDate(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), "day")),
        ("2天前", ReadDate(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), "day")),
        ("10-08 12:00", ReadDate(datetime(2026, 10, 8, 4, 0, tzinfo=UTC), "minute")),
        ("12月31日 08:00", ReadDate(datetime(2025, 12, 31, 0, 0, tzinfo=UTC), "minute")),
        ("02-29", ReadDate(datetime(2024, 2, 29, 4, 0, tzinfo=UTC), "day")),
    ],
)
def test_relative_words_count_from_the_fetch(raw: str, expected: ReadDate) -> None:
    assert read(raw) == expected


@pytest.mark.parametrize(
    "raw",
    ["", "无", "2019-02-30", "2019-13-01", "-1", "99999999999999999999", "0001-01-01T00:00:00Z",
     "0000-00-00 00:00:00", "09/08/2019", "第2019号", "2019年工作报告", "02-30", "Fri, 31 Jun 2019 10:00:00 GMT"],
)  # fmt: skip
def test_what_is_no_date_gives_none(raw: str) -> None:
    assert read(raw) is None


def test_cst_and_missing_offsets_mean_the_sources_zone() -> None:
    expected = ReadDate(datetime(2019, 8, 9, 1, 45, tzinfo=UTC), "minute")
    assert read("2019-08-09 10:45", zone="Asia/Tokyo") == expected
    assert read("Fri, 09 Aug 2019 10:45:00 CST", zone="Asia/Tokyo") == expected


def test_a_future_date_is_returned_as_printed() -> None:
    assert read("2030-01-01 00:00") == ReadDate(datetime(2029, 12, 31, 16, 0, tzinfo=UTC), "minute")


@settings(max_examples=150)
@given(
    st.integers(0, 50_000_000),
    st.integers(0, 10_000),
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M",
            "%Y年%m月%d日%H:%M",
            "%Y/%m/%d %H:%M",
            "%Y%m%d%H%M%S",
            "%a, %d %b %Y %H:%M:%S CST",
        ]
    ),
)
def test_a_full_date_never_depends_on_the_day_of_reading(
    minutes: int, days: int, form: str
) -> None:
    printed = datetime(1995, 1, 1, tzinfo=timezone(timedelta(hours=8))) + timedelta(minutes=minutes)
    found = read(printed.strftime(form), seen_at=SEEN + timedelta(days=days))
    assert found is not None
    assert found.precision == "minute"
    assert found.at == printed


@settings(max_examples=200)
@given(
    st.text(
        st.sampled_from("0123456789-/.:年月日时分今昨天前上下午 +TZCSGMTAugFri零一十"), max_size=30
    )
)
def test_any_string_gives_a_date_or_none(raw: str) -> None:
    found = read(raw)
    assert found is None or found.at.utcoffset() == timedelta(0)
