"""Sites that are redesigned: noticed within two polls, nothing wrong published, read again by proposed rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from feedsvc.curate.registry import add_category, add_source
from feedsvc.curate.relayout import accept_layout
from feedsvc.domain.article import Article
from feedsvc.domain.feed import Category
from feedsvc.domain.layout import Layout
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source
from feedsvc.errors import Conflict
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import articles, feeds, layouts, schema, sources
from feedsvc.text.html import plain_text
from tests.ingest.drifting import DRIFT, OUTLET, Told, case, show
from tests.partner import Answer, Partner, partner_site

CASES = sorted(path.stem for path in DRIFT.glob("*.toml"))
# For these nothing is proposed: rows that a script brings, headlines that are no longer marked as such.
BEYOND_RULES = {"script_shell", "channel_for_headline", "links_say_more"}
QUICK = {"class_renamed", "half_in_new_block", "body_renamed", "channel_for_headline"}
PARAMETERS = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.thorough) for name in CASES
]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    home = tmp_path_factory.mktemp("drift")
    environment = {
        "FEEDSVC_HOME": str(home),
        "FEEDSVC_ALLOW_NETWORKS": "127.0.0.0/8",
        "FEEDSVC_DOMAIN_SPACING": "0",
        "FEEDSVC_LOG_LEVEL": "error",
    }
    made = build_services(load_settings(environment))
    schema.upgrade(made.db)
    with made.db.write() as session:
        feeds.ensure_builtin(session, made.clock())
    add_category(made.db, Category(slug="gongan", title="公安要闻"), made.clock())
    yield made
    made.close()


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        yield site


def begin(services: Services, partner: Partner, slug: str, rules: dict[str, Any]) -> None:
    source = Source(
        slug=slug,
        url=f"{partner.url}/{slug}/index.html",
        category="gongan",
        kind="list",
        rules=rules,
    )
    add_source(services.db, source, services.clock())


def poll(services: Services, slug: str) -> Run:
    return services.poller.poll_now(slug)


def layout_of(services: Services, slug: str) -> Layout:
    with services.db.read() as session:
        return layouts.get(session, sources.get(session, slug).id)


def stored(services: Services, slug: str) -> list[Article]:
    with services.db.read() as session:
        return articles.find(session, source=slug, limit=100)


def told_by(slug: str, count: int) -> list[Told]:
    """The first articles of one partner; no two partners tell the same, which would make one article."""
    return [Told(number, sum(map(ord, slug))) for number in range(count)]


def faults(services: Services, slug: str) -> list[str]:
    """Whatever of the stored articles is not as the partner told it."""
    truth = {f"/{told.number}.html": told for told in told_by(slug, 40)}
    found = []
    for article in stored(services, slug):
        link = article.link or ""
        told = truth[link[link.rindex("/") :]]
        content = article.content
        checks = {
            "title": content.title == told.title,
            "text": "".join(plain_text(content.body_html).split()) == told.text,
            "time": article.published_at == told.at,
            "attribution": content.attribution == OUTLET,
            "status": article.status == "live",
        }
        found += [f"{told.number} {name}" for name, right in checks.items() if not right]
    return found


def redesigned(services: Services, partner: Partner, name: str, slug: str) -> dict[str, Any]:
    """Poll a partner in its old layout until it is known, then let it change; two articles are new."""
    site = case(name)
    begin(services, partner, slug, site["rules"])
    for newest in (10, 11):
        show(partner, f"/{slug}", site["before"], told_by(slug, newest))
        assert poll(services, slug).status == "ok"
    assert len(stored(services, slug)) == 11
    assert faults(services, slug) == []
    assert layout_of(services, slug).state == "steady"
    show(partner, f"/{slug}", site["after"], told_by(slug, 13), site.get("head", 0))
    return site


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_redesign_is_noticed_and_read_again(
    services: Services, partner: Partner, name: str
) -> None:
    slug = name.replace("_", "-")
    redesigned(services, partner, name, slug)
    runs = [poll(services, slug) for _ in range(2)]
    assert layout_of(services, slug).state == "changed"
    assert runs[-1].error is not None
    assert runs[-1].error.kind == "layout_changed"
    assert faults(services, slug) == [], "nothing wrong is stored"
    assert len(stored(services, slug)) == 11
    if name in BEYOND_RULES:
        with pytest.raises(Conflict, match="no rules are proposed"):
            accept_layout(services.db, slug, services.clock())
        return
    accept_layout(services.db, slug, services.clock())
    again = poll(services, slug)
    assert (again.status, again.new) == ("ok", 2)
    assert faults(services, slug) == []
    assert len(stored(services, slug)) == 13
    assert layout_of(services, slug).state == "steady"


def test_enough_layouts_are_tried_and_read_again() -> None:
    assert len(CASES) >= 12
    assert len(CASES) - len(BEYOND_RULES) >= 10
    assert all(case(name)["about"] for name in CASES)


def test_a_site_that_returns_to_its_old_layout_is_read_as_before(
    services: Services, partner: Partner
) -> None:
    site = redesigned(services, partner, "class_renamed", "returning")
    poll(services, "returning")
    show(partner, "/returning", site["before"], told_by("returning", 13))
    assert (poll(services, "returning").new, layout_of(services, "returning").state) == (
        2,
        "steady",
    )
    assert faults(services, "returning") == []


def test_an_article_that_is_gone_is_withdrawn_although_the_layout_changed(
    services: Services, partner: Partner
) -> None:
    redesigned(services, partner, "script_shell", "gone")
    partner.pages["/gone/n/3.html"] = Answer(b"", status=410)
    run = poll(services, "gone")
    assert (run.status, run.withdrawn) == ("failed", 1)
    withdrawn = [each for each in stored(services, "gone") if each.status == "withdrawn"]
    assert [each.content.title for each in withdrawn] == [told_by("gone", 4)[3].title]


def test_a_notice_of_maintenance_in_place_of_the_list_is_no_redesign(
    services: Services, partner: Partner
) -> None:
    site = redesigned(services, partner, "class_renamed", "mended")
    partner.publish("/mended/index.html", "<html><body><p>网站维护中</p></body></html>")
    run = poll(services, "mended")
    assert run.error is not None
    assert run.error.kind == "rules_mismatch"
    assert layout_of(services, "mended").state == "suspected"
    show(partner, "/mended", site["before"], told_by("mended", 13))
    assert (poll(services, "mended").new, layout_of(services, "mended").state) == (2, "steady")


def test_an_operator_may_say_that_the_rules_are_right(services: Services, partner: Partner) -> None:
    redesigned(services, partner, "paging_changed", "kept")
    poll(services, "kept")
    poll(services, "kept")
    assert layout_of(services, "kept").reasons == ("paging",)
    accept_layout(services.db, "kept", services.clock(), keep_rules=True)
    assert (poll(services, "kept").new, layout_of(services, "kept").state) == (2, "steady")
