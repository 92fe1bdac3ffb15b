"""The tables of the search index; on SQLite the words are in the virtual table `search_words` beside them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey, table_of


class SearchEntryRow(Base):
    """An article in the index, and the revision whose words are there; `words` is PostgreSQL's index."""

    __tablename__ = "search_entry"
    __table_args__ = (Index(None, "words", postgresql_using="gin").ddl_if(dialect="postgresql"),)

    article_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    revision: Mapped[int] = mapped_column(Integer)
    words: Mapped[Any | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))


class SearchDueRow(Base):
    """An article whose words are still to be put into the index, or taken out."""

    __tablename__ = "search_due"

    article_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )


SEARCH_ENTRY = table_of(SearchEntryRow)
SEARCH_DUE = table_of(SearchDueRow)
