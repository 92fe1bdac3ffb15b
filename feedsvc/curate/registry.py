"""What an operator says about partners and sections, checked before it is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from feedsvc.domain.feed import Category, Site
from feedsvc.domain.picture import PICTURE_USES
from feedsvc.domain.source import OWN, Source, SourceKind, is_own
from feedsvc.errors import UsageError
from feedsvc.parse.rules import read_rules
from feedsvc.store import categories, sources
from feedsvc.store.engine import Database

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def add_source(db: Database, source: Source, now: datetime) -> bool:
    """Store a source, due at once; nothing is fetched. False: it is there already, with equal values.

    Raises `UsageError` for a value that cannot work, `NotFound` for a category that does not
    exist, `Conflict` when the slug stands for something else.
    """
    check_slug("slug", source.slug)
    check_source(source)
    if source.every_seconds < 1:
        raise UsageError("every", f"{source.every_seconds} is not a number of seconds above 0")
    if source.pictures not in PICTURE_USES:
        raise UsageError("pictures", f"{source.pictures!r} is not one of {', '.join(PICTURE_USES)}")
    _check_list_rules(source.kind, source.rules)
    with db.write() as session:
        return sources.add(session, source, now)


def change_rules(db: Database, slug: str, rules: Mapping[str, Any], now: datetime) -> None:
    """Read a source by other rules from its next poll on, which is due at once.

    Raises `NotFound`, `ConfigError` naming the key that cannot be used, `UsageError` for a list
    source that would be left without list rules.
    """
    check_rules(rules, slug)
    with db.write() as session:
        _check_list_rules(sources.get(session, slug).kind, rules)
        sources.set_rules(session, slug, rules, now)


def check_source(source: Source) -> None:
    """Raise `UsageError` or `ConfigError` for an address, zone, charset or rules that cannot work."""
    _check_url(source.url)
    check_timezone(source.timezone)
    check_charset(source.charset)
    check_rules(source.rules, source.slug)


def add_category(db: Database, category: Category, now: datetime) -> bool:
    """Store a section and its feed. False: it is there already, with equal values."""
    check_slug("slug", category.slug)
    if category.slug in categories.RESERVED_SLUGS:
        raise UsageError("slug", f"{category.slug!r} is reserved for a feed of its own")
    if not category.title.strip():
        raise UsageError("title", "a category needs a title")
    with db.write() as session:
        return categories.add(session, category, now)


def own_source(db: Database, category: str, site: Site, now: datetime) -> Source:
    """Return the source that files imported into a section belong to: ourselves, never polled.

    It is made if need be, and stays the section's whatever that is called later. Raises `NotFound`
    for a category that does not exist, `Conflict` for a retired one.
    """
    with db.write() as session:
        section = categories.get_open(session, category)
        there = [each for each in sources.all_sources(session) if each.category == section.slug]
        for each in there:
            if is_own(each.slug) and each.paused:
                return each
        ours = Source(
            slug=f"{OWN}{section.slug}",
            url=f"{site.base_url}/",
            category=section.slug,
            title=site.title,
            paused=True,
        )
        sources.add(session, ours, now)
        return sources.get(session, ours.slug)


def check_rules(rules: Mapping[str, Any], subject: str) -> None:
    """Raise `ConfigError` naming the key for rules that cannot be used; no rules are fine."""
    if rules:
        read_rules(rules, subject)


def _check_list_rules(kind: SourceKind, rules: Mapping[str, Any]) -> None:
    if kind == "list" and "list" not in rules:
        raise UsageError("rules", "a list source needs a rules file with a [list] table")


def check_slug(argument: str, slug: str) -> None:
    """Raise `UsageError` for what cannot be a name in an address."""
    if not SLUG.fullmatch(slug):
        raise UsageError(argument, f"{slug!r} may hold only a-z, 0-9 and hyphens, at most 64")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("url", f"{url!r} is not an http(s) address")


def check_timezone(name: str) -> None:
    """Raise `UsageError` for a name that is no time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            "timezone", f"{name!r} is not a time zone such as Asia/Shanghai"
        ) from error


def check_charset(name: str | None) -> None:
    """Raise `UsageError` for a name that is no character set (`hex` is a codec of another kind)."""
    if name is None:
        return
    try:
        b"a".decode(name, "replace")
    except LookupError as error:
        raise UsageError("charset", f"{name!r} is not a character set such as gb18030") from error
