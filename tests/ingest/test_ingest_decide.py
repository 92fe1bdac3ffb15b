"""decide: every branch, each with the intent that a reader or an editor would expect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.article import Article, Content, Draft, Keys, Status
from feedsvc.domain.candidate import CandidateKind
from feedsvc.domain.decision import (
    Duplicate,
    Known,
    Match,
    New,
    Postponed,
    Referred,
    Retracted,
    Unchanged,
    Updated,
    Withdrawn,
)
from feedsvc.domain.item import Marker
from feedsvc.domain.source import Policy
from feedsvc.ingest.decide import decide, under_other_name
from feedsvc.ingest.resemblance import QUICK_REVISIONS

AT = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
WORDS = Content(title="云岭开通夜间便民窗口", body_html="<p>云岭镇派出所的窗口亮到晚上九点。</p>")
WITHDRAWN = Marker(status="withdrawn", reason="内容失实")
CORRECTED = Marker(status="corrected", reason="日期有误")


def draft(
    content: Content = WORDS,
    *,
    source_hash: str = "said-1",
    marker: Marker | None = None,
    guid: str | None = "g1",
    rechecked: bool = False,
) -> Draft:
    return Draft(
        keys=Keys(guid=guid, url="https://partner.example/1", content_hash="h1"),
        content=content,
        published_at=AT,
        published_precision="minute",
        updated_at=AT,
        source_hash=source_hash,
        marker=marker,
        rechecked=rechecked,
    )


def known(
    content: Content = WORDS,
    *,
    match: Match = "key",
    same_source: bool = True,
    source_hash: str | None = "said-1",
    status: Status = "live",
    edited_fields: tuple[str, ...] = (),
    open_review: CandidateKind | None = None,
    revision: int = 1,
) -> Known:
    article = Article(
        id=1,
        guid="urn:uuid:00000000-0000-4000-8000-000000000001",
        source="partner",
        source_title="云岭警务网",
        source_url="https://partner.example/rss.xml",
        category="gongan",
        category_title="公安要闻",
        content=content,
        published_at=AT,
        published_precision="minute",
        first_seen_at=AT,
        updated_at=AT,
        status=status,
        edited_fields=edited_fields,
        revision=revision,
    )
    return Known(
        article=article,
        match=match,
        same_source=same_source,
        source_hash=source_hash,
        open_review=open_review,
    )


@pytest.mark.parametrize(("policy", "status"), [("publish", "live"), ("review", "held")])
def test_unknown_item_is_new_under_the_sources_policy(policy: Policy, status: Status) -> None:
    wanted = New(draft=draft(), status=status, approved=policy == "publish")
    assert decide(draft(), None, policy=policy) == wanted


def test_withdrawal_of_something_we_never_had_stores_nothing() -> None:
    judged = draft(marker=WITHDRAWN)
    assert decide(judged, None, policy="publish") == Unchanged(draft=judged)


def test_same_words_again_change_nothing() -> None:
    assert decide(draft(), known(), policy="publish") == Unchanged(draft=draft(), known=known())


def test_changed_words_make_a_revision() -> None:
    changed = replace(WORDS, title="云岭夜间便民窗口延长到十点")
    decision = decide(draft(changed, source_hash="said-2"), known(), policy="publish")
    assert isinstance(decision, Updated)
    assert decision.content == changed
    assert (decision.kind, decision.status) == ("updated", "live")


def test_partners_correction_is_marked_with_its_reason() -> None:
    changed = replace(WORDS, title="云岭夜间便民窗口延长到十点")
    judged = draft(changed, source_hash="said-2", marker=CORRECTED)
    decision = decide(judged, known(), policy="publish")
    assert isinstance(decision, Updated)
    assert (decision.kind, decision.status, decision.reason) == (
        "corrected",
        "corrected",
        "日期有误",
    )


def test_correction_marker_alone_is_worth_a_revision_once() -> None:
    judged = draft(source_hash="said-2", marker=CORRECTED)
    assert isinstance(decide(judged, known(), policy="publish"), Updated)
    seen = known(source_hash="said-2", status="corrected")
    assert isinstance(decide(judged, seen, policy="publish"), Unchanged)


def test_held_article_stays_held_when_the_partner_changes_it() -> None:
    changed = replace(WORDS, title="云岭夜间便民窗口延长到十点")
    judged = draft(changed, source_hash="said-2", marker=CORRECTED)
    decision = decide(judged, known(status="held"), policy="review")
    assert isinstance(decision, Updated)
    assert decision.status == "held"


def test_partner_withdraws_its_own_article() -> None:
    judged = draft(marker=WITHDRAWN, source_hash="said-2")
    decision = decide(judged, known(), policy="publish")
    assert decision == Withdrawn(draft=judged, known=known(), reason="内容失实")


def test_withdrawal_goes_to_an_editor_where_the_source_is_reviewed_or_unsure() -> None:
    judged = draft(marker=WITHDRAWN, source_hash="said-2")
    decision = decide(judged, known(), policy="publish", on_withdrawal="review")
    assert decision == Referred(draft=judged, known=known(), kind="withdrawn", reason="内容失实")
    unsure = draft(marker=replace(WITHDRAWN, certain=False), source_hash="said-2")
    assert isinstance(decide(unsure, known(), policy="publish"), Referred)


def test_a_withdrawal_that_was_judged_is_not_judged_again() -> None:
    seen = known(source_hash="said-2")
    judged = draft(marker=WITHDRAWN, source_hash="said-2")
    for policy in ("auto", "review"):
        decision = decide(judged, seen, policy="publish", on_withdrawal=policy)
        assert decision == Unchanged(draft=judged, known=seen)


def test_correction_goes_to_an_editor_where_the_source_is_reviewed() -> None:
    changed = replace(WORDS, title="云岭夜间便民窗口延长到十点")
    judged = draft(changed, source_hash="said-2", marker=CORRECTED)
    decision = decide(judged, known(), policy="publish", on_withdrawal="review")
    assert decision == Referred(
        draft=judged, known=known(), kind="corrected", reason="日期有误", proposed=changed
    )


def test_article_under_review_stays_as_it_is_when_the_mark_is_taken_off() -> None:
    changed = replace(WORDS, title="云岭夜间便民窗口延长到十点")
    waiting = known(open_review="corrected")
    judged = draft(changed, source_hash="said-3")
    decision = decide(judged, waiting, policy="publish", on_withdrawal="review")
    assert isinstance(decision, Referred)
    assert (decision.kind, decision.proposed) == ("corrected", changed)


def test_unmarked_change_needs_no_editor() -> None:
    judged = draft(replace(WORDS, title="云岭夜间便民窗口延长到十点"), source_hash="said-2")
    decision = decide(judged, known(), policy="publish", on_withdrawal="review")
    assert isinstance(decision, Updated)


def test_another_source_can_take_back_only_its_own_appearance() -> None:
    judged = draft(marker=WITHDRAWN)
    foreign = known(match="url", same_source=False, source_hash=None)
    assert decide(judged, foreign, policy="publish") == Retracted(draft=judged, known=foreign)


STORY = (
    "云岭镇派出所把夜间窗口延长到晚上九点，群众下班后也能办证，窗口民警轮班值守，节假日不打烊。"
    "据统计，窗口开放以来共接待群众一百二十人次，办结户籍和出入境业务九十余件。"
)


def told(text: str, title: str = WORDS.title) -> Content:
    return Content(title=title, body_html=f"<p>{text}</p>")


@pytest.mark.parametrize(
    ("new", "taken"),
    [
        (told(STORY.replace("晚上九点", "晚上十点")), True),
        (told(STORY, title="更清楚的标题"), True),
        (told(STORY[:50]), True),  # the partner shortened its own text
        (told("全新的正文。" * 20), True),  # under the same title
        (told("您访问的内容已被删除。"), False),
        (told("首页 要闻 法治 社区 视频 专题" * 8, title="云岭警务网"), False),
    ],
)
def test_a_page_looked_at_again_is_taken_only_while_it_holds_our_article(
    new: Content, taken: bool
) -> None:
    judged = draft(new, source_hash="said-2", rechecked=True)
    decision = decide(judged, known(told(STORY)), policy="publish")
    assert isinstance(decision, Updated if taken else Referred)
    if isinstance(decision, Referred):
        assert (decision.kind, decision.proposed) == ("replaced", new)


@pytest.mark.parametrize(
    ("text", "revision", "hours", "taken"),
    [
        (STORY + "阅读：1288", QUICK_REVISIONS, 0.1, True),
        (STORY + "阅读：1288", QUICK_REVISIONS + 1, 23, False),
        (STORY + "阅读：1288", QUICK_REVISIONS + 1, 25, True),
        (STORY + "另悉，窗口将增至三个。", QUICK_REVISIONS + 1, 0.5, False),
        (STORY + "另悉，窗口将增至三个。", QUICK_REVISIONS + 1, 1.5, True),
    ],
)
def test_a_page_that_never_stops_changing_is_paced(
    text: str, revision: int, hours: float, taken: bool
) -> None:
    judged = draft(told(text), source_hash="said-2")
    seen = known(told(STORY + "阅读：1287"), revision=revision)
    now = AT + timedelta(hours=hours)
    decision = decide(judged, seen, policy="publish", now=now)
    assert isinstance(decision, Updated if taken else Postponed)


def test_an_announced_correction_is_never_postponed() -> None:
    judged = draft(told(STORY + "阅读：1288"), source_hash="said-2", marker=CORRECTED)
    seen = known(told(STORY), revision=QUICK_REVISIONS + 9)
    assert isinstance(decide(judged, seen, policy="publish", now=AT), Updated)


def test_another_source_cannot_change_it() -> None:
    judged = draft(replace(WORDS, title="改头换面的标题"), source_hash="said-9")
    foreign = known(match="key", same_source=False, source_hash="said-8")
    assert isinstance(decide(judged, foreign, policy="publish"), Unchanged)


def test_what_we_withdrew_stays_withdrawn() -> None:
    judged = draft(replace(WORDS, title="又来了"), source_hash="said-2")
    assert isinstance(decide(judged, known(status="withdrawn"), policy="publish"), Unchanged)


def test_new_guid_at_a_known_url_with_the_same_title_is_the_same_article() -> None:
    seen = known(match="url", source_hash=None)
    decision = decide(draft(source_hash="said-1"), seen, policy="publish")
    assert not isinstance(decision, New)


def test_new_guid_at_a_reused_url_with_another_title_is_another_article() -> None:
    words = Content(title="每日简报(二)", body_html="<p>河口渡轮明日起改在南岸码头停靠。</p>")
    other = draft(words, guid="g2")
    decision = decide(other, known(match="url", source_hash=None), policy="publish")
    assert isinstance(decision, New)
    # The URL already names the other article.
    assert decision.draft.keys == Keys(guid="g2")


def test_same_text_under_another_name_is_one_more_appearance() -> None:
    seen = known(match="hash", source_hash="said-1")
    assert decide(draft(guid="g2"), seen, policy="publish") == Duplicate(
        draft=draft(guid="g2"), known=seen
    )


def test_editors_words_outlast_the_partners() -> None:
    ours = replace(WORDS, title="编辑改过的标题")
    theirs = replace(WORDS, title="合作方的新标题", body_html="<p>合作方补充了一段。</p>")
    decision = decide(
        draft(theirs, source_hash="said-2"),
        known(ours, edited_fields=("title",)),
        policy="publish",
    )
    assert isinstance(decision, Updated)
    assert decision.content.title == "编辑改过的标题"
    assert decision.content.body_html == "<p>合作方补充了一段。</p>"


def test_change_that_touches_only_edited_fields_is_no_revision() -> None:
    ours = replace(WORDS, title="编辑改过的标题")
    theirs = replace(WORDS, title="合作方的新标题")
    seen = known(ours, edited_fields=("title",))
    assert isinstance(
        decide(draft(theirs, source_hash="said-2"), seen, policy="publish"), Unchanged
    )


def test_feed_that_shortens_to_titles_does_not_empty_the_text() -> None:
    bare = replace(WORDS, title="云岭夜间窗口", body_html="")
    decision = decide(draft(bare, source_hash="said-2"), known(), policy="publish")
    assert isinstance(decision, Updated)
    assert decision.content.body_html == WORDS.body_html


@given(
    title=st.text(min_size=1, max_size=20),
    status=st.sampled_from(["live", "corrected", "withdrawn", "held"]),
    marker=st.sampled_from([None, WITHDRAWN, CORRECTED]),
    same_source=st.booleans(),
)
def test_deciding_twice_changes_nothing_more(
    title: str, status: Status, marker: Marker | None, same_source: bool
) -> None:
    judged = draft(replace(WORDS, title=title), source_hash="said-2", marker=marker)
    decision = decide(judged, known(status=status, same_source=same_source), policy="publish")
    if isinstance(decision, Updated):
        after = known(decision.content, status=decision.status, source_hash="said-2")
    elif isinstance(decision, Withdrawn):
        after = known(status="withdrawn", source_hash="said-2")
    else:
        return
    assert isinstance(decide(judged, after, policy="publish"), Unchanged)


def test_withdrawal_at_a_known_url_holds_under_any_guid_and_title() -> None:
    told = draft(Content(title="撤稿"), guid="retraction-9", marker=WITHDRAWN)
    decision = decide(told, known(match="url", source_hash=None), policy="publish")
    assert isinstance(decision, Withdrawn)


def test_known_guid_with_another_link_title_and_text_is_another_article() -> None:
    words = Content(title="河口渡轮改停南岸码头", body_html="<p>渡轮明日起改在南岸停靠。</p>")
    other = replace(
        draft(words, source_hash="said-2"),
        keys=Keys(guid="g1", url="https://partner.example/2", content_hash="h2"),
    )
    seen = known()
    seen = replace(seen, article=replace(seen.article, link="https://partner.example/1"))
    renamed = under_other_name(other, seen)
    assert renamed is not None
    assert renamed.keys.guid == "g1|https://partner.example/2"
    assert under_other_name(other, replace(seen, match="url")) is None
    moved = replace(other, content=replace(WORDS, title="云岭窗口延长"))
    assert under_other_name(moved, seen) is None
    assert isinstance(decide(moved, seen, policy="publish"), Updated)
