"""Searching articles by words, two-character Chinese ones included.

Polls and editors only note which articles changed; the index follows in pieces of its own (a chore,
and every command that searches), so that no poll waits for it and nothing is lost on the way. What
was withdrawn is not found from that moment on, whatever the index still holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, delete, insert, select, text
from sqlalchemy.orm import Session

from feedsvc.domain.article import Status
from feedsvc.store.bulk import insert_all
from feedsvc.store.columns import AnyRow, AnySelect, chunked
from feedsvc.store.dialects import dialect_of
from feedsvc.store.tables import ARTICLE, CATEGORY, REVISION, SOURCE
from feedsvc.store.tables_search import SEARCH_DUE, SEARCH_ENTRY
from feedsvc.text.bigrams import Term, holds, terms_of, words_of
from feedsvc.text.html import plain_text

INDEXED_AT_ONCE = 200
LOOKED_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where to search: None means everywhere, `readable` only what readers can see in lists."""

    category: str | None = None
    source: str | None = None
    status: Status | None = None
    readable: bool = False
    before_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Numbers of articles, the last stored first, and the terms to mark in them (`bigrams.spans`)."""

    ids: tuple[int, ...]
    terms: tuple[Term, ...]


def note(session: Session, numbers: Iterable[int]) -> None:
    """Remember that these articles' words have changed, or that they came or went."""
    insert_all(
        session, SEARCH_DUE, [{"article_id": each} for each in sorted(set(numbers))], only_free=True
    )


def index_due(session: Session, *, limit: int = INDEXED_AT_ONCE) -> int:
    """Bring the index up to date for up to `limit` articles; returns for how many. Crash-safe.

    Several may work side by side: each takes others' articles.
    """
    due = [
        row.article_id
        for row in session.execute(
            select(SEARCH_DUE.c.article_id)
            .order_by(SEARCH_DUE.c.article_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ]
    if due:
        _take_out(session, due)
        _put_in(session, due)
        for part in chunked(due):
            session.execute(delete(SEARCH_DUE).where(SEARCH_DUE.c.article_id.in_(part)))
    return len(due)


def forget(session: Session, numbers: Collection[int]) -> None:
    """Take articles that are about to be deleted out of the index."""
    _take_out(session, sorted(numbers))
    for part in chunked(sorted(numbers)):
        session.execute(delete(SEARCH_DUE).where(SEARCH_DUE.c.article_id.in_(part)))


def search(session: Session, query: str, scope: Scope, *, limit: int = 50) -> Found:
    """Find the articles that hold all parts of a query, which blanks part and quotes hold together.

    Withdrawn ones are never found. A query without a letter, digit or character finds nothing.
    """
    terms = terms_of(query)
    found: list[int] = []
    before = scope.before_id
    while terms and len(found) < limit:
        rows = session.execute(_matching(session, terms, scope, before)).all()
        found += [row.id for row in rows if holds(_texts(row), terms)]
        if len(rows) < LOOKED_AT_ONCE:
            break
        before = rows[-1].id
    return Found(ids=tuple(found[:limit]), terms=tuple(terms))


def _matching(
    session: Session, terms: Sequence[Term], scope: Scope, before: int | None
) -> AnySelect:
    statement = (
        select(ARTICLE.c.id, ARTICLE.c.title, ARTICLE.c.body_html)
        .where(ARTICLE.c.status != "withdrawn", _condition(session, terms))
        .order_by(ARTICLE.c.id.desc())
        .limit(LOOKED_AT_ONCE)
    )
    if dialect_of(session) == "postgresql":
        statement = statement.join(SEARCH_ENTRY, SEARCH_ENTRY.c.article_id == ARTICLE.c.id)
    if scope.category is not None:
        statement = statement.join(CATEGORY, CATEGORY.c.id == ARTICLE.c.category_id)
        statement = statement.where(CATEGORY.c.slug == scope.category)
    if scope.source is not None:
        statement = statement.join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
        statement = statement.where(SOURCE.c.slug == scope.source)
    if scope.status is not None:
        statement = statement.where(ARTICLE.c.status == scope.status)
    if scope.readable:
        statement = statement.where(ARTICLE.c.shown, ARTICLE.c.status != "held")
    if before is not None:
        statement = statement.where(ARTICLE.c.id < before)
    return statement


def _condition(session: Session, terms: Sequence[Term]) -> TextClause:
    """Words are nothing but letters, digits and characters, so quoting them needs no escape."""
    if dialect_of(session) == "sqlite":
        parts = [f'"{word}"' for term in terms for word in term.words]
        parts += [f'"{begin}" *' for term in terms for begin in term.beginnings]
        return text(
            "article.id IN (SELECT rowid FROM search_words WHERE search_words MATCH :words)"
        ).bindparams(words=" AND ".join(parts))
    parts = [f"'{word}'" for term in terms for word in term.words]
    parts += [f"'{begin}':*" for term in terms for begin in term.beginnings]
    return text("search_entry.words @@ CAST(:words AS tsquery)").bindparams(words=" & ".join(parts))


def _put_in(session: Session, numbers: Sequence[int]) -> None:
    rows = session.execute(
        select(ARTICLE.c.id, ARTICLE.c.revision, ARTICLE.c.title, ARTICLE.c.body_html).where(
            ARTICLE.c.id.in_(numbers), ARTICLE.c.status != "withdrawn"
        )
    )
    entries = [
        {"article_id": row.id, "revision": row.revision, "words": _joined(row)} for row in rows
    ]
    if not entries:
        return
    if dialect_of(session) == "postgresql":
        session.execute(_PUT_VECTORS, entries)
        return
    session.execute(_PUT_WORDS, entries)
    session.execute(
        insert(SEARCH_ENTRY),
        [{**each, "words": None} for each in entries],
    )


def _take_out(session: Session, numbers: Sequence[int]) -> None:
    """Take the words that were put in for each article out again.

    FTS5 keeps no text and so must be told the words; the revision that they came from has them.
    """
    for part in chunked(numbers):
        entries = SEARCH_ENTRY.c.article_id.in_(part)
        if dialect_of(session) == "sqlite":
            rows = session.execute(
                select(SEARCH_ENTRY.c.article_id, REVISION.c.title, REVISION.c.body_html)
                .join(
                    REVISION,
                    (REVISION.c.article_id == SEARCH_ENTRY.c.article_id)
                    & (REVISION.c.number == SEARCH_ENTRY.c.revision),
                )
                .where(entries)
            )
            old = [{"article_id": row.article_id, "words": _joined(row)} for row in rows]
            if old:
                session.execute(_TAKE_WORDS, old)
        session.execute(delete(SEARCH_ENTRY).where(entries))


_PUT_WORDS = text("INSERT INTO search_words (rowid, words) VALUES (:article_id, :words)")
_TAKE_WORDS = text(
    "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :article_id, :words)"
)
_PUT_VECTORS = text(
    "INSERT INTO search_entry (article_id, revision, words)"
    " VALUES (:article_id, :revision, array_to_tsvector(string_to_array(:words, ' ')))"
)


def _joined(row: AnyRow) -> str:
    return " ".join(sorted(words_of(*_texts(row))))


def _texts(row: Any) -> tuple[str, str]:
    return row.title, plain_text(row.body_html)
