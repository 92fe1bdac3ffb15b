"""assign_keys: which names identify, and which do not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.item import Item
from feedsvc.ingest.identity import assign_keys, content_hash

LONG = (
    "江湾区公安分局在三处集市设点，为商户现场办理居住登记，全天接待群众二百余人次，并发放防骗提示。"
)


def item(
    guid: str | None = None, link: str | None = None, title: str = "集市上的窗口", text: str = LONG
) -> Item:
    return Item(guid=guid, link=link, title=title, content_html=f"<p>{text}</p>")


def test_guid_goes_before_url_before_text() -> None:
    [(_, by_guid)] = assign_keys([item("g1", "https://partner.example/a/1.html")])
    [(_, by_url)] = assign_keys([item(None, "https://partner.example/a/1.html")])
    [(_, by_text)] = assign_keys([item()])
    assert by_guid.primary == "guid:g1"
    assert by_url.primary == "url:https://partner.example/a/1.html"
    assert by_text.primary.startswith("hash:")


def test_home_page_names_no_article() -> None:
    [(_, keys)] = assign_keys([item("g1", "https://partner.example/")])
    assert keys.url is None


def test_link_shared_by_several_items_names_none_of_them() -> None:
    items = [
        item("g1", "https://partner.example/brief.html", "简报一", LONG + "一"),
        item("g2", "https://partner.example/brief.html", "简报二", LONG + "二"),
    ]
    assert [keys.url for _, keys in assign_keys(items)] == [None, None]


def test_guid_shared_by_different_links_is_joined_with_the_link_for_all() -> None:
    items = [
        item("same", "https://partner.example/1.html", "一", LONG + "一"),
        item("same", "https://partner.example/2.html", "二", LONG + "二"),
    ]
    assert [keys.guid for _, keys in assign_keys(items)] == [
        "same|https://partner.example/1.html",
        "same|https://partner.example/2.html",
    ]


def test_item_that_only_repeats_another_is_left_out() -> None:
    twice = [item("g1", "https://partner.example/1.html")] * 2
    assert len(assign_keys(twice)) == 1


def test_same_text_under_two_guids_keeps_both_and_says_so() -> None:
    items = [
        item("g1", "https://partner.example/1.html"),
        item("g2", "https://partner.example/2.html"),
    ]
    (_, first), (annotated, second) = assign_keys(items)
    assert first.content_hash is not None
    assert second.content_hash is None
    assert annotated.repairs[-1].kind == "same_text_as_other_item"


def test_short_text_names_no_article() -> None:
    assert content_hash("通知", "<p>今日无新闻发布。</p>") is None


def test_text_hash_ignores_layout() -> None:
    assert content_hash("集市 窗口", f"<p>{LONG}</p>") == content_hash(
        "集市窗口", f"<div> {LONG[:10]} {LONG[10:]}</div>"
    )


names = st.none() | st.sampled_from(["g1", "g2", "g3"])
links = st.none() | st.sampled_from(
    ["https://partner.example/", "https://partner.example/1", "https://partner.example/2"]
)
items = st.builds(
    item, names, links, st.sampled_from(["", "甲", "乙"]), st.sampled_from(["", LONG])
)


@given(st.lists(items, max_size=8))
def test_no_two_items_of_a_document_share_a_name(drawn: list[Item]) -> None:
    keyed = assign_keys(drawn)
    primaries = [keys.primary for _, keys in keyed]
    assert len(set(primaries)) == len(primaries)
    for values in ([k.url for _, k in keyed], [k.content_hash for _, k in keyed]):
        set_values = [value for value in values if value is not None]
        assert len(set(set_values)) == len(set_values)


@given(st.lists(items, max_size=8))
def test_every_distinct_item_is_kept(drawn: list[Item]) -> None:
    kept = {(i.guid, i.link, i.title, i.content_html) for i, _ in assign_keys(drawn)}
    named = [i for i in drawn if i.guid is not None]
    assert {(i.guid, i.link) for i in named} <= {(guid, link) for guid, link, _, _ in kept}


def test_guid_and_link_shared_by_different_items_are_told_apart_by_their_titles() -> None:
    page = "https://partner.example/briefs.html"
    items = [
        item("same", page, "渡口停航", "渡口因大风停航一天，预计明早恢复，请过往旅客留意公告。"),
        item("same", page, "夜市开张", "老街夜市今晚开张，共有六十个摊位，停车请走东门入口处。"),
    ]
    assert len({keys.guid for _, keys in assign_keys(items)}) == 2


def test_an_older_state_of_an_item_in_the_same_document_is_no_other_item() -> None:
    page = "https://partner.example/1.html"
    older = item("g1", page, "集市上的窗口")
    newer = item("g1", page, "集市上的便民窗口")
    [(kept, keys)] = assign_keys([newer, older])
    assert (kept, keys.guid) == (newer, "g1")
