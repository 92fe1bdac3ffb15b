"""compare: what an editor is told before other rules are used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.article import Article, Content, Draft
from feedsvc.domain.decision import Decision, Duplicate, New, Unchanged, Updated, Withdrawn
from feedsvc.domain.item import Dateline
from feedsvc.ingest.difference import SAMPLES, compare
from tests.ingest.test_ingest_decide import AT, draft, known

OLD = Content(title="渡口通航", body_html="<p>望川渡口今天通航。</p>", editors=("文静",))


def updated(before: Content, after: Content, number: int = 1) -> Updated:
    article: Article = replace(known(before).article, id=number)
    return Updated(
        draft=draft(after),
        known=replace(known(before), article=article),
        content=after,
        status="live",
        kind="updated",
    )


def test_every_outcome_has_its_count() -> None:
    one: Draft = draft(OLD)
    decisions: list[Decision] = [
        New(draft=one),
        updated(OLD, replace(OLD, title="渡口恢复通航")),
        Unchanged(draft=one, known=known(OLD)),
        Duplicate(draft=one, known=known(OLD)),
        Withdrawn(draft=one, known=known(OLD)),
    ]
    found = compare(decisions)
    assert (found.compared, found.new, found.changed) == (5, 1, 1)
    assert (found.unchanged, found.referred) == (2, 1)


@pytest.mark.parametrize(
    ("name", "after", "filled", "emptied"),
    [
        ("title", "渡口恢复通航", 0, 0),
        ("editors", (), 0, 1),
        ("authors", ("林晚晴",), 1, 0),
        ("dateline", Dateline(place="望川"), 1, 0),
        ("body_html", "<p>望川渡口明天通航。</p>", 0, 0),
    ],
)
def test_a_field_is_counted_as_changed_filled_or_emptied(
    name: str, after: object, filled: int, emptied: int
) -> None:
    found = compare([updated(OLD, replace(OLD, **{name: after}))])  # type: ignore[arg-type]
    assert list(found.fields) == [name]
    field = found.fields[name]
    assert (field.changed, field.filled, field.emptied) == (1, filled, emptied)
    [sample] = field.samples
    assert sample.before != sample.after
    assert sample.article == 1


def test_long_texts_are_shown_where_they_begin_to_differ() -> None:
    text = "渡口的故事。" * 100
    before = replace(OLD, body_html=f"<p>{text}甲</p><p>{text}</p>")
    after = replace(OLD, body_html=f"<p>{text}乙</p><p>{text}</p>")
    [sample] = compare([updated(before, after)]).fields["body_html"].samples
    assert sample.before.index("甲") == sample.after.index("乙") < 40
    assert sample.before.startswith("…")
    assert sample.before.endswith("…")


def test_markup_alone_is_a_difference_that_can_be_seen() -> None:
    after = replace(OLD, body_html="<div>望川渡口今天通航。</div>")
    [sample] = compare([updated(OLD, after)]).fields["body_html"].samples
    assert "<p>" in sample.before
    assert "<div>" in sample.after


def test_of_many_only_a_few_are_shown() -> None:
    found = compare([updated(OLD, replace(OLD, title=f"第{n}天"), n) for n in range(9)])
    assert found.fields["title"].changed == 9
    assert len(found.fields["title"].samples) == SAMPLES


def test_what_an_editor_did_is_told_apart() -> None:
    new = replace(OLD, title="规则给的标题")
    edited = Unchanged(draft=draft(new), known=known(OLD, edited_fields=("title",)))
    withdrawn = Unchanged(draft=draft(new), known=known(OLD, status="withdrawn"))
    same = Unchanged(draft=draft(OLD), known=known(OLD, edited_fields=("title",)))
    found = compare([edited, withdrawn, same])
    assert (found.shielded, found.changed) == (2, 0)


def test_times_that_read_otherwise_are_told_and_no_more() -> None:
    later = replace(draft(OLD), published_at=AT.replace(hour=9))
    guessed = replace(later, published_precision="none")
    found = compare(
        [Unchanged(draft=later, known=known(OLD)), Unchanged(draft=guessed, known=known(OLD))]
    )
    assert (found.published, found.fields) == (1, {})
