"""The names that articles go by: each source's own keys, and URLs and hashes that hold for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedsvc.domain.article import Keys
from feedsvc.domain.decision import Known, Match
from feedsvc.errors import StoreBusy
from feedsvc.store.article_rows import article_of, rows_by_id
from feedsvc.store.bulk import insert_all
from feedsvc.store.columns import AnyRow, chunked, digest
from feedsvc.store.tables import ALIAS, APPEARANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name that holds whichever source uses it."""

    kind: Match
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    article_id: int
    match: Match
    source_hash: str | None
    joined: bool = False


@lru_cache(maxsize=1024)
def key_digest(keys: Keys) -> bytes:
    """Return what stands for a draft's primary key in the index of appearances.

    Remembered, as are the aliases: a poll asks for them to look names up and again to store them.
    """
    return digest(keys.primary)


@lru_cache(maxsize=1024)
def aliases_of(keys: Keys) -> tuple[Alias, ...]:
    """Return the names in `keys` that hold for every source, the stronger one first."""
    aliases = []
    if keys.url is not None:
        aliases.append(Alias(kind="url", digest=_url_digest(keys.url)))
    if keys.content_hash is not None:
        aliases.append(Alias(kind="hash", digest=digest(f"hash:{keys.content_hash}")))
    return tuple(aliases)


def _own_names(keys: Keys) -> list[bytes]:
    primary = key_digest(keys)
    return [primary] if keys.joined is None else [digest(keys.joined), primary]


def _url_digest(url: str) -> bytes:
    """What stands for a canonical URL among the aliases.

    Without scheme and `www.`: a site that moves to https renames every page, and the old name
    leads to the same text.
    """
    return digest(f"url:{url.split('://', 1)[-1].removeprefix('www.')}")


def known(session: Session, source_id: int, keys: Sequence[Keys]) -> list[Known | None]:
    """Find the article behind each draft's keys, in the same order; None where there is none.

    The source's own key decides before the canonical URL, and that before the content hash; guid
    and URL together before the guid, which the source may have given to several. Four statements,
    however many keys.
    """
    names = {name for each in keys for name in _own_names(each)}
    own = _appearances(session, source_id, names)
    strange = [each for each in keys if own.keys().isdisjoint(_own_names(each))]
    named = _named(session, {alias.digest for each in strange for alias in aliases_of(each)})
    said = _last_said(session, source_id, set(named.values()))
    hits = [_hit(each, own, named, said) for each in keys]
    rows = rows_by_id(session, sorted({hit.article_id for hit in hits if hit is not None}))
    return [_known(hit, rows, source_id) for hit in hits]


def known_links(session: Session, source_id: int, links: Sequence[str]) -> set[str]:
    """Return those links (canonical form) under which the source has given us an article.

    Either the link is the source's key, or it names an article of which the source has an
    appearance; an article that only others gave us is still to be fetched.
    """
    as_key = {digest(f"url:{link}"): link for link in links}
    own = _appearances(session, source_id, as_key)
    named = _named(session, {_url_digest(link) for link in links})
    said = _last_said(session, source_id, set(named.values()))
    through_alias = {link for link in links if named.get(_url_digest(link)) in said}
    return {as_key[name] for name in own} | through_alias


def add_aliases(
    session: Session, wanted: Mapping[bytes, tuple[Match, int]], fresh: set[int]
) -> None:
    """Give articles the names that are still free; `wanted` maps digests to (kind, article id).

    The articles in `fresh` are new because nothing had their names a moment ago. Raises
    `StoreBusy` where another source has taken one of those names meanwhile: the article would be
    stored twice, so the caller decides again.
    """
    # In one order everywhere, so that two polls never wait for each other's names in a circle.
    rows = [
        {"digest": name, "kind": kind, "article_id": article_id}
        for name, (kind, article_id) in sorted(wanted.items())
    ]
    if insert_all(session, ALIAS, rows, only_free=True) == len(rows):
        return
    ours = {name: article_id for name, (_, article_id) in wanted.items() if article_id in fresh}
    if _named(session, ours) != ours:
        raise _raced()


# Made once, with lists as single parameters: SQLAlchemy would look at each of a poll's 150 digests.
_OWN = select(APPEARANCE.c.key_digest, APPEARANCE.c.article_id, APPEARANCE.c.source_hash).where(
    APPEARANCE.c.source_id == bindparam("of_source"),
    APPEARANCE.c.key_digest.in_(bindparam("of_digests", expanding=True)),
)
_NAMED = select(ALIAS.c.digest, ALIAS.c.article_id).where(
    ALIAS.c.digest.in_(bindparam("of_digests", expanding=True))
)
_SAID = (
    select(APPEARANCE.c.article_id, APPEARANCE.c.source_hash)
    .where(
        APPEARANCE.c.article_id.in_(bindparam("of_ids", expanding=True)),
        APPEARANCE.c.source_id == bindparam("of_source"),
    )
    .order_by(APPEARANCE.c.last_changed_at, APPEARANCE.c.id)
)


def _raced() -> StoreBusy:
    return StoreBusy("article", "another source brought it at the same moment; decide again")


def _appearances(
    session: Session, source_id: int, digests: Iterable[bytes]
) -> dict[bytes, tuple[int, str]]:
    """Find the source's own appearances: digest → (article id, what the source said last)."""
    found: dict[bytes, tuple[int, str]] = {}
    for part in chunked(sorted(digests)):
        rows = session.execute(_OWN, {"of_source": source_id, "of_digests": part})
        found |= {key: (article_id, said) for key, article_id, said in rows}
    return found


def _named(session: Session, digests: Iterable[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for part in chunked(sorted(digests)):
        rows = session.execute(_NAMED, {"of_digests": part})
        found |= {row.digest: row.article_id for row in rows}
    return found


def _last_said(session: Session, source_id: int, article_ids: set[int]) -> dict[int, str]:
    """Find what the source said last of each article, under whichever key."""
    found: dict[int, str] = {}
    for part in chunked(sorted(article_ids)):
        rows = session.execute(_SAID, {"of_source": source_id, "of_ids": part})
        found |= {row.article_id: row.source_hash for row in rows}
    return found


def _hit(
    keys: Keys,
    own: Mapping[bytes, tuple[int, str]],
    named: Mapping[bytes, int],
    said: Mapping[int, str],
) -> _Hit | None:
    for name in _own_names(keys):
        if name in own:
            article_id, source_hash = own[name]
            joined = name != key_digest(keys)
            return _Hit(article_id=article_id, match="key", source_hash=source_hash, joined=joined)
    for alias in aliases_of(keys):
        if alias.digest in named:
            article_id = named[alias.digest]
            return _Hit(article_id=article_id, match=alias.kind, source_hash=said.get(article_id))
    return None


def _known(hit: _Hit | None, rows: Mapping[int, AnyRow], source_id: int) -> Known | None:
    if hit is None:
        return None
    row = rows[hit.article_id]
    return Known(
        article=article_of(row),
        match=hit.match,
        same_source=row.source_id == source_id,
        source_hash=hit.source_hash,
        joined=hit.joined,
    )
