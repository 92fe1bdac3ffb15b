"""The tables of pictures: what articles name, what we have of it, and who shows what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey


class PictureRow(Base):
    """One address of a picture, whichever articles name it; many may have the same bytes (`hash`).

    `lease` is the fencing token of whoever fetches it. `domain` is whose server it is on: one
    picture at a time is fetched from each.
    """

    __tablename__ = "picture"
    __table_args__ = (
        Index(None, "digest", unique=True),
        Index(None, "state", "due_at"),
        Index(None, "lease_expires_at"),
        Index(None, "hash"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    url: Mapped[str]
    domain: Mapped[str]
    state: Mapped[str]
    hash: Mapped[str | None]
    media_type: Mapped[str | None]
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    length: Mapped[int | None] = mapped_column(BigInteger)
    error_kind: Mapped[str | None]
    tries: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime]
    lease: Mapped[int] = mapped_column(BigInteger)
    lease_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ArticlePictureRow(Base):
    """One picture that a state of an article names; `current`: its present one does.

    Rows stay when the article changes, so that an older state can be shown again.
    """

    __tablename__ = "article_picture"
    __table_args__ = (Index(None, "picture_id"),)

    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"), primary_key=True)
    picture_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("picture.id"), primary_key=True)
    current: Mapped[bool]
