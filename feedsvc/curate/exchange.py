"""Sources in and out as OPML: what is there already stays as it is, and each outline is judged alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from feedsvc.curate.opml import Outline, read_opml, write_opml
from feedsvc.curate.registry import add_category, add_source
from feedsvc.curate.slugs import free_slug, slug_of
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Source
from feedsvc.errors import ConfigError, FeedsvcError, UsageError
from feedsvc.store import categories, sources
from feedsvc.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of one outline."""

    slug: str
    url: str
    category: str
    status: Literal["created", "present", "failed"]
    error: FeedsvcError | None = None


def export_sources(db: Database, title: str) -> bytes:
    """Write all sources but the demo's as OPML."""
    with db.read() as session:
        known = categories.all_categories(session)
        stored = [each for each in sources.all_sources(session) if not each.demo]
    return write_opml(title, known, stored)


def import_sources(
    db: Database, data: bytes, subject: str, category: str | None, now: datetime
) -> list[TakenIn]:
    """Store the sources of an OPML file; a section that our own file names is created if need be.

    `category` is for outlines whose section is not known otherwise: by our attribute, or by a group
    that bears a section's name or slug. Raises `UsageError` for a file that cannot be used, or
    where a section is missing, before anything is stored; what fails later fails alone.
    """
    outlines = read_opml(data, subject)
    with db.read() as session:
        known = categories.all_categories(session)
        stored = sources.all_sources(session)
        if category is not None:
            categories.get(session, category)
    wanted = [replace(each, category=_section(each, known, category, subject)) for each in outlines]
    for slug, title in _lacking(db, wanted).items():
        add_category(db, Category(slug=slug, title=title), now)
    taken = {each.slug for each in stored}
    by_url = {url: each for each in stored for url in (each.url, each.given_url) if url}
    results: list[TakenIn] = []
    for outline in wanted:
        result = _take_in(db, outline, by_url, taken, now)
        taken.add(result.slug)
        results.append(result)
    return results


def _section(
    outline: Outline, known: Sequence[Category], category: str | None, subject: str
) -> str:
    if outline.category:
        return outline.category
    names = {name: each.slug for each in known for name in (each.slug, each.title)}
    group = next((names[each] for each in reversed(outline.groups) if each in names), None)
    chosen = group or category
    if chosen is None:
        raise UsageError(
            subject, f"does not say the section of {outline.url}; give one with --category"
        )
    return chosen


def _lacking(db: Database, wanted: Sequence[Outline]) -> dict[str, str]:
    named = {each.category: each.category_title or each.category for each in wanted}
    with db.read() as session:
        return {
            slug: title for slug, title in named.items() if not categories.is_known(session, slug)
        }


def _take_in(
    db: Database, outline: Outline, by_url: dict[str, Source], taken: set[str], now: datetime
) -> TakenIn:
    said = dict(outline.said or {})
    slug = said.pop("slug", "")
    if not slug and outline.url in by_url:
        there = by_url[outline.url]
        return TakenIn(slug=there.slug, url=outline.url, category=there.category, status="present")
    source = Source(
        slug=slug or free_slug(slug_of(outline.url), taken),
        url=outline.url,
        category=outline.category,
        title=outline.title if outline.title != slug else "",
        **said,
    )
    result = TakenIn(slug=source.slug, url=source.url, category=source.category, status="present")
    try:
        created = add_source(db, source, now)
    except (UsageError, ConfigError) as error:
        return replace(result, status="failed", error=error)
    by_url[source.url] = source
    return replace(result, status="created") if created else result
