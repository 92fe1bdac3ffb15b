"""Texts of one template: very many words in common, and no more work for the next than for the first."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.cluster import Neighbourhood, Print
from feedsvc.domain.decision import Decision, New
from feedsvc.ingest.grouping import grouped
from feedsvc.store import fingerprints, sources
from feedsvc.store.engine import Database
from feedsvc.store.tables_identity import FINGERPRINT
from feedsvc.text.fingerprints import print_of_article
from tests.store.samples import NOW, add_catalogue, poll

MOST_A_HASH = fingerprints.MOST_ROWS + fingerprints.MOST_IN_A_SOURCE + 1
COURTS = [f"court{number}" for number in range(14)]
# What stands in every notice; the people, the sums and the story are the rest.
BEFORE = (
    "本院受理原告与被告民间借贷纠纷一案，因其他方式无法送达，现依法向你公告送达起诉状副本、应诉通知书、"
    "举证通知书、合议庭组成人员告知书及开庭传票，自本公告发出之日起经过三十日即视为送达。"
)
AFTER = (
    "提出答辩状和举证的期限分别为公告期满后十五日和三十日内，并定于举证期满后第三日上午九时"
    "在本院第二审判庭公开开庭审理，逾期不到庭将依法缺席裁判。特此公告，望相互转告并按时参加诉讼。"
)
HAN = [chr(each) for each in range(0x4E00, 0x5E00)]


@pytest.fixture
def courts(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, COURTS)
    return db


def notice(dice: random.Random) -> str:
    story = "".join(dice.choices(HAN, k=60))
    return f"<p>{BEFORE}</p><p>{story}</p><p>{AFTER}</p>"


def take_in(db: Database, slug: str, bodies: Sequence[str]) -> Neighbourhood:
    """Store texts as one poll of `slug` does; returns what was found before."""
    new: list[Decision] = [
        New(
            draft=Draft(
                keys=Keys(guid=body),
                content=Content(title="公告", body_html=body),
                published_at=NOW,
                published_precision="minute",
                updated_at=NOW,
                source_hash=body,
            )
        )
        for body in bodies
    ]
    found: list[Neighbourhood] = []
    with db.write() as session:
        source = sources.get(session, slug)

        def look_up(prints: Sequence[Print]) -> Neighbourhood:
            found.append(fingerprints.neighbourhood(session, source.id, prints))
            return found[-1]

        decided = grouped(new, source, look_up)
    poll(db, slug, decided)
    return found[0]


def most_rows(db: Database) -> int:
    rows = func.count(FINGERPRINT.c.article_id)
    counts = select(rows.label("n")).group_by(FINGERPRINT.c.hash).subquery()
    with db.read() as session:
        return int(session.execute(select(func.max(counts.c.n))).scalar_one())


def test_one_poll_of_one_template_adds_few_rows_for_each_hash(courts: Database) -> None:
    dice = random.Random(1)
    take_in(courts, "court0", [notice(dice) for _ in range(60)])
    assert most_rows(courts) == fingerprints.MOST_IN_A_SOURCE + 1


def test_a_repost_is_found_among_very_many_texts_of_its_template(courts: Database) -> None:
    """As many from each source as are not yet its furniture, until the hashes have all their rows."""
    dice = random.Random(2)
    for slug in COURTS[:-2]:
        bodies = [notice(dice) for _ in range(fingerprints.MOST_IN_A_SOURCE)]
        found = take_in(courts, slug, bodies)
        assert all(len(each) <= 2 * fingerprints.CANDIDATES for each in found.neighbours.values())
    assert fingerprints.MOST_ROWS <= most_rows(courts) <= MOST_A_HASH
    wanted = notice(dice)
    take_in(courts, COURTS[-2], [wanted])
    [neighbours] = take_in(courts, COURTS[-1], [wanted]).neighbours.values()
    assert print_of_article("公告", wanted, NOW) in [each.print for each in neighbours]


def test_furniture_is_known_by_its_keys_as_a_whole(courts: Database) -> None:
    dice = random.Random(3)
    bodies = [notice(dice) for _ in range(30)]
    take_in(courts, "court0", bodies)
    found = take_in(courts, "court1", [notice(dice)])
    one, other = (set(print_of_article("", each, NOW).hashes) for each in bodies[:2])
    assert len(one & other) > 30
    assert one & other <= found.boilerplate
    assert not found.neighbours
    assert len(one & found.boilerplate) < len(one)
