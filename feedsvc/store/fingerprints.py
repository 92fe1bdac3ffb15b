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
from feedsvc.text.fingerprints import keys, packed, unpacked

# A hash in more articles of one source than this is its furniture: navigation, a standing line.
MOST_IN_A_SOURCE = 20
# A story that this many outlets carry is found by the rows that there are. No hash gets more, and of
# one poll at most `MOST_IN_A_SOURCE` + 1, or texts of one template would be read for each other.
MOST_ROWS = 200
# For each text, the rarest keys first: these tell most, and of what all have a few tell enough.
MOST_COUNTED = 4 * MOST_ROWS
# One key in common is chance, unless hardly any other article has it.
LEAST_SHARED = 2
FEW = 3
# Of so many articles with a source's furniture, what this many have is furniture as a whole.
SAMPLE = 8
MOST_OWN = 2
CANDIDATES = 8


def neighbourhood(session: Session, source_id: int, prints: Sequence[Print]) -> Neighbourhood:
    """Find the articles of other sources that share enough with each print: five statements in all."""
    wanted_keys = [keys(one) for one in prints]
    rows = _rows(session, {each for one in wanted_keys for each in one})
    boilerplate = _boilerplate(rows)
    furniture = boilerplate - {one.mark for one in prints}
    telling = _telling(rows, furniture, source_id)
    chosen = {
        at: best
        for at, one in enumerate(prints)
        if (best := _best(one.mark, wanted_keys[at], telling))
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
    return Neighbourhood(
        neighbours=neighbours,
        boilerplate=boilerplate | _all_furniture(session, rows, furniture),
        full=_full(rows),
    )


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
    changed = {
        number: each for number, each in prints.items() if before.get(number, each[1]) != each[1]
    }
    rows = _rows(session, {each for _, made in changed.values() for each in keys(made)})
    unindexed = _boilerplate(rows) | _full(rows)
    for number, (source_id, made) in sorted(changed.items()):
        old = before[number]
        session.execute(
            delete(FINGERPRINT).where(
                FINGERPRINT.c.hash.in_([*old.hashes, old.mark]), FINGERPRINT.c.article_id == number
            )
        )
        session.execute(delete(SKETCH).where(SKETCH.c.article_id == number))
        insert_all(session, SKETCH, [_sketch(number, Place(print=made))])
        _index(session, {number: _indexed(Place(print=made, unindexed=unindexed))}, source_id)


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
    rows = _bounded(sorted((each, number) for number, found in wanted.items() for each in found))
    dialect = dialect_of(session)
    if dialect == "postgresql":
        values = {"hashes": [each for each, _ in rows], "numbers": [number for _, number in rows]}
    else:
        values = {"rows": json.dumps(rows)}  # type: ignore[dict-item]
    session.execute(_INSERT[dialect], {**values, "source_id": source_id})


def _bounded(rows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep so many rows of each hash as show that it is furniture; `rows` are in order."""
    apart = MOST_IN_A_SOURCE + 1
    return [row for at, row in enumerate(rows) if at < apart or rows[at - apart][0] != row[0]]


def _indexed(place: Place) -> set[int]:
    return set(keys(place.print)) - place.unindexed


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


def _boilerplate(rows: Mapping[int, Sequence[AnyRow]]) -> frozenset[int]:
    return frozenset(each for each, held in rows.items() if _is_boilerplate(held))


def _all_furniture(
    session: Session, rows: Mapping[int, Sequence[AnyRow]], known: Set[int]
) -> set[int]:
    """Tell the hashes that are no keys of furniture from those that are: by articles that have it."""
    holders: dict[int, Counter[int]] = defaultdict(Counter)
    for each in known:
        for row in rows[each]:
            holders[row.source_id][row.article_id] += 1
    samples = [
        [article for article, _ in held.most_common(SAMPLE)]
        for held in holders.values()
        if len(held) > MOST_IN_A_SOURCE
    ]
    sketches = _sketches(session, {article for sample in samples for article in sample})
    found: set[int] = set()
    for sample in samples:
        made = [sketches[article] for article in sample if article in sketches]
        had = Counter(each for one in made for each in one.hashes)
        found |= {each for each, count in had.items() if count > MOST_OWN}
    return found


def _full(rows: Mapping[int, Sequence[AnyRow]]) -> frozenset[int]:
    return frozenset(each for each, held in rows.items() if len(held) >= MOST_ROWS)


def _is_boilerplate(rows: Sequence[AnyRow]) -> bool:
    if len(rows) <= MOST_IN_A_SOURCE:
        return False
    return max(Counter(row.source_id for row in rows).values()) > MOST_IN_A_SOURCE


def _telling(
    rows: Mapping[int, Sequence[AnyRow]], furniture: Set[int], source_id: int
) -> dict[int, list[int]]:
    """Say which articles of other sources have each hash, but for furniture."""
    return {
        each: [row.article_id for row in held if row.source_id != source_id]
        for each, held in rows.items()
        if each not in furniture
    }


def _best(mark: int, wanted: Sequence[int], telling: Mapping[int, Sequence[int]]) -> list[int]:
    """Choose the articles with the most in common, and those with the same mark."""
    shared: Counter[int] = Counter()
    rarely: set[int] = set()
    left = MOST_COUNTED
    for held in sorted((telling.get(each, ()) for each in wanted if each != mark), key=len):
        if left <= 0:
            break
        shared.update(held)
        left -= len(held)
        if len(held) <= FEW:
            rarely.update(held)
    best = [
        article
        for article, count in shared.most_common(CANDIDATES)
        if count >= LEAST_SHARED or article in rarely
    ]
    return list(dict.fromkeys([*best, *telling.get(mark, ())[:CANDIDATES]]))
