"""Labels: by source, tag and author, and all corrections; articles of before are labelled here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from feedsvc.text.labels import canonical_labels

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
KEY = BIG.with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
MOST = 32
AT_ONCE = 2000

LABEL = sa.table(
    "label",
    sa.column("id", BIG),
    sa.column("kind", sa.Text()),
    sa.column("name", sa.Text()),
    sa.column("cursor", BIG),
    sa.column("updated_at", TIME),
)
LABELLED = sa.table(
    "labelled",
    sa.column("article_id", BIG),
    sa.column("label_id", BIG),
    sa.column("current", sa.Boolean()),
    sa.column("sorted_at", TIME),
    sa.column("cursor", BIG),
)
ARTICLES = sa.text(
    "SELECT article.id, article.published_at, article.updated_at, article.status, article.tags,"
    " article.authors, source.slug, change.cursor, change.at FROM article"
    " JOIN source ON source.id = article.source_id"
    " JOIN change ON change.article_id = article.id"
    " WHERE article.id > :after AND article.id <= :upto AND change.cursor ="
    " (SELECT max(c.cursor) FROM change AS c WHERE c.article_id = article.id)"
    " ORDER BY article.id"
).columns(
    published_at=TIME, updated_at=TIME, tags=sa.JSON(), authors=sa.JSON(), cursor=BIG, at=TIME
)


def upgrade() -> None:
    op.create_table(
        "label",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_label"),
    )
    op.create_index("ix_label_name_kind", "label", ["name", "kind"], unique=True)
    op.create_table(
        "labelled",
        sa.Column("article_id", BIG, nullable=False, autoincrement=False),
        sa.Column("label_id", BIG, nullable=False, autoincrement=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("sorted_at", TIME, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "label_id", name="pk_labelled"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_labelled_article_id"),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name="fk_labelled_label_id"),
        sqlite_with_rowid=False,
    )
    _fill()
    columns = ["label_id", "current", "sorted_at", "article_id"]
    op.create_index(f"ix_labelled_{'_'.join(columns)}", "labelled", columns)
    op.create_index("ix_labelled_label_id_cursor", "labelled", ["label_id", "cursor"])


def _fill() -> None:
    connection = op.get_bind()
    last = connection.execute(sa.text("SELECT max(id) FROM article")).scalar() or 0
    labels: dict[tuple[str, str], tuple[int, int, datetime]] = {}
    for after in range(0, last, AT_ONCE):
        known = len(labels)
        found = connection.execute(ARTICLES, {"after": after, "upto": after + AT_ONCE})
        rows = [row for article in found for row in _labelled(article, labels)]
        if len(labels) > known:
            connection.execute(LABEL.insert(), _label_rows(list(labels.items())[known:]))
        if rows:
            connection.execute(LABELLED.insert(), rows)
    if labels:
        moved = sa.update(LABEL).where(LABEL.c.id == sa.bindparam("of_id"))
        moved = moved.values(cursor=sa.bindparam("cursor"), updated_at=sa.bindparam("updated_at"))
        rows = _label_rows(list(labels.items()))
        connection.execute(moved, [{**row, "of_id": row["id"]} for row in rows])
        if connection.dialect.name == "postgresql":
            op.execute("SELECT setval(pg_get_serial_sequence('label', 'id'), max(id)) FROM label")


def _label_rows(
    labels: list[tuple[tuple[str, str], tuple[int, int, datetime]]],
) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "name": name, "id": number, "cursor": cursor, "updated_at": at}
        for (kind, name), (number, cursor, at) in labels
    ]


def _labelled(
    article: Any, labels: dict[tuple[str, str], tuple[int, int, datetime]]
) -> list[dict[str, Any]]:
    names = [("source", article.slug)]
    names += [("tag", name) for name in canonical_labels(article.tags, MOST)]
    names += [("author", name) for name in canonical_labels(article.authors, MOST)]
    if article.status in {"corrected", "withdrawn"}:
        names.append(("corrections", ""))
    rows = []
    for label in names:
        number, cursor, at = labels.get(label, (len(labels) + 1, 0, article.at))
        labels[label] = (number, max(cursor, article.cursor), max(at, article.at))
        rows.append(
            {
                "article_id": article.id,
                "label_id": number,
                "current": True,
                "sorted_at": article.updated_at if label[1] == "" else article.published_at,
                "cursor": article.cursor,
            }
        )
    return rows


def downgrade() -> None:
    op.drop_table("labelled")
    op.drop_table("label")
