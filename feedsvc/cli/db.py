"""`feedsvc db`: the database's schema."""

from __future__ import annotations

import click

from feedsvc.cli.screen import FAILED, Screen, command, say


@click.group(help="The database. 数据库。")
def db() -> None:
    """Group of the database commands."""


@command(db, "upgrade", "Bring the schema up to this version. 升级表结构。")
def upgrade(screen: Screen) -> None:
    """Upgrade and say from where to where."""
    from feedsvc.cli.opened import prepare, settings_of_process
    from feedsvc.services import build_services
    from feedsvc.store import schema

    services = build_services(settings_of_process())
    try:
        before = schema.check(services.db).current
        schema.upgrade(services.db)
        prepare(services)
        state = schema.check(services.db)
    finally:
        services.close()
    screen.show(
        {"before": before, "current": state.current},
        say("cli.db.upgraded", before=before or "-", current=state.current),
    )


@command(db, "check", "Say whether the schema is this version's. 检查表结构。")
def check(screen: Screen) -> None:
    """Compare, status 1 when it is not current."""
    from feedsvc.cli.opened import settings_of_process
    from feedsvc.services import build_services
    from feedsvc.store import schema

    services = build_services(settings_of_process())
    try:
        state = schema.check(services.db)
    finally:
        services.close()
    current = state.current == state.head
    key = "cli.db.current" if current else "cli.db.outdated"
    screen.show(
        {"current": state.current, "head": state.head, "ok": current},
        say(key, current=state.current or "-", head=state.head),
    )
    if not current:
        raise SystemExit(FAILED)
