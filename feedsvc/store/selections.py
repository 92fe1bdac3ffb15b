"""What a feed selects, as conditions on articles and on the log of their changes.

Each is written for the index that keeps it fast at any number of articles: a category has its own
windows (shown, category, published, id) and its own log (category, cursor).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import QueryableAttribute

from feedsvc.domain.feed import Selection
from feedsvc.store.columns import AnySelect
from feedsvc.store.tables import ARTICLE, CATEGORY, CHANGE

Column = ColumnElement[Any] | QueryableAttribute[Any]


def articles_of(selection: Selection, *columns: Column) -> AnySelect:
    """Return the query for columns of all articles that a selection has; add `is_shown()` to it."""
    return _of_category(select(*columns), selection, ARTICLE.c.category_id)


def changes_of(selection: Selection, *columns: Column) -> AnySelect:
    """Return the query for columns of the changes of these articles; add `is_of_shown()` to it."""
    return _of_category(select(*columns), selection, CHANGE.c.category_id)


def is_shown() -> ColumnElement[bool]:
    """What a feed may show: published, or published and withdrawn since."""
    return ARTICLE.c.shown & ARTICLE.c.public & (ARTICLE.c.status != "held")


def is_of_shown() -> ColumnElement[bool]:
    """Whether a change is of an article that a feed may show.

    Not a join: SQLite would begin with the articles and sort all their changes.
    """
    return exists(select(ARTICLE.c.id).where(ARTICLE.c.id == CHANGE.c.article_id, is_shown()))


def _of_category(statement: Any, selection: Selection, column: Any) -> AnySelect:
    if selection.category is not None:
        wanted = select(CATEGORY.c.id).where(CATEGORY.c.slug == selection.category)
        statement = statement.where(column == wanted.scalar_subquery())
    narrowed: AnySelect = statement
    return narrowed
