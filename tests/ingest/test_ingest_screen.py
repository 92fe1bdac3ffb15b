"""screen: what each filter and word does to a draft, in which order, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.screening import Act, Condition, Filter, FilterField, House, HouseWord, Rewrite
from feedsvc.ingest.screen import holds, screen

AT = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
DRAFT = Draft(
    keys=Keys(guid="g1"),
    content=Content(
        title="云岭镇派出所 2026 年招聘辅警公告",
        body_html="<p>云岭镇派出所面向全市招聘辅警十二名。</p><p>报名截至<b>八月</b>底。</p>",
        summary="云岭镇派出所面向全市招聘辅警十二名。",
        attribution="云岭警务网",
        authors=("柳河 记者站",),
        tags=("公告", "人事"),
    ),
    published_at=AT,
    published_precision="minute",
    updated_at=AT,
    source_hash="said",
    link="https://partner.example/zhaopin/1.html",
)


def when(field: FilterField, pattern: str) -> tuple[Condition, ...]:
    return (Condition(field=field, pattern=pattern),)


def filtering(*filters: Filter) -> House:
    return House(filters=tuple(replace(each, id=n) for n, each in enumerate(filters, start=1)))


@pytest.mark.parametrize(
    ("field", "pattern", "matches"),
    [
        ("title", "招聘*公告", True),
        ("title", "公告*招聘", False),
        ("title", "派出所2026年", True),
        ("title", "２０２６", True),
        ("title", "*", True),
        ("text", "八月底", True),
        ("text", "<b>", False),
        ("author", "记者站", True),
        ("attribution", "警务网", True),
        ("tag", "人事", True),
        ("tag", "公告人事", False),
        ("link", "PARTNER.example/zhaopin/*.html", True),
        ("link", "partner.example/zhengce/", False),
    ],
)
def test_a_condition_looks_for_its_parts_in_their_order(
    field: FilterField, pattern: str, matches: bool
) -> None:
    verdict = screen(DRAFT, filtering(Filter(conditions=when(field, pattern), act="block")))
    assert (verdict.blocked is not None) == matches


def test_all_conditions_must_hold() -> None:
    both = (*when("title", "招聘"), *when("tag", "体育"))
    assert screen(DRAFT, filtering(Filter(conditions=both, act="block"))).blocked is None


@pytest.mark.parametrize(
    ("acts", "blocked", "policy"),
    [
        (("block",), True, None),
        (("keep", "block"), False, None),
        (("block", "keep"), True, None),
        (("hold",), False, "review"),
        (("publish",), False, "publish"),
        (("hold", "publish"), False, "review"),
        (("publish", "hold"), False, "publish"),
    ],
)
def test_the_first_of_a_pair_counts(
    acts: tuple[Act, ...], blocked: bool, policy: str | None
) -> None:
    verdict = screen(DRAFT, filtering(*(Filter(act=act, source="s") for act in acts)))
    assert (verdict.blocked is not None, verdict.draft.policy) == (blocked, policy)
    assert bool(verdict.draft.hold_reason) == (policy == "review")


def test_a_blocked_draft_is_named_with_its_filter() -> None:
    verdict = screen(DRAFT, filtering(Filter(source="s", act="block", note="招聘启事")))
    assert verdict.rejection is not None
    assert (verdict.rejection.subject, verdict.rejection.kind) == ("guid:g1", "blocked_by_filter")
    assert verdict.rejection.message == "#1 招聘启事"


def test_the_first_category_counts() -> None:
    first = Filter(conditions=when("tag", "人事"), act="category", category="renshi")
    second = Filter(conditions=when("tag", "公告"), act="category", category="gonggao")
    assert screen(DRAFT, filtering(first, second)).draft.category == "renshi"


def test_rewrites_add_up_and_later_filters_see_them() -> None:
    one = Filter(
        source="s", act="rewrite", rewrite=Rewrite(field="title", find="辅警", replace="协警")
    )
    two = Filter(
        source="s", act="rewrite", rewrite=Rewrite(field="title", find="协警公告", replace="启事")
    )
    three = Filter(conditions=when("title", "招聘启事"), act="hold")
    verdict = screen(DRAFT, filtering(one, two, three))
    assert verdict.draft.content.title == "云岭镇派出所 2026 年招聘启事"
    assert verdict.draft.policy == "review"


def test_a_rewrite_of_the_text_leaves_tags_alone_and_renews_the_summary() -> None:
    def by(find: str, put: str) -> Content:
        rewrite = Rewrite(field="text", find=find, replace=put)
        return screen(
            DRAFT, filtering(Filter(source="s", act="rewrite", rewrite=rewrite))
        ).draft.content

    assert by("b", "x") == DRAFT.content
    assert by("八月底", "九月") == DRAFT.content, "a find that a tag splits is not there"
    changed = by("十二名", "12 & 名")
    assert "招聘辅警12 &amp; 名。" in changed.body_html
    assert "12 & 名" in changed.summary


def test_an_author_may_be_rewritten_to_nothing_a_title_may_not() -> None:
    author = Rewrite(field="author", find="柳河 记者站", replace="")
    title = Rewrite(field="title", find=DRAFT.content.title, replace="")
    rewrites = [Filter(source="s", act="rewrite", rewrite=each) for each in (author, title)]
    content = screen(DRAFT, filtering(*rewrites)).draft.content
    assert (content.authors, content.title) == ((), DRAFT.content.title)


def test_a_word_holds_whatever_a_filter_says() -> None:
    words = (HouseWord(id=1, text="记者站", advice="记者"), HouseWord(id=2, text="无此词"))
    publish = filtering(Filter(source="s", act="publish")).filters
    verdict = screen(DRAFT, House(filters=publish, words=words))
    assert verdict.words == words[:1]
    assert (verdict.draft.policy, verdict.draft.hold_reason) == ("review", "记者站")


def test_a_word_is_found_across_tags_width_and_white_space() -> None:
    words = (HouseWord(id=1, text="截至八月"), HouseWord(id=2, text="２０２６年"))
    assert screen(DRAFT, House(words=words)).words == words


@given(st.lists(st.text("甲乙丙 *", max_size=6), max_size=4), st.text("甲乙丙 ", max_size=30))
def test_a_pattern_made_of_a_text_in_order_holds(parts: list[str], between: str) -> None:
    text = between.join(part.replace("*", "") for part in parts)
    assert holds("*".join(part.replace("*", "") for part in parts), text)


@given(st.text(max_size=200))
def test_an_empty_house_changes_nothing(title: str) -> None:
    draft = replace(DRAFT, content=replace(DRAFT.content, title=title))
    assert screen(draft, House()).draft == draft
    assert not House()
