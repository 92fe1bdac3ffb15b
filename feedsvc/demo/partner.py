"""The demo as part of a service: our sample partner beside it, and the sources that poll it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feedsvc.curate.registry import add_category, add_source
from feedsvc.demo.site import DemoSite
from feedsvc.demo.sources import demo_category, demo_sources
from feedsvc.errors import ConfigError
from feedsvc.services import DEMO_FILE, Services
from feedsvc.store import categories, sources
from feedsvc.store.removing import remove_source

DEMO_HOST = "127.0.0.1"
# Added to our own port for the first try, so that several services on one machine do not collide.
PORT_OFFSET = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPartner:
    """The running sample partner."""

    site: DemoSite
    url: str

    def stop(self) -> None:
        """Stop it; its sources stay and are polled again at the next start."""
        self.site.stop()


def start_partner(services: Services, *, wanted: bool) -> DemoPartner | None:
    """Start the sample partner and its sources, unless real partners are there already.

    Without it (None) the demo's sources are paused, because nobody answers them.
    """
    with services.db.read() as session:
        known = sources.all_sources(session)
    ours = [source for source in known if source.demo]
    if not wanted or len(ours) < len(known):
        _pause(services, [source.slug for source in ours], paused=True)
        return None
    site = start_site(services)
    url = f"http://{DEMO_HOST}:{site.port}"
    load(services, url)
    return DemoPartner(site=site, url=url)


def start_site(services: Services) -> DemoSite:
    """Start the partner's site where it was last time, so that stored addresses stay right."""
    path = services.settings.home / DEMO_FILE
    port, remembered = _remembered(path)
    started_at = remembered or services.clock()
    for candidate in (port or services.settings.port + PORT_OFFSET, 0):
        site = DemoSite(started_at, host=DEMO_HOST, port=candidate)
        try:
            site.start()
        except (OSError, OverflowError):
            continue
        state = {"port": site.port, "started_at": started_at.isoformat()}
        _write(path, json.dumps(state))
        return site
    raise ConfigError("demo", "no free port for the demo partner; start with --no-demo")


def load(services: Services, url: str) -> None:
    """Create the demo's category and sources, or point them at the partner's address of today."""
    now = services.clock()
    with services.db.read() as session:
        known = {source.slug: source for source in sources.all_sources(session)}
    add_category_once(services, now)
    for source in demo_sources(url):
        if source.slug in known:
            with services.db.write() as session:
                sources.relocate(session, source.slug, source.url, now)
        else:
            add_source(services.db, source, now)
    _pause(services, [source.slug for source in demo_sources(url)], paused=False)


def add_category_once(services: Services, now: datetime) -> None:
    """The demo's section, unless the editor has one of that name already."""
    category = demo_category()
    with services.db.read() as session:
        if categories.is_known(session, category.slug):
            return
    add_category(services.db, category, now)


def _pause(services: Services, slugs: list[str], *, paused: bool) -> None:
    with services.db.write() as session:
        for slug in slugs:
            sources.set_paused(session, slug, paused=paused, now=services.clock())


def _remembered(path: Path) -> tuple[int | None, datetime | None]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        return int(state["port"]), datetime.fromisoformat(state["started_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def _write(path: Path, text: str) -> None:
    """Whole or not at all: another process may read it at any time."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def clear(services: Services) -> int:
    """Remove the demo's sources and articles and publish its feeds anew; return how many sources."""
    with services.db.read() as session:
        slugs = [source.slug for source in sources.all_sources(session) if source.demo]
    feeds: set[str] = set()
    for slug in slugs:
        with services.db.write() as session:
            feeds.update(remove_source(session, slug, services.clock()).feeds)
    services.gallery.settle_due(services.clock())
    services.publisher.publish(sorted(feeds))
    return len(slugs)
