"""Every table: what partners are, where polling and publishing stand. Articles are in
tables_articles, pictures in tables_pictures.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey, table_of
from feedsvc.store.tables_articles import (
    AliasRow,
    AppearanceRow,
    ArticleRow,
    ChangeRow,
    CursorRow,
    RevisionRow,
)
from feedsvc.store.tables_pictures import ArticlePictureRow, PictureRow
from feedsvc.store.tables_review import CandidateRow, LayoutRow, PageRow
from feedsvc.store.tables_upkeep import ChoreRow, FilePositionRow, RawResponseRow


class CategoryRow(Base):
    """An editorial section."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str]
    created_at: Mapped[datetime]


class FeedRow(Base):
    """A published selection; `category_id` is NULL for the feed of everything.

    `content` is full or summary. At `whole_since` every entry began to look different at once.
    """

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    guid: Mapped[str] = mapped_column(unique=True)
    category_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("category.id"), unique=True
    )
    title: Mapped[str]
    description: Mapped[str]
    cursor: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(server_default="full")
    whole_since: Mapped[int] = mapped_column(BigInteger, server_default="0")
    updated_at: Mapped[datetime]
    created_at: Mapped[datetime]


class SourceRow(Base):
    """What an operator said about one partner origin; read often, written hardly ever."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    category_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("category.id"), index=True)
    title: Mapped[str]
    kind: Mapped[str]
    policy: Mapped[str]
    on_withdrawal: Mapped[str]
    recheck: Mapped[bool | None]
    every_seconds: Mapped[int] = mapped_column(Integer)
    timezone: Mapped[str]
    charset: Mapped[str | None]
    rules: Mapped[dict[str, Any]]
    given_url: Mapped[str | None]
    demo: Mapped[bool]
    pictures: Mapped[str] = mapped_column(server_default="mirror")
    created_at: Mapped[datetime]


class SourceStateRow(Base):
    """Where polling stands. Small and apart from `source`, because every claim and ack rewrites it.

    `lease` is the fencing token: it is raised by every claim, ack and release. `paused` is here and
    not in `source` so that one index finds what is due however many sources are paused.
    """

    __tablename__ = "source_state"
    __table_args__ = (Index(None, "paused", "due_at"),)

    source_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("source.id"), primary_key=True, autoincrement=False
    )
    paused: Mapped[bool]
    due_at: Mapped[datetime]
    lease: Mapped[int] = mapped_column(BigInteger)
    lease_expires_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer)
    had_items: Mapped[bool]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    trails: Mapped[list[Any]] = mapped_column(server_default="[]")


class RunRow(Base):
    """One recorded poll."""

    __tablename__ = "run"
    __table_args__ = (Index(None, "source_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("source.id"))
    status: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    http_status: Mapped[int | None] = mapped_column(Integer)
    wire_bytes: Mapped[int] = mapped_column(BigInteger)
    seen: Mapped[int] = mapped_column(Integer)
    new: Mapped[int] = mapped_column(Integer)
    updated: Mapped[int] = mapped_column(Integer)
    withdrawn: Mapped[int] = mapped_column(Integer)
    repairs: Mapped[list[Any]]
    rejections: Mapped[list[Any]]
    error_kind: Mapped[str | None]
    error_message: Mapped[str | None]
    error_permanent: Mapped[bool]


class FeedDocumentRow(Base):
    """One feed in one format, ready to be served."""

    __tablename__ = "feed_document"

    slug: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[int] = mapped_column(BigInteger)
    etag: Mapped[str]
    last_modified: Mapped[datetime]
    edition: Mapped[str]
    pieces: Mapped[list[Any]]
    complete_since: Mapped[int] = mapped_column(BigInteger)
    max_age: Mapped[int] = mapped_column(Integer)
    links: Mapped[list[Any]]
    gone: Mapped[bool] = mapped_column(server_default=false())
    body: Mapped[bytes] = mapped_column(LargeBinary)
    gzip: Mapped[bytes] = mapped_column(LargeBinary)
    brotli: Mapped[bytes] = mapped_column(LargeBinary)


class OutboxRow(Base):
    """Something still to be told to the world. Ids never return, so that a late settle hits nothing."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "topic", "subject", unique=True),
        Index(None, "topic", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    topic: Mapped[str]
    subject: Mapped[str]
    cursor: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime]
    lease: Mapped[int] = mapped_column(BigInteger)
    lease_expires_at: Mapped[datetime | None]


class HostStateRow(Base):
    """When the last fetch from one domain is booked, in microseconds since 1970.

    A number, because adding seconds to a time is spelt differently in each database.
    """

    __tablename__ = "host_state"

    domain: Mapped[str] = mapped_column(primary_key=True)
    reserved_us: Mapped[int] = mapped_column(BigInteger)


# What statements are written on: plain tables skip the object mapper, which costs as much as the
# database does (measured in benchmarks/bench_store.py).
CATEGORY = table_of(CategoryRow)
FEED = table_of(FeedRow)
SOURCE = table_of(SourceRow)
SOURCE_STATE = table_of(SourceStateRow)
RUN = table_of(RunRow)
FEED_DOCUMENT = table_of(FeedDocumentRow)
OUTBOX = table_of(OutboxRow)
HOST_STATE = table_of(HostStateRow)
ALIAS = table_of(AliasRow)
APPEARANCE = table_of(AppearanceRow)
ARTICLE = table_of(ArticleRow)
CHANGE = table_of(ChangeRow)
CURSOR = table_of(CursorRow)
REVISION = table_of(RevisionRow)
CHORE = table_of(ChoreRow)
FILE_POSITION = table_of(FilePositionRow)
RAW_RESPONSE = table_of(RawResponseRow)
CANDIDATE = table_of(CandidateRow)
LAYOUT = table_of(LayoutRow)
PAGE = table_of(PageRow)
PICTURE = table_of(PictureRow)
ARTICLE_PICTURE = table_of(ArticlePictureRow)
