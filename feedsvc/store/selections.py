"""What a feed selects, as conditions on articles and on the log of their changes.

Each is written for the index that keeps it fast at any number of articles. A category has its own
windows (shown, category, published, id) and its own log (category, cursor). What is found by a
label begins at `labelled`, which has the same two indexes for every label.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import QueryableAttribute, Session

from feedsvc.domain.feed import Selection
from feedsvc.store.columns import AnySelect
from feedsvc.store.labels import AUTHORS, CORRECTIONS, SOURCES, TAGS, Name
from feedsvc.store.tables import ARTICLE, CATEGORY, CHANGE
from feedsvc.store.tables_labels import LABEL, LABELLED

Column = ColumnElement[Any] | QueryableAttribute[Any]


def articles_of(selection: Selection, *columns: Column) -> AnySelect:
    """Return the query for columns of all articles that a selection has; add `is_shown()` to it."""
    statement: Any = select(*columns)
    label = _label_of(selection)
    if label is not None:
        statement = statement.select_from(LABELLED).join(
            ARTICLE, ARTICLE.c.id == LABELLED.c.article_id
        )
        statement = statement.where(_is_labelled(label))
    if selection.category is not None:
        statement = statement.where(ARTICLE.c.category_id == _category_id(selection.category))
    narrowed: AnySelect = statement
    return narrowed


def placed_at(selection: Selection) -> Column:
    """Return the column that orders a selection's articles in time; ask `articles_of` for it."""
    return ARTICLE.c.published_at if _label_of(selection) is None else LABELLED.c.sorted_at


def number_of(selection: Selection) -> Column:
    """Return the column that orders articles of one moment, as `placed_at` does."""
    return ARTICLE.c.id if _label_of(selection) is None else LABELLED.c.article_id


def changes_of(selection: Selection, *, last_only: bool) -> AnySelect:
    """Return the query for `cursor` and `article_id` of changes of what a feed may show of these.

    `last_only`: of each article the last change alone.
    """
    label = _label_of(selection)
    if label is not None:
        # An article's last change is what stands beside each of its labels.
        labelled: AnySelect = select(LABELLED.c.cursor, LABELLED.c.article_id).where(
            _is_labelled(label), _is_of_shown(LABELLED.c.article_id)
        )
        return labelled
    statement: AnySelect = select(CHANGE.c.cursor, CHANGE.c.article_id).where(
        _is_of_shown(CHANGE.c.article_id)
    )
    if selection.category is not None:
        statement = statement.where(CHANGE.c.category_id == _category_id(selection.category))
    if last_only:
        later = CHANGE.alias("later")
        superseded = select(later.c.cursor).where(
            later.c.article_id == CHANGE.c.article_id, later.c.cursor > CHANGE.c.cursor
        )
        statement = statement.where(~exists(superseded))
    return statement


def belonging(session: Session, selection: Selection, articles: set[int]) -> set[int]:
    """Return those of a few articles that a selection has, whether or not they are shown."""
    found = articles_of(selection, ARTICLE.c.id).where(ARTICLE.c.id.in_(sorted(articles)))
    return set(session.scalars(found)) if articles else set()


def is_shown() -> ColumnElement[bool]:
    """What a feed may show: published, or published and withdrawn since."""
    return ARTICLE.c.shown & ARTICLE.c.public & (ARTICLE.c.status != "held")


def _is_of_shown(column: Column) -> ColumnElement[bool]:
    """Not a join: SQLite would begin with the articles and sort all their changes."""
    return exists(select(ARTICLE.c.id).where(ARTICLE.c.id == column, is_shown()))


def _label_of(selection: Selection) -> Name | None:
    """The label that a selection is found by; it has one at most."""
    if selection.corrections:
        return CORRECTIONS
    named = {SOURCES: selection.source, TAGS: selection.tag, AUTHORS: selection.author}
    return next(((kind, name) for kind, name in named.items() if name is not None), None)


def _is_labelled(label: Name) -> ColumnElement[bool]:
    kind, name = label
    wanted = select(LABEL.c.id).where(LABEL.c.kind == kind, LABEL.c.name == name)
    return and_(LABELLED.c.label_id == wanted.scalar_subquery(), LABELLED.c.current)


def _category_id(slug: str) -> Any:
    return select(CATEGORY.c.id).where(CATEGORY.c.slug == slug).scalar_subquery()
