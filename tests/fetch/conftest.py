"""Tests that ask for `carrier` run twice: a fetch that is waited for, and one that is started."""

from __future__ import annotations

import pytest

from tests.fetch.fetching import EitherWay


@pytest.fixture(params=["waiting", "started"])
def carrier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    way: str = request.param
    monkeypatch.setattr(EitherWay, "starting", way == "started")
    return way
