"""Trying filters and words on stored articles: what they would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedsvc.domain.article import Article, Draft, Keys
from feedsvc.domain.screening import Filter, House
from feedsvc.ingest.screen import Verdict, screen
from feedsvc.store import articles, house
from feedsvc.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One stored article that the house's rules would touch if it came in now."""

    article: Article
    verdict: Verdict


def stored_house(db: Database) -> House:
    """Return every filter and word."""
    with db.read() as session:
        return House(filters=tuple(house.filters(session)), words=tuple(house.words(session)))


def try_house(db: Database, tried: House, *, source: str | None, limit: int) -> list[Trial]:
    """Ask filters and words about the last `limit` stored articles (of one source); matches only."""
    with db.read() as session:
        stock = articles.find(session, source=source, limit=limit)
    return [
        trial for trial in _trials(stock, tried) if trial.verdict.matched or trial.verdict.words
    ]


def _trials(stock: Sequence[Article], tried: House) -> Iterable[Trial]:
    for article in stock:
        mine = House(filters=_filters_for(article.source, tried.filters), words=tried.words)
        yield Trial(article=article, verdict=screen(_as_draft(article), mine))


def _filters_for(source: str, filters: Sequence[Filter]) -> tuple[Filter, ...]:
    return tuple(each for each in filters if each.source in {None, source})


def _as_draft(article: Article) -> Draft:
    return Draft(
        keys=Keys(guid=article.guid),
        content=article.content,
        published_at=article.published_at,
        published_precision=article.published_precision,
        updated_at=article.updated_at,
        source_hash="",
        link=article.link,
    )
