"""Keeping the search index up to date: a piece of the chore, or all of it before a search."""

from __future__ import annotations

from feedsvc.domain.article import Article
from feedsvc.store import articles, search
from feedsvc.store.engine import Database
from feedsvc.store.search import Scope

# 200 articles take a fifth of a second; a chore's turn is to be over in a few.
PIECES = 10


def index_some(db: Database) -> bool:
    """Index a few thousand articles that wait; True where more do. Others write between the pieces."""
    for _ in range(PIECES):
        with db.write() as session:
            if search.index_due(session) < search.INDEXED_AT_ONCE:
                return False
    return True


def searched(db: Database, query: str, scope: Scope, *, limit: int) -> list[Article]:
    """Return the articles that a query finds, the last stored first, with what came in up to now."""
    index_all(db)
    with db.read() as session:
        return articles.by_ids(session, search.search(session, query, scope, limit=limit).ids)


def index_all(db: Database) -> None:
    """Index everything that waits."""
    while index_some(db):
        pass
