"""`feedsvc sources accept-layout`, and how a layout is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from feedsvc.domain.layout import Layout


def add_layout(sources: click.Group) -> None:
    """Add the command to `feedsvc sources`."""

    @command(
        sources, "accept-layout", "Take the rules proposed after a redesign. 采用改版后的规则。"
    )
    @click.argument("slug")
    @click.option(
        "--keep-rules",
        is_flag=True,
        help="The rules are right as they are; only learn anew. 保留现有规则。",
    )
    def accept_layout(screen: Screen, slug: str, *, keep_rules: bool) -> None:
        """Change the rules, learn the layout anew, and read what was missed at once."""
        from feedsvc.cli.opened import opened
        from feedsvc.cli.shapes import plain, run_shape
        from feedsvc.curate import relayout

        with opened() as services:
            now = services.clock()
            source = relayout.accept_layout(services.db, slug, now, keep_rules=keep_rules)
            run = services.poller.poll_now(slug)
            services.publish_gathered()
        screen.show(
            {"slug": slug, "rules": plain(source.rules), "run": run_shape(run)},
            say("cli.layout.accepted", slug=slug),
            say(
                f"cli.run.{run.status}",
                source=slug,
                new=run.new,
                updated=run.updated,
                withdrawn=run.withdrawn,
            ),
        )


def layout_shape(layout: Layout) -> dict[str, Any]:
    """A layout as JSON: its state, since when, why, and the rules that would fit now."""
    from feedsvc.cli.shapes import plain, time_shape

    return {
        "state": layout.state,
        "changed_at": time_shape(layout.changed_at),
        "reasons": list(layout.reasons),
        "proposal": plain(layout.proposal),
    }


def layout_lines(slug: str, layout: Layout) -> list[str]:
    """The same in words, with what to do about it."""
    lines = [say(f"cli.layout.{layout.state}")]
    lines += [f"  {say(f'cli.layout.reason.{reason}')}" for reason in layout.reasons]
    if layout.proposal is not None:
        lines.append(say("cli.layout.proposal", slug=slug))
        for table, rules in layout.proposal.items():
            lines += [f"  [{table}] {name} = {value}" for name, value in rules.items()]
    elif layout.changed_at is not None:
        lines.append(say("cli.layout.no_proposal"))
    return lines
