"""The first schema: partners, polling, articles with their history, feeds and their documents."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON()
BYTES = sa.LargeBinary()


def upgrade() -> None:
    create_catalogue()
    create_articles()
    create_polling()
    create_publishing()
    op.bulk_insert(
        sa.table("cursor", sa.column("id"), sa.column("value")), [{"id": 1, "value": 0}]
    )


def downgrade() -> None:
    for table in (
        "outbox", "feed_document", "host_state", "run", "source_state",
        "cursor", "change", "revision", "alias", "appearance", "article",
        "source", "feed", "category",
    ):  # fmt: skip
        op.drop_table(table)


def create_catalogue() -> None:
    op.create_table(
        "category",
        sa.Column("id", KEY),
        must("slug", TEXT),
        must("title", TEXT),
        must("description", TEXT),
        must("created_at", TIME),
        sa.UniqueConstraint("slug", name="uq_category_slug"),
        sa.PrimaryKeyConstraint("id", name="pk_category"),
    )
    op.create_table(
        "feed",
        sa.Column("id", KEY),
        must("slug", TEXT),
        must("guid", TEXT),
        may("category_id", BIG),
        must("title", TEXT),
        must("description", TEXT),
        must("cursor", BIG),
        must("updated_at", TIME),
        must("created_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("slug", name="uq_feed_slug"),
        sa.UniqueConstraint("guid", name="uq_feed_guid"),
        sa.UniqueConstraint("category_id", name="uq_feed_category_id"),
        refers("feed", "category"),
    )
    op.create_table(
        "source",
        sa.Column("id", KEY),
        must("slug", TEXT),
        must("url", TEXT),
        must("category_id", BIG),
        must("title", TEXT),
        must("kind", TEXT),
        must("policy", TEXT),
        must("every_seconds", sa.Integer()),
        must("timezone", TEXT),
        may("charset", TEXT),
        must("rules", JSON),
        must("demo", sa.Boolean()),
        must("created_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("slug", name="uq_source_slug"),
        refers("source", "category"),
    )
    index("source", "category_id")


def create_articles() -> None:
    op.create_table(
        "article",
        sa.Column("id", KEY),
        must("guid", TEXT),
        must("source_id", BIG),
        must("category_id", BIG),
        may("link", TEXT),
        must("published_at", TIME),
        must("published_precision", TEXT),
        must("first_seen_at", TIME),
        must("updated_at", TIME),
        may("withdrawn_at", TIME),
        must("status", TEXT),
        must("public", sa.Boolean()),
        must("reason", TEXT),
        must("revision", sa.Integer()),
        must("extractor", TEXT),
        must("edited_fields", JSON),
        *content(),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("guid", name="uq_article_guid"),
        refers("article", "source"),
        refers("article", "category"),
        # The id stands in public addresses, so it never returns.
        sqlite_autoincrement=True,
    )
    index("article", "category_id", "published_at", "id")
    index("article", "published_at", "id")
    index("article", "source_id", "id")
    index("article", "status", "id")
    index("article", "withdrawn_at")
    op.create_table(
        "appearance",
        sa.Column("id", KEY),
        must("source_id", BIG),
        must("key_digest", BYTES),
        must("key", TEXT),
        must("article_id", BIG),
        must("source_hash", TEXT),
        must("first_seen_at", TIME),
        must("last_changed_at", TIME),
        may("withdrawn_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_appearance"),
        refers("appearance", "source"),
        refers("appearance", "article"),
    )
    index("appearance", "source_id", "key_digest", unique=True)
    index("appearance", "article_id")
    op.create_table(
        "alias",
        must("digest", BYTES),
        must("kind", TEXT),
        must("article_id", BIG),
        sa.PrimaryKeyConstraint("digest", name="pk_alias"),
        refers("alias", "article"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revision",
        must("article_id", BIG),
        must("number", sa.Integer()),
        must("status", TEXT),
        must("reason", TEXT),
        must("actor", TEXT),
        must("at", TIME),
        *content(),
        sa.PrimaryKeyConstraint("article_id", "number", name="pk_revision"),
        refers("revision", "article"),
    )
    op.create_table(
        "change",
        sa.Column("cursor", KEY, autoincrement=False, nullable=False),
        must("article_id", BIG),
        must("revision", sa.Integer()),
        must("kind", TEXT),
        must("at", TIME),
        sa.PrimaryKeyConstraint("cursor", name="pk_change"),
        refers("change", "article"),
    )
    op.create_table(
        "cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        must("value", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_cursor"),
    )


def create_polling() -> None:
    op.create_table(
        "source_state",
        sa.Column("source_id", KEY, autoincrement=False, nullable=False),
        must("paused", sa.Boolean()),
        must("due_at", TIME),
        must("lease", BIG),
        may("lease_expires_at", TIME),
        must("failures", sa.Integer()),
        must("had_items", sa.Boolean()),
        may("etag", TEXT),
        may("last_modified", TEXT),
        may("body_hash", TEXT),
        sa.PrimaryKeyConstraint("source_id", name="pk_source_state"),
        refers("source_state", "source"),
    )
    index("source_state", "paused", "due_at")
    op.create_table(
        "run",
        sa.Column("id", KEY),
        must("source_id", BIG),
        must("status", TEXT),
        must("started_at", TIME),
        must("finished_at", TIME),
        may("http_status", sa.Integer()),
        must("wire_bytes", BIG),
        must("seen", sa.Integer()),
        must("new", sa.Integer()),
        must("updated", sa.Integer()),
        must("withdrawn", sa.Integer()),
        must("repairs", JSON),
        must("rejections", JSON),
        may("error_kind", TEXT),
        may("error_message", TEXT),
        must("error_permanent", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        refers("run", "source"),
        sqlite_autoincrement=True,
    )
    index("run", "source_id", "id")
    op.create_table(
        "host_state",
        must("domain", TEXT),
        must("reserved_us", BIG),
        sa.PrimaryKeyConstraint("domain", name="pk_host_state"),
    )


def create_publishing() -> None:
    op.create_table(
        "feed_document",
        must("slug", TEXT),
        must("format", TEXT),
        must("cursor", BIG),
        must("etag", TEXT),
        must("last_modified", TIME),
        must("edition", TEXT),
        must("body", BYTES),
        must("gzip", BYTES),
        must("brotli", BYTES),
        sa.PrimaryKeyConstraint("slug", "format", name="pk_feed_document"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", KEY),
        must("topic", TEXT),
        must("subject", TEXT),
        must("cursor", BIG),
        must("due_at", TIME),
        must("lease", BIG),
        may("lease_expires_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    index("outbox", "topic", "subject", unique=True)
    index("outbox", "topic", "due_at")


def content() -> list[sa.Column[Any]]:
    return [
        must("title", TEXT),
        must("original_title", TEXT),
        must("summary", TEXT),
        must("body_html", TEXT),
        must("attribution", TEXT),
        may("origin_url", TEXT),
        must("authors", JSON),
        must("editors", JSON),
        must("credit_line", TEXT),
        may("dateline", JSON),
        must("rights", TEXT),
        must("language", TEXT),
        must("enclosures", JSON),
    ]


def must(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def may(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def refers(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id")


def index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique)
