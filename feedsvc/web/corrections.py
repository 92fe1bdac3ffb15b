"""The page of corrections: what was corrected or withdrawn, and why, the last one first."""

from __future__ import annotations

from flask import Blueprint, Response

from feedsvc.i18n.catalogue import translate
from feedsvc.store import categories, feeds
from feedsvc.store.feeds import Window
from feedsvc.web import present
from feedsvc.web.house import house
from feedsvc.web.pages import Frame, page, visitor_language

corrections = Blueprint("corrections", __name__)

PATH = "/corrections"
SHOWN = Window(least=50, hours=0, most=50)


@corrections.get(PATH)
def record() -> Response:
    """The newest corrections and withdrawals of all categories."""
    with house().services.db.read() as session:
        snapshot = feeds.snapshot(session, feeds.CORRECTIONS, SHOWN)
        sections = categories.open_categories(session)
    language = visitor_language()
    frame = Frame(
        title=translate(language, "web.corrections.title"),
        path=PATH,
        description=translate(language, "web.corrections.what"),
        canonical=f"{house().site.base_url}{PATH}",
        feed=feeds.CORRECTIONS,
        feed_title=snapshot.state.title,
        categories=sections,
    )
    values = {
        "state": snapshot.state,
        "amended": [present.amendment(article) for article in snapshot.articles],
    }
    return page("corrections.html", frame, values)
