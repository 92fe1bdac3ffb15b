"""The tables of labels: by which source, tag and author, and as what correction, readers find an article."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.store.columns import Base, BigKey, table_of


class LabelRow(Base):
    """A source, tag or author by name, or all corrections (no name), and the last change there."""

    __tablename__ = "label"
    __table_args__ = (Index(None, "name", "kind", unique=True),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    cursor: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime]


class LabelledRow(Base):
    """An article under a label, the article's last change, and when it stands there in time.

    `current` is false for one that lost the label: its going is a change that the label had.
    """

    __tablename__ = "labelled"
    __table_args__ = (
        Index(None, "label_id", "current", "sorted_at", "article_id"),
        Index(None, "label_id", "cursor"),
        {"sqlite_with_rowid": False},
    )

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    label_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("label.id"), primary_key=True, autoincrement=False
    )
    current: Mapped[bool]
    sorted_at: Mapped[datetime]
    cursor: Mapped[int] = mapped_column(BigInteger)


LABEL = table_of(LabelRow)
LABELLED = table_of(LabelledRow)
