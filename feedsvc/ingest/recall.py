"""Which stored article each draft of a poll is: the ladder of names, and again where one misled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from feedsvc.domain.article import Draft, Keys
from feedsvc.domain.decision import Known
from feedsvc.ingest.decide import under_other_name

LookUp = Callable[[Sequence[Keys]], list[Known | None]]


def recall(
    drafts: Sequence[Draft], look_up: LookUp
) -> tuple[tuple[Draft, ...], list[Known | None]]:
    """Return the drafts under the names that they are to go by, and the article that each is.

    A guid that turned out to be another article's is left, and the draft is looked up once more by
    guid and link together, its URL and its text. Pure, but for looking up.
    """
    known = look_up([draft.keys for draft in drafts])
    renamed = {
        at: other
        for at, (draft, found) in enumerate(zip(drafts, known, strict=True))
        if found is not None and (other := under_other_name(draft, found)) is not None
    }
    if not renamed:
        return tuple(drafts), known
    again = look_up([draft.keys for draft in renamed.values()])
    for at, found in zip(renamed, again, strict=True):
        known[at] = found
    return tuple(renamed.get(at, draft) for at, draft in enumerate(drafts)), known
