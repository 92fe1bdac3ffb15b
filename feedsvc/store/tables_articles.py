"""The tables of articles: what we keep, by which names, in which states, and the log of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey


class ContentColumns:
    """The words and credits of `domain.Content`, alike in an article and in each kept revision."""

    title: Mapped[str]
    original_title: Mapped[str]
    summary: Mapped[str]
    body_html: Mapped[str]
    attribution: Mapped[str]
    origin_url: Mapped[str | None]
    authors: Mapped[list[Any]]
    editors: Mapped[list[Any]]
    credit_line: Mapped[str]
    dateline: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    rights: Mapped[str]
    language: Mapped[str]
    enclosures: Mapped[list[Any]]
    tags: Mapped[list[Any]]
    ai_label: Mapped[str]


class ArticleRow(ContentColumns, Base):
    """An article as it is now, a withdrawn one included: its words stay for undo and audit.

    `public` turns true when the article is first shown and stays so: a held article that is
    withdrawn was never published and leaves no notice. `shown` is false for the members of a cluster
    that feeds pass over; it leads both window indexes, so that these are not walked, and `public` and `status`
    end them, so that a month is counted without its articles. Both are read backwards, which gives
    (published_at DESC, id DESC) without an index that autogenerate cannot compare.
    """

    __tablename__ = "article"
    __table_args__ = (
        Index(None, "shown", "category_id", "published_at", "id", "public", "status"),
        Index(None, "shown", "published_at", "id", "public", "status"),
        Index(None, "source_id", "id"),
        Index(None, "status", "id", "updated_at"),
        Index(None, "withdrawn_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    guid: Mapped[str] = mapped_column(unique=True)
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("source.id"))
    category_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("category.id"))
    link: Mapped[str | None]
    published_at: Mapped[datetime]
    published_precision: Mapped[str]
    first_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    status: Mapped[str]
    public: Mapped[bool]
    shown: Mapped[bool]
    reason: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)
    extractor: Mapped[str]
    edited_fields: Mapped[list[Any]]


class AppearanceRow(Base):
    """One (source, key) of an article; `source_hash` is what the source last said under that key."""

    __tablename__ = "appearance"
    __table_args__ = (Index(None, "source_id", "key_digest", unique=True),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("source.id"))
    key_digest: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[str]
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"), index=True)
    source_hash: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class AliasRow(Base):
    """A canonical URL or content hash that names one article, whichever source says it."""

    __tablename__ = "alias"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own declaration

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str]
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"))


class RevisionRow(ContentColumns, Base):
    """One kept state of one article; written once, never changed."""

    __tablename__ = "revision"

    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    status: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class ChangeRow(Base):
    """One row of the service-wide log of public changes, with the category that showed it.

    By category and cursor readers catch up; by article and cursor the last change of each is found.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index(None, "category_id", "cursor"),
        Index(None, "article_id", "cursor"),
    )

    cursor: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("category.id"))
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"))
    revision: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    at: Mapped[datetime]


class CursorRow(Base):
    """The last cursor given out: a single row, whose lock puts commits in the order of cursors."""

    __tablename__ = "cursor"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)
