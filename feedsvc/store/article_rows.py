"""Reading articles: one query with all that an `Article` says, and the way from its rows to values."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.domain.article import Article
from feedsvc.store.columns import AnyRow, AnySelect, chunked
from feedsvc.store.contents import content_columns, content_of
from feedsvc.store.tables import ARTICLE, CATEGORY, SOURCE


def select_articles() -> AnySelect:
    """Return the query for articles together with their source and category; add a WHERE to it."""
    return (
        select(
            *content_columns(ARTICLE),
            ARTICLE.c.id,
            ARTICLE.c.guid,
            ARTICLE.c.source_id,
            SOURCE.c.slug.label("source"),
            SOURCE.c.title.label("source_title"),
            SOURCE.c.url.label("source_url"),
            CATEGORY.c.slug.label("category"),
            CATEGORY.c.title.label("category_title"),
            ARTICLE.c.published_at,
            ARTICLE.c.published_precision,
            ARTICLE.c.first_seen_at,
            ARTICLE.c.updated_at,
            ARTICLE.c.status,
            ARTICLE.c.reason,
            ARTICLE.c.revision,
            ARTICLE.c.link,
            ARTICLE.c.extractor,
            ARTICLE.c.edited_fields,
            ARTICLE.c.public,
            SOURCE.c.pictures.label("picture_use"),
        )
        .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
        .join(CATEGORY, CATEGORY.c.id == ARTICLE.c.category_id)
    )


def article_of(row: AnyRow) -> Article:
    """Turn one row of `select_articles` into a value; a source without a title goes by its slug."""
    return Article(
        id=row.id,
        guid=row.guid,
        source=row.source,
        source_title=row.source_title or row.source,
        source_url=row.source_url,
        category=row.category,
        category_title=row.category_title,
        content=content_of(row),
        published_at=row.published_at,
        published_precision=row.published_precision,
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        status=row.status,
        reason=row.reason,
        revision=row.revision,
        link=row.link,
        extractor=row.extractor,
        edited_fields=tuple(row.edited_fields),
        public=row.public,
        picture_use=row.picture_use,
    )


def rows_by_id(session: Session, ids: Sequence[int]) -> dict[int, AnyRow]:
    """Read the articles with these ids, however many, in a few statements."""
    found: dict[int, AnyRow] = {}
    for part in chunked(ids):
        rows = session.execute(select_articles().where(ARTICLE.c.id.in_(part)))
        found |= {row.id: row for row in rows}
    return found
