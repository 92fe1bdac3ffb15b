"""Polls side by side: what one source does or suffers is no other's affair."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.feed import Category
from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim, Source
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import articles, feeds, runs, schema, sources
from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.running import eventually, service_in

MANY = 40


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as running:
        yield running


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    built = opened(tmp_path)
    yield built
    built.close()


def opened(home: Path, **settings: str) -> Services:
    service = service_in(home, allow_networks="127.0.0.0/8", **settings)
    built = build_services(load_settings(service.environment))
    schema.upgrade(built.db)
    with built.db.write() as session:
        feeds.ensure_builtin(session, built.clock())
    add_category(built.db, Category(slug="zhen", title="镇上"), built.clock())
    return built


def add(services: Services, slug: str, url: str) -> None:
    source = Source(slug=slug, url=url, category="zhen", every_seconds=1)
    add_source(services.db, source, services.clock())


def poll_all(services: Services) -> dict[str, Run]:
    claims = [one for slug in slugs(services) if (one := claimed(services, slug))]
    return {run.source: run for run in services.poller.poll_batch(claims)}


def slugs(services: Services) -> list[str]:
    with services.db.read() as session:
        return [source.slug for source in sources.all_sources(session)]


def claimed(services: Services, slug: str) -> Claim | None:
    return services.poller._claim_one(slug)


def test_each_source_of_a_batch_gets_its_own_run(services: Services, partner: Partner) -> None:
    for number in range(MANY):
        partner.publish(f"/{number}", rss([Story(number, text=f"{Story(1).text}{number}")]))
        add(services, f"s{number}", f"{partner.url}/{number}")
    add(services, "gone", f"{partner.url}/nowhere")
    partner.publish("/broken", "no feed at all")
    add(services, "broken", f"{partner.url}/broken")
    first = poll_all(services)
    assert [first[f"s{number}"].new for number in range(MANY)] == [1] * MANY
    assert first["gone"].error is not None
    assert first["gone"].error.kind == "http_status"
    assert first["broken"].status == "failed"
    partner.publish("/7", rss([Story(7), Story(100, text=f"{Story(1).text}100")]))
    again = poll_all(services)
    unchanged = {slug for slug, run in again.items() if run.status == "unchanged"}
    assert unchanged == {f"s{number}" for number in range(MANY) if number != 7}
    assert (again["s7"].status, again["s7"].new) == ("ok", 1)
    with services.db.read() as session:
        assert len(articles.find(session, limit=1000)) == MANY + 1
        latest = runs.latest_each(session)
    assert {slug: run.status for slug, run in latest.items()} == {
        slug: run.status for slug, run in again.items()
    }


def test_a_silent_partner_holds_up_nobody_else(tmp_path: Path, partner: Partner) -> None:
    services = opened(tmp_path, fetch_seconds="3", poll_workers="1")
    released = threading.Event()

    def silent() -> Answer:
        released.wait(10)
        return Answer(b"")

    for number in range(MANY):
        partner.pages[f"/silent{number}"] = silent
        add(services, f"silent{number}", f"{partner.url}/silent{number}")
    partner.publish("/good", rss([Story(1)]))
    add(services, "good", f"{partner.url}/good")
    ended: dict[str, float] = {}
    done = threading.Event()

    def note(run: Run | None) -> None:
        assert run is not None
        ended[run.source] = time.monotonic()
        if len(ended) == MANY + 1:
            done.set()

    claims = [one for slug in slugs(services) if (one := claimed(services, slug))]
    began = time.monotonic()
    services.poller.start(claims, note)
    assert done.wait(30)
    released.set()
    good = ended.pop("good")
    assert good < min(ended.values())
    assert max(ended.values()) - began < 20
    services.close()


def test_a_lost_lease_writes_nothing_and_costs_the_others_nothing(
    services: Services, partner: Partner
) -> None:
    for slug in ("a", "b"):
        partner.publish(f"/{slug}", rss([Story(1, text=f"{Story(1).text}{slug}")]))
        add(services, slug, f"{partner.url}/{slug}")
    poll_all(services)
    claims = [claimed(services, slug) for slug in ("a", "b")]
    with services.db.write() as session:
        sources.relocate(session, "a", f"{partner.url}/a", services.clock())
    stale = [claim for claim in claims if claim is not None]
    assert [run.status for run in services.poller.poll_batch(stale)] == ["unchanged"] * 2
    late = {run.source: run for run in services.poller.poll_batch(stale)}
    assert {run.error.kind for run in late.values() if run.error} == {"lease_lost"}
    with services.db.read() as session:
        assert len(runs.latest(session, "a")) == 2


def test_one_domain_is_asked_at_its_spacing_however_many_are_due(
    tmp_path: Path, partner: Partner
) -> None:
    services = opened(tmp_path, domain_spacing="0.2", lease_seconds="2")
    asked: list[float] = []

    def answer() -> Answer:
        asked.append(time.monotonic())
        return Answer(rss([Story(1)]).encode())

    for number in range(8):
        partner.pages[f"/{number}"] = answer
        add(services, f"s{number}", f"{partner.url}/{number}")
    polled = services.poller.poll_batch(services.poller.claim_due(99))
    # Half a lease is five turns after the first; the rest was given back unpolled and unharmed.
    assert len(polled) == 6
    # A busy machine may note one request late, which makes the next gap look short.
    assert all(later - sooner > 0.05 for sooner, later in itertools.pairwise(asked))
    assert asked[-1] - asked[0] > 0.8
    with services.db.read() as session:
        left = [sources.state(session, slug) for slug in slugs(services)]
        assert len(runs.latest_each(session)) == 6
    assert [state.failures for state in left] == [0] * 8
    assert all(state.lease_expires_at is None for state in left)
    eventually(
        lambda: services.poller.poll_batch(services.poller.claim_due(99)), "the rest has its turn"
    )
    services.close()


def test_a_stop_gives_claims_back(services: Services, partner: Partner) -> None:
    released = threading.Event()

    def silent() -> Answer:
        released.wait(10)
        return Answer(b"")

    for number in range(5):
        partner.pages[f"/{number}"] = silent
        add(services, f"s{number}", f"{partner.url}/{number}")
    found: list[Run | None] = []
    services.poller.start(services.poller.claim_due(99), found.append)
    eventually(lambda: partner.requests, "something is under way")
    services.poller.stop()
    eventually(lambda: len(found) == 5, "all claims are given back")
    released.set()
    assert {run.error.kind for run in found if run and run.error} == {"aborted"}
    with services.db.read() as session:
        states = [sources.state(session, f"s{number}") for number in range(5)]
    assert all(state.lease_expires_at is None and state.failures == 0 for state in states)
