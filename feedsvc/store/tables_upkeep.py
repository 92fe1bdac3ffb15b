"""The tables of what is there for a while: partners' answers, chores, imports under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey


class RawResponseRow(Base):
    """One answer whose body is kept as a file; the same body from the same URL is one row."""

    __tablename__ = "raw_response"
    __table_args__ = (
        Index(None, "source_id", "url_digest", "body_hash", unique=True),
        Index(None, "source_id", "kind", "fetched_at"),
        Index(None, "fetched_at"),
        Index(None, "body_hash"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("source.id"))
    url_digest: Mapped[bytes] = mapped_column(LargeBinary)
    asked_url: Mapped[str]
    url: Mapped[str]
    kind: Mapped[str]
    fetched_at: Mapped[datetime]
    http_status: Mapped[int] = mapped_column(Integer)
    content_type: Mapped[str | None]
    content_location: Mapped[str | None]
    body_hash: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    stored_size: Mapped[int] = mapped_column(Integer)


class ChoreRow(Base):
    """When a chore is due next, and who is at it; `lease` is the fencing token."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    lease: Mapped[int] = mapped_column(BigInteger)
    lease_expires_at: Mapped[datetime | None]


class FilePositionRow(Base):
    """Up to where a file of articles has been read for a source; gone when it was read to its end."""

    __tablename__ = "file_position"

    source_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("source.id"), primary_key=True, autoincrement=False
    )
    file: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
