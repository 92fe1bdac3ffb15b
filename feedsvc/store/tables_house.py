"""The tables of the house's own rules: filters for new drafts, and house words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey, table_of


class FilterRow(Base):
    """One filter; `source_id` NULL: for every source. Ids are shown to people and never return."""

    __tablename__ = "filter"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own declaration

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("source.id"), index=True)
    conditions: Mapped[list[Any]]
    act: Mapped[str]
    category_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("category.id"))
    rewrite: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str]
    created_at: Mapped[datetime]


class HouseWordRow(Base):
    """One word that holds what contains it."""

    __tablename__ = "house_word"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own declaration

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    text: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    advice: Mapped[str]
    created_at: Mapped[datetime]


FILTER = table_of(FilterRow)
HOUSE_WORD = table_of(HouseWordRow)
