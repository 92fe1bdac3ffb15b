"""Date strings → instants. What feeds and pages print, not only what standards allow.

General parsers read common Chinese forms wrongly by 8 h, 14 h or months, and fill gaps from today's
date; here only words that are relative by nature (今天, 3小时前, 10-08 12:00) look at `seen_at`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

LONGEST = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_NOON = time(12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A row without a year that lies further ahead than this is last year's.
_AHEAD = timedelta(days=1)

_MONTHS = {
    name: number
    for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)
}
_HAN_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
}
_WEEKDAY = (
    r"(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|\(?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\)?)"
)
_HALF = (
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|午后|傍晚|晚上|晚间|晚|午夜|[ap]\.?m\.?(?![a-z]))"
)
_CLOCK = (
    rf"(?:{_HALF}\s*)?(?P<hour>\d{{1,2}})\s*(?:[:点时]\s*(?P<minute>\d{{1,2}})"
    r"(?:\s*[:分]\s*(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?[分秒]?|[点时](?P<sharp>整?))"
    r"(?:\s*(?P<half_after>[ap]\.?m\.?)(?![a-z]))?"
)
_BETWEEN = rf"(?:\s*[t,|]?\s*{_WEEKDAY}?[\s,|]*)"
_TAIL = rf"(?:{_BETWEEN}{_CLOCK})?"
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>(?:19|20|21)\d\d)(?:\s*[-/.年]\s*|\s+)(?P<month>\d{1,2})\s*[-/.月]\s*"
    rf"(?P<day>\d{{1,2}})(?!\d)日?{_TAIL}",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<month>[a-z]{3}[a-z]*\.?|\d{1,2}月)[\s,-]+"
    rf"(?P<year>\d{{4}}|\d\d)(?!\d)(?:[\s,]+{_CLOCK})?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>[a-z]{{3}}[a-z]*)\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+"
    rf"(?:(?P<year>\d{{4}})(?:[\s,]+(?:at\s+)?{_CLOCK})?)",
    re.IGNORECASE,
)
# `date` and java.util.Date.toString(): Fri Aug 09 10:45:00 CST 2019
_YEAR_LAST = re.compile(
    rf"\b(?P<month>[a-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<zone_name>[a-z]{{1,5}}\s+)?"
    r"(?P<year>\d{4})\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    r"(?<!\d)(?P<year>(?:19|20|21)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:[t ]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?(?!\d)",
    re.IGNORECASE,
)
# The two forms that standards ask for and most feeds use, read without the search that the rest needs.
_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) ((?:19|20)\d\d)"
    r" ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) (?:GMT|([+-](?:0\d|1[0-4])[0-5]\d))",
    re.ASCII,
)
_RFC_3339 = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)",
    re.ASCII,
)
_STAMP = re.compile(r"\d{10}(?:\d{3})?")
_YEARLESS = re.compile(
    rf"(?<![\d-])(?P<month>\d{{1,2}})\s*[-/月]\s*(?P<day>\d{{1,2}})(?![\d/-])日?{_TAIL}",
    re.IGNORECASE,
)
_AGO = re.compile(
    r"(?P<count>\d{1,4}|半)\s*个?\s*(?P<unit>秒|分钟|小时|钟头|天|日|周|星期)\s*[之以]?前"
)
_DAY_WORD = re.compile(rf"(?P<word>今[天日]|昨[天日]|前[天日]){_TAIL}", re.IGNORECASE)
_JUST_NOW = re.compile(r"刚刚|刚才")
_ZONE = re.compile(
    r"\s*\(?\s*(?:(?P<name>utc|gmt|ut|z)(?![a-z])\s*)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?"
    r"|\s*\(?\s*(?P<word>北京时间|[a-z]{1,5})(?![a-z])",
    re.IGNORECASE,
)
_OFFSETS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "bst": 1, "msk": 3, "sgt": 8, "hkt": 8, "jst": 9,
    "kst": 9, "北京时间": 8,
}  # fmt: skip
_UNITS = {"秒": 1, "分钟": 60, "小时": 3600, "钟头": 3600}
_LONG_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7}
_DAYS_BACK = {"今": 0, "昨": 1, "前": 2}
_EVENING = ("下午", "午后", "傍晚", "晚", "p")


@dataclass(frozen=True, slots=True)
class ReadDate:
    """An instant (aware UTC) and how exactly it was printed; a day stands at noon in its zone."""

    at: datetime
    precision: Literal["minute", "day"]


def read_date(raw: str, *, zone: str = "Asia/Shanghai", seen_at: datetime) -> ReadDate | None:
    """Read a printed date, labels around it ignored; None where there is none that exists.

    `zone` (IANA) holds for times without an offset and for "CST", which nobody in a Chinese page
    means as US Central. `seen_at` (aware UTC) is only asked by relative words and rows without a
    year. Future dates are returned as printed.
    """
    if (standard := _standard(raw.strip())) is not None:
        return standard
    text = _normalised(raw)
    home = ZoneInfo(zone)
    if _STAMP.fullmatch(text):
        return _from_stamp(text)
    for pattern in (_YEAR_FIRST, _DIGITS, _YEAR_LAST, _DAY_FIRST, _MONTH_FIRST):
        found = pattern.search(text)
        if found is not None:
            return _from_parts(found, home)
    return _relative(text, home, seen_at)


def _standard(raw: str) -> ReadDate | None:
    """Read RFC 822 and RFC 3339 as they ought to be written; None for the least deviation."""
    try:
        if raw[:1].isdigit() and _RFC_3339.fullmatch(raw):
            return ReadDate(datetime.fromisoformat(raw).astimezone(UTC), "minute")
        found = _RFC_822.fullmatch(raw)
        if found is None:
            return None
        day, name, year, clock, offset = found.groups()
        month = _MONTHS.get(name.lower())
        if month is None:
            return None
        at = datetime.fromisoformat(f"{year}-{month:02}-{day:0>2}T{clock}{offset or 'Z'}")
    except ValueError:
        return None
    return ReadDate(at.astimezone(UTC), "minute")


def _normalised(raw: str) -> str:
    text = unicodedata.normalize("NFKC", raw[:LONGEST]).strip()
    if any(char in _HAN_DIGITS for char in text):
        text = _without_han_numerals(text)
    return text.replace("\u2236", ":").replace("\ufe55", ":")


def _without_han_numerals(text: str) -> str:
    """二〇一九年八月二十三日 → 2019年8月23日; weekday names keep theirs."""
    text = re.sub(
        "[〇零○一二三四五六七八九]{4}(?=年)",
        lambda year: "".join(_HAN_DIGITS[char] for char in year.group()),
        text,
    )
    return re.sub(
        "[一二三四五六七八九十]{1,3}(?=[月日点时分])(?<!星期[一二三四五六])",
        lambda number: str(_han_number(number.group())),
        text,
    )


def _han_number(han: str) -> int:
    tens, ten, ones = han.rpartition("十")
    if not ten:
        return int("".join(_HAN_DIGITS[char] for char in han))
    return int(_HAN_DIGITS.get(tens, "1")) * 10 + int(_HAN_DIGITS.get(ones, "0"))


def _from_stamp(text: str) -> ReadDate:
    """Seconds or milliseconds since 1970, ten or thirteen digits."""
    seconds = int(text[:10])
    return ReadDate(_EPOCH + timedelta(seconds=seconds), "minute")


def _from_parts(found: re.Match[str], home: ZoneInfo) -> ReadDate | None:
    parts = found.groupdict()
    month = _month(parts["month"])
    if month is None:
        return None
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += (
            2000 if year < 70 else 1900
        )  # RFC 822's two digits, read as RFC 2822 section 4.3 does
    named = parts.get("zone_name")
    tail = named if named is not None else found.string[found.end() :]
    try:
        day = datetime(year, month, int(parts["day"]))  # noqa: DTZ001  the zone follows below
    except ValueError:
        return None
    return _at(day, parts, _zone(tail, home))


def _month(raw: str) -> int | None:
    digits = raw.removesuffix("月")
    return int(digits) if digits.isdigit() else _MONTHS.get(raw[:3].lower())


def _at(day: datetime, parts: dict[str, str | None], zone: tzinfo) -> ReadDate | None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None
    clock = _clock(parts)
    if clock is None:
        # Day precision: an hour that is missing or cannot be (25:61) is not invented.
        return ReadDate(datetime.combine(day, _NOON, zone).astimezone(UTC), "day")
    return ReadDate((day + clock).replace(tzinfo=zone).astimezone(UTC), "minute")


def _clock(parts: dict[str, str | None]) -> timedelta | None:
    """Time since midnight of a match's clock groups; 24:00 is the next midnight."""
    if not parts.get("hour"):
        return None
    hour = int(parts["hour"] or 0)
    minute = int(parts.get("minute") or 0)
    second = min(int(parts.get("second") or 0), 59) if parts.get("second") != "60" else 59
    half = (parts.get("half") or parts.get("half_after") or "").lower()
    if half.startswith(_EVENING) and hour <= 12:
        hour = hour + 12 if hour < 12 or half.startswith("晚") else 12
    elif half == "中午" and hour < 3:
        hour += 12
    elif half[:1] in {"a", "凌", "午"} and hour == 12:
        hour = 0
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(tail: str, home: ZoneInfo) -> tzinfo:
    """The zone printed right after a time; `home` for none, for CST and for words that are no zone."""
    found = _ZONE.match(tail)
    if found is None:
        return home
    if (word := found["word"]) is not None:
        hours = _OFFSETS.get(word.lower())
        return home if hours is None else timezone(timedelta(hours=hours))
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if offset >= timedelta(hours=15) or (found["minutes"] is None and found["name"] is None):
        return home
    return timezone(-offset if found["sign"] == "-" else offset)


def _relative(text: str, home: ZoneInfo, seen_at: datetime) -> ReadDate | None:
    here = seen_at.astimezone(home)
    if found := _AGO.search(text):
        return _ago(found, here)
    if found := _DAY_WORD.search(text):
        today = datetime(here.year, here.month, here.day)  # noqa: DTZ001  the zone follows in _at
        day = today - timedelta(days=_DAYS_BACK[found["word"][0]])
        return _at(day, found.groupdict(), home)
    if _JUST_NOW.search(text):
        return ReadDate(seen_at.astimezone(UTC), "minute")
    if found := _YEARLESS.search(text):
        return _yearless(found, here, home)
    return None


def _ago(found: re.Match[str], here: datetime) -> ReadDate:
    count = 0.5 if found["count"] == "半" else float(found["count"])
    if (seconds := _UNITS.get(found["unit"])) is not None:
        return ReadDate((here - timedelta(seconds=count * seconds)).astimezone(UTC), "minute")
    day = here.date() - timedelta(days=int(count * _LONG_UNITS[found["unit"]]))
    return ReadDate(datetime.combine(day, _NOON, here.tzinfo).astimezone(UTC), "day")


def _yearless(found: re.Match[str], here: datetime, home: ZoneInfo) -> ReadDate | None:
    """The latest such day that is not more than a day ahead of `here`."""
    for year in range(here.year + 1, here.year - 8, -1):  # a 29 February is up to eight years back
        try:
            day = datetime(year, int(found["month"]), int(found["day"]))  # noqa: DTZ001  as above
        except ValueError:
            continue
        read = _at(day, found.groupdict(), home)
        if read is not None and read.at <= here + _AHEAD:
            return read
    return None
