"""The tables of what editors decide about feeds: former names, ends, pins, and times of release."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey, table_of


class FormerNameRow(Base):
    """A slug that a feed once had; it leads to that feed for good and is given to no other."""

    __tablename__ = "former_name"

    slug: Mapped[str] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("feed.id"), index=True)
    left_at: Mapped[datetime]


class FarewellRow(Base):
    """The end of a feed; `successor_id` is the feed to go on with. `over` turns true once."""

    __tablename__ = "farewell"

    feed_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feed.id"), primary_key=True, autoincrement=False
    )
    guid: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    reason: Mapped[str]
    successor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("feed.id"))
    cursor: Mapped[int] = mapped_column(BigInteger)
    over: Mapped[bool]


class PinRow(Base):
    """An article that a feed keeps in its window; `cursor` is the change that told of it."""

    __tablename__ = "pin"

    feed_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feed.id"), primary_key=True, autoincrement=False
    )
    article_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("article.id"), primary_key=True, autoincrement=False, index=True
    )
    cursor: Mapped[int] = mapped_column(BigInteger)
    pinned_at: Mapped[datetime]


class ReleaseRow(Base):
    """When a held article is to be published; `approved` is false while an editor has not said so."""

    __tablename__ = "release"

    article_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(index=True)
    approved: Mapped[bool]
    actor: Mapped[str]


FORMER_NAME = table_of(FormerNameRow)
FAREWELL = table_of(FarewellRow)
PIN = table_of(PinRow)
RELEASE = table_of(ReleaseRow)
