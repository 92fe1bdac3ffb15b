"""The tables of what is watched and what waits for an editor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey


class CandidateRow(Base):
    """A change that a source wants and that an editor decides on; kept when it is settled."""

    __tablename__ = "candidate"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "article_id"),
        Index(None, "source_id", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"))
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("source.id"))
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    proposed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str]


class PageRow(Base):
    """An article page that is looked at again: where it stands and what it last answered with."""

    __tablename__ = "page"
    __table_args__ = (Index(None, "source_id", "published_at"),)

    source_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("source.id"), primary_key=True, autoincrement=False
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    link: Mapped[str]
    published_at: Mapped[datetime]
    listed: Mapped[bool]
    left_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]


class LayoutRow(Base):
    """How a source's pages usually look, and whether they still do."""

    __tablename__ = "layout"

    source_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("source.id"), primary_key=True, autoincrement=False
    )
    profile: Mapped[dict[str, Any]]
    suspected: Mapped[int]
    changed_at: Mapped[datetime | None]
    reasons: Mapped[list[Any]]
    bad_links: Mapped[list[Any]]
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
