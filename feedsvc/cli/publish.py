"""`feedsvc publish`: make every feed's documents anew."""

from __future__ import annotations

import click

from feedsvc.cli.screen import FAILED, Screen, command, say


def add_publish(group: click.Group) -> None:
    """Attach the command to the main group."""

    @command(group, "publish", "Render every feed anew. 重新生成全部订阅源。")
    def publish(screen: Screen) -> None:
        """Render and store all documents; status 1 when a feed could not be made."""
        from feedsvc.cli.opened import opened
        from feedsvc.store import feeds

        with opened() as services:
            with services.db.read() as session:
                slugs = tuple(state.slug for state in feeds.states(session))
            failed = services.publisher.publish(slugs)
        screen.show(
            {"published": [slug for slug in slugs if slug not in failed], "failed": failed},
            say("cli.publish.done", count=len(slugs) - len(failed), failed=len(failed)),
        )
        if failed:
            raise SystemExit(FAILED)
