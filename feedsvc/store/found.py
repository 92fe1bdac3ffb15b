"""A search as a feed: where it stands and what it holds, read in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from feedsvc.domain.feed import FeedState, Selection, Snapshot
from feedsvc.store import categories, feeds, search, sources
from feedsvc.store.search import Scope

SEARCH = "search"


def found_ids(session: Session, selection: Selection, most: int) -> Sequence[int]:
    """Return the numbers of readable articles that a search finds, the last stored first.

    Raises `NotFound` for a category or source that is none of ours.
    """
    if selection.category is not None:
        categories.get(session, selection.category)
    if selection.source is not None:
        sources.get(session, selection.source)
    scope = Scope(category=selection.category, source=selection.source, readable=True)
    return search.search(session, selection.words, scope, limit=most).ids


def snapshot(session: Session, selection: Selection, most: int, name: str) -> Snapshot:
    """Read what a search finds, as of the last change of all that it finds or that was corrected.

    `name` is what its permanent id comes of. What vanishes from a search was corrected or
    withdrawn, so its time never goes back. Raises `NotFound`.
    """
    ids = set(found_ids(session, selection, most))
    root = feeds.state(session, feeds.EVERYTHING).guid
    corrected_at = feeds.state(session, feeds.CORRECTIONS).updated_at
    state = FeedState(
        slug=SEARCH,
        guid=uuid.uuid5(uuid.UUID(root), f"{SEARCH}{name}").urn,
        title=f"搜索：{selection.words}",
        description="",
        selection=selection,
        cursor=0,
        updated_at=corrected_at,
    )
    return feeds.snapshot_of(session, state, ids)
