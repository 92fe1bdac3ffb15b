"""Prints of texts: which stored articles share some with drafts, in a fixed number of statements."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from feedsvc.domain.cluster import Alike, Neighbour, Neighbourhood, Place, Print
from feedsvc.store.bulk import insert_all
from feedsvc.store.clusters import clusters_of
from feedsvc.store.columns import AnyRow, chunked
from feedsvc.store.dialects import dialect_of
from feedsvc.store.tables_identity import ALIKE, FINGERPRINT, SKETCH
from feedsvc.text.fingerprints import packed, unpacked

# A hash in more articles of one source than this is its furniture: navigation, a standing line.
MOST_IN_A_SOURCE = 20
# A story that this many outlets carry is found by the rows that there are.
MOST_ROWS = 200
LEAST_SHARED = 4
CANDIDATES = 8


def neighbourhood(session: Session, source_id: int, prints: Sequence[Print]) -> Neighbourhood:
    """Find the articles of other sources that share enough with each print: four statements in all."""
    rows = _rows(session, {each for one in prints for each in (*one.hashes, one.mark) if each})
    boilerplate = frozenset(each for each, held in rows.items() if _is_boilerplate(held))
    full = frozenset(each for each, held in rows.items() if len(held) >= MOST_ROWS)
    chosen = {
        at: best
        for at, one in enumerate(prints)
        if (best := _best(one, rows, boilerplate, source_id))
    }
    wanted = {article for best in chosen.values() for article in best}
    sketches = _sketches(session, wanted)
    clusters = clusters_of(session, sketches.keys())
    neighbours = {
        at: tuple(
            Neighbour(
                article=article,
                print=sketches[article],
                cluster=clusters[article],
                marked=bool(prints[at].mark) and prints[at].mark == sketches[article].mark,
            )
            for article in best
            if article in sketches
        )
        for at, best in chosen.items()
    }
    return Neighbourhood(neighbours=neighbours, boilerplate=boilerplate, full=full)


def save(session: Session, places: Mapping[int, Place], source_id: int) -> None:
    """Keep the prints of new articles, by their numbers, and what they are alike to."""
    if not places:
        return
    insert_all(session, SKETCH, [_sketch(*each) for each in places.items()])
    _index(session, {number: _indexed(each) for number, each in places.items()}, source_id)
    alike = [
        {"article_id": number, "other_id": other.article, "score": other.score}
        for number, place in places.items()
        for other in place.alike
    ]
    if alike:
        insert_all(session, ALIKE, alike)


def renew(session: Session, prints: Mapping[int, tuple[int, Print]]) -> None:
    """Replace the prints of articles whose words have changed: number → (source's id, print).

    Those that had none, because nobody looked when they came, get none.
    """
    before = _sketches(session, prints)
    for number, (source_id, made) in sorted(prints.items()):
        if number not in before or before[number] == made:
            continue
        old = before[number]
        session.execute(
            delete(FINGERPRINT).where(
                FINGERPRINT.c.hash.in_([*old.hashes, old.mark]), FINGERPRINT.c.article_id == number
            )
        )
        session.execute(delete(SKETCH).where(SKETCH.c.article_id == number))
        insert_all(session, SKETCH, [_sketch(number, Place(print=made))])
        _index(session, {number: _indexed(Place(print=made))}, source_id)


def alike_to(session: Session, article_id: int) -> list[Alike]:
    """Return the articles that share text with one, most first."""
    later = select(ALIKE.c.other_id, ALIKE.c.score).where(ALIKE.c.article_id == article_id)
    earlier = select(ALIKE.c.article_id, ALIKE.c.score).where(ALIKE.c.other_id == article_id)
    found = [
        Alike(article=row[0], score=row[1])
        for statement in (later, earlier)
        for row in session.execute(statement)
    ]
    return sorted(found, key=lambda each: (-each.score, each.article))


def _rows(session: Session, hashes: Set[int]) -> dict[int, list[AnyRow]]:
    """Read who has which of the hashes: one parameter, for thousands would cost more than the search."""
    found: dict[int, list[AnyRow]] = defaultdict(list)
    if not hashes:
        return found
    for row in session.execute(_LOOK_UP[dialect_of(session)], _bound(session, sorted(hashes))):
        found[row.hash].append(row)
    return found


def _bound(session: Session, hashes: list[int]) -> dict[str, Any]:
    return {"hashes": hashes if dialect_of(session) == "postgresql" else json.dumps(hashes)}


_COLUMNS = select(FINGERPRINT.c.hash, FINGERPRINT.c.article_id, FINGERPRINT.c.source_id)
_LOOK_UP = {
    "sqlite": _COLUMNS.where(
        FINGERPRINT.c.hash.in_(text("SELECT value FROM json_each(:hashes)")),
    ),
    "postgresql": _COLUMNS.where(
        FINGERPRINT.c.hash == func.any(bindparam("hashes", type_=ARRAY(BigInteger)))
    ),
}
_INSERT = {
    "sqlite": text(
        "INSERT INTO fingerprint (hash, article_id, source_id)"
        " SELECT each.value ->> 0, each.value ->> 1, :source_id FROM json_each(:rows) AS each"
    ),
    "postgresql": text(
        "INSERT INTO fingerprint (hash, article_id, source_id)"
        " SELECT hash, article_id, :source_id"
        " FROM unnest(:hashes, :numbers) AS each (hash, article_id)"
    ).bindparams(
        bindparam("hashes", type_=ARRAY(BigInteger)), bindparam("numbers", type_=ARRAY(BigInteger))
    ),
}


def _index(session: Session, wanted: Mapping[int, Iterable[int]], source_id: int) -> None:
    """Add the rows in the order of the index, which is half of their cost, and in one statement."""
    rows = sorted((each, number) for number, hashes in wanted.items() for each in hashes)
    dialect = dialect_of(session)
    if dialect == "postgresql":
        values = {"hashes": [each for each, _ in rows], "numbers": [number for _, number in rows]}
    else:
        values = {"rows": json.dumps(rows)}  # type: ignore[dict-item]
    session.execute(_INSERT[dialect], {**values, "source_id": source_id})


def _indexed(place: Place) -> list[int]:
    hashes = {*place.print.hashes, place.print.mark} - {0} - place.unindexed
    return list(hashes)


def _sketch(number: int, place: Place) -> dict[str, Any]:
    made = place.print
    return {
        "article_id": number,
        "grams": made.grams,
        "mark": made.mark,
        "hashes": packed(made),
    }


def _sketches(session: Session, numbers: Iterable[int]) -> dict[int, Print]:
    found: dict[int, Print] = {}
    for part in chunked(sorted(numbers)):
        rows = session.execute(select(SKETCH).where(SKETCH.c.article_id.in_(part)))
        found |= {row.article_id: unpacked(row.grams, row.mark, row.hashes) for row in rows}
    return found


def _is_boilerplate(rows: Sequence[AnyRow]) -> bool:
    if len(rows) <= MOST_IN_A_SOURCE:
        return False
    return max(Counter(row.source_id for row in rows).values()) > MOST_IN_A_SOURCE


def _best(
    one: Print,
    rows: Mapping[int, Sequence[AnyRow]],
    boilerplate: frozenset[int],
    source_id: int,
) -> list[int]:
    """Choose the articles of other sources with the most in common, and those with the same mark."""
    shared = Counter(
        row.article_id
        for each in one.hashes
        if each in rows and each not in boilerplate
        for row in rows[each]
        if row.source_id != source_id
    )
    best = [article for article, count in shared.most_common(CANDIDATES) if count >= LEAST_SHARED]
    marked = [row.article_id for row in rows.get(one.mark, ()) if row.source_id != source_id]
    return list(dict.fromkeys([*best, *marked[:CANDIDATES]]))
