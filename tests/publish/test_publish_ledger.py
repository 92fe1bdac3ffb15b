"""Which parts of archives are to be written: exactly those that would look different."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.publish.ledger import (
    Ledger,
    Outline,
    compare,
    dump,
    later_month,
    load,
    unwritten,
    urgent,
    with_looks,
    written,
)

SIZE = 3
ids = st.lists(st.integers(1, 30), unique=True, max_size=14).map(sorted)
befores = st.sampled_from(["", "2026-08", "2026-09"])
outlines = st.builds(Outline, ids=ids, before=befores, size=st.just(SIZE))


def shown(outline: Outline) -> list[object]:
    """What each part shows, written in another way than the ledger does."""
    cut = [outline.ids[start : start + SIZE] for start in range(0, len(outline.ids), SIZE)]
    return [
        (tuple(part), outline.before if part is cut[0] else None, part is not cut[-1])
        for part in cut
    ]


def all_written(ledger: Ledger) -> Ledger:
    for mark in ("now", "later"):
        while found := unwritten(ledger, mark):
            ledger = written(ledger, *found)
    return ledger


def marks(ledger: Ledger, month: str = "2026-10") -> list[str]:
    return [part.mark for part in ledger.months.get(month, ())]


BLANK = Ledger(edition="e", cursor=0)


@given(outlines, outlines, st.dictionaries(st.integers(1, 30), st.booleans(), max_size=4))
def test_those_parts_are_marked_that_differ_or_hold_what_changed(
    before: Outline, after: Outline, touched: dict[int, bool]
) -> None:
    ledger = all_written(compare(BLANK, "2026-10", before, {}))
    found = marks(compare(ledger, "2026-10", after, touched))
    was, now = shown(before), shown(after)
    assert len(found) == len(now)
    for number, part in enumerate(now):
        inside = [touched[each] for each in after.ids[number * SIZE :][:SIZE] if each in touched]
        if any(inside):
            assert found[number] == "now"
        else:
            same = number < len(was) and was[number] == part
            assert found[number] == ("" if same and not inside else "later")


@given(outlines, outlines)
def test_a_mark_stays_until_the_part_is_written(first: Outline, second: Outline) -> None:
    ledger = compare(BLANK, "2026-10", first, dict.fromkeys(first.ids, True))
    again = compare(ledger, "2026-10", second, {})
    both = min(len(marks(ledger)), len(marks(again)))
    assert marks(again)[:both] == ["now"] * both
    assert urgent(again) == [("2026-10", number + 1) for number in range(both)]
    assert unwritten(all_written(again), "later") is None


@given(outlines, st.text(max_size=3))
def test_a_ledger_is_read_as_it_was_written_and_only_in_its_edition(
    outline: Outline, edition: str
) -> None:
    ledger = compare(
        Ledger(
            edition=edition, cursor=4, base=2, looks={"": "公安"}, unseen=("2026-09", "2026-10")
        ),
        "2026-10",
        outline,
        {},
    )
    assert load(dump(ledger), edition) == ledger
    assert load(dump(ledger), f"{edition}+") is None


def test_what_is_no_ledger_is_none() -> None:
    for words in (None, b"", b"{", b"[]", b"7", b'{"edition": "e"}', b"\xff"):
        assert load(words, "e") is None


def test_what_looks_different_is_another_base_and_what_is_new_is_none() -> None:
    ledger = Ledger(edition="e", cursor=4, base=2, looks={"": "a", "gongan": "公安"})
    more = with_looks(ledger, {**ledger.looks, "he": "河边"}, 9)
    assert (more.base, more.looks["he"]) == (2, "河边")
    assert with_looks(more, {**more.looks, "gongan": "平安"}, 11).base == 11
    assert with_looks(more, {"": "a", "he": "河边"}, 11).base == 11


def test_another_base_marks_everything() -> None:
    outline = Outline(ids=[1, 2, 3, 4], before="", size=SIZE)
    ledger = all_written(compare(BLANK, "2026-10", outline, {}))
    changed = Ledger(edition="e", cursor=9, base=9, months=ledger.months)
    assert marks(compare(changed, "2026-10", outline, {})) == ["later", "later"]


def test_the_newest_part_is_written_first_and_the_month_after_is_known() -> None:
    outline = Outline(ids=[1, 2, 3, 4], before="", size=SIZE)
    ledger = compare(compare(BLANK, "2026-10", outline, {}), "2026-08", outline, {})
    assert unwritten(ledger, "later") == ("2026-10", 2)
    assert later_month(ledger, "2026-08") == "2026-10"
    assert later_month(ledger, "2026-10") is None
    assert (
        marks(compare(ledger, "2026-08", Outline(ids=[], before="", size=SIZE), {}), "2026-08")
        == []
    )


@given(outlines, outlines)
def test_what_has_left_a_part_and_must_be_seen_to_have_left_is_urgent(
    before: Outline, after: Outline
) -> None:
    ledger = all_written(compare(BLANK, "2026-10", before, {}))
    found = marks(compare(ledger, "2026-10", after, {}, at_once=True))
    was, now = shown(before), shown(after)
    for number in range(min(len(was), len(now))):
        assert found[number] == ("" if was[number] == now[number] else "now")
