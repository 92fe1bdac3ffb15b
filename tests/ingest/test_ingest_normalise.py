"""normalise: what is mended on the way from item to draft, and that it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.domain.article import Draft, Keys
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import Rejection
from feedsvc.ingest.normalise import normalise

SEEN = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
KEYS = Keys(guid="g1")


def drafted(item: Item) -> Draft:
    draft = normalise(item, KEYS, seen_at=SEEN)
    assert isinstance(draft, Draft)
    return draft


def kinds(draft: Draft) -> list[str]:
    return [repair.kind for repair in draft.repairs]


def test_missing_title_is_taken_from_the_text() -> None:
    draft = drafted(Item(content_html="<p>云岭镇夜间窗口今起开放。</p>", published_at=SEEN))
    assert draft.content.title == "云岭镇夜间窗口今起开放。"
    assert kinds(draft) == ["title_from_text"]


def test_item_without_title_and_text_is_rejected_by_name() -> None:
    rejection = normalise(Item(link="https://partner.example/1"), KEYS, seen_at=SEEN)
    assert rejection == Rejection(
        subject="guid:g1", kind="empty_item", message="neither a title nor a text"
    )


@pytest.mark.parametrize(
    ("claimed", "expected", "precision", "repairs"),
    [
        (SEEN - timedelta(days=2), SEEN - timedelta(days=2), "minute", []),
        (SEEN + timedelta(minutes=5), SEEN + timedelta(minutes=5), "minute", []),
        (SEEN + timedelta(days=3), SEEN, "none", ["impossible_date"]),
        (datetime(1970, 1, 1, tzinfo=UTC), SEEN, "none", ["impossible_date"]),
        (None, SEEN, "none", ["date_from_first_sight"]),
    ],
)
def test_published_is_believed_only_when_possible(
    claimed: datetime | None, expected: datetime, precision: str, repairs: list[str]
) -> None:
    item = Item(title="一", published_at=claimed, published_precision="minute")
    draft = drafted(item)
    assert (draft.published_at, draft.published_precision) == (expected, precision)
    assert kinds(draft) == repairs


def test_day_of_today_whose_noon_is_to_come_is_no_future_date() -> None:
    noon = datetime(2026, 8, 8, 4, 0, tzinfo=UTC)
    draft = drafted(Item(title="一", published_at=noon, published_precision="day"))
    assert (draft.published_at, draft.published_precision) == (SEEN, "day")
    assert kinds(draft) == []


def test_updated_alone_dates_an_item() -> None:
    draft = drafted(Item(title="一", updated_at=SEEN - timedelta(hours=1)))
    assert draft.published_at == SEEN - timedelta(hours=1)


@pytest.mark.parametrize("hours", [-5, 24])
def test_updated_before_published_or_in_the_future_is_not_used(hours: int) -> None:
    published = SEEN - timedelta(hours=2)
    item = Item(
        title="一",
        published_at=published,
        published_precision="minute",
        updated_at=SEEN + timedelta(hours=hours),
    )
    assert drafted(item).updated_at == published


def test_partners_own_summary_is_kept_apart_from_the_text() -> None:
    draft = drafted(
        Item(title="一", summary_html="<p>三句话的<b>摘要</b>。</p>", content_html="<p>全文。</p>")
    )
    assert draft.content.summary == "三句话的摘要。"
    assert draft.content.body_html == "<p>全文。</p>"


def test_summary_alone_is_the_text() -> None:
    draft = drafted(Item(title="一", summary_html="<p>只有摘要。</p>"))
    assert draft.content.body_html == "<p>只有摘要。</p>"


def test_a_tag_loses_its_markup_so_that_its_feed_has_the_name_that_is_shown() -> None:
    item = Item(
        title="标题", content_html="<p>正文</p>", categories=("<b>类</b>", "类", "甲<乙", "<i></i>")
    )
    assert drafted(item).content.tags == ("类", "甲<乙")
