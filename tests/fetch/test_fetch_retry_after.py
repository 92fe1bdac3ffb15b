"""Retry-After: seconds or a date, never more than 31 days, never a guess."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedsvc.fetch.retry_after import read_retry_after

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MONTH = 31 * 86_400


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("0", 0),
        (" 120 ", 120),
        ("99999999", MONTH),
        ("9" * 5000, MONTH),
        ("Mon, 23 Nov 2026 08:02:00 GMT", 120),
        ("Monday, 23-Nov-26 08:02:00 GMT", 120),
        ("Mon Nov 23 08:02:00 2026", 120),
        ("Mon, 23 Nov 2026 16:02:00 +0800", 120),
        ("Mon, 23 Nov 2026 07:00:00 GMT", 0),
        ("Tue, 23 Nov 2027 08:00:00 GMT", MONTH),
        ("Mon, 99 Nov 2026 08:02:00 GMT", None),
        ("Mon, 23 Nov 99999 08:02:00 GMT", None),
    ],
)
def test_retry_after(raw: str | None, seconds: int | None) -> None:
    assert read_retry_after(raw, NOW) == seconds
