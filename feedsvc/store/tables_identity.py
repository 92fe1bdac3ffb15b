"""The tables that say which articles are alike, and where their words are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey, table_of


class FingerprintRow(Base):
    """One sampled hash of an article's text; the source stands here so that boilerplate shows."""

    __tablename__ = "fingerprint"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own declaration

    hash: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    source_id: Mapped[int] = mapped_column(BigInteger)


class SketchRow(Base):
    """An article's print as a whole: what `fingerprint` finds is compared by this."""

    __tablename__ = "sketch"

    article_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    grams: Mapped[int] = mapped_column(Integer)
    mark: Mapped[int] = mapped_column(BigInteger)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class ClusterMemberRow(Base):
    """An article that is in a cluster; `was_entry` says that readers once had it as an entry."""

    __tablename__ = "cluster_member"

    article_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    cluster_id: Mapped[int] = mapped_column(BigInteger, index=True)
    was_entry: Mapped[bool]


class ClusterEventRow(Base):
    """What was done to clusters, by whom and why; written once."""

    __tablename__ = "cluster_event"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    cluster_id: Mapped[int] = mapped_column(BigInteger, index=True)
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"), index=True)
    act: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class AlikeRow(Base):
    """An article and one that was there before it and shares text with it, `score` of the shorter."""

    __tablename__ = "alike"

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    other_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("article.id"), primary_key=True, autoincrement=False, index=True
    )
    score: Mapped[float] = mapped_column(Float)


FINGERPRINT = table_of(FingerprintRow)
SKETCH = table_of(SketchRow)
CLUSTER_MEMBER = table_of(ClusterMemberRow)
CLUSTER_EVENT = table_of(ClusterEventRow)
ALIKE = table_of(AlikeRow)
