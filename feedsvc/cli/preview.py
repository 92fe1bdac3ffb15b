"""`feedsvc sources preview`: what a URL would be as a source, before anything is stored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from feedsvc.cli.screen import FAILED, Screen, command, say

if TYPE_CHECKING:
    from feedsvc.domain.source import Source
    from feedsvc.ingest.preview import Preview
    from feedsvc.services import Services


def add_preview(group: click.Group) -> None:
    """Attach the command to the group of the source commands."""

    @command(
        group, "preview", "Show what a URL would be as a source; nothing is stored. 预览来源。"
    )
    @click.argument("url")
    @click.option("--category", default="", help="The section it is meant for. 栏目。")
    @click.option(
        "--rules",
        "rules_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Try these selectors (TOML) instead of our proposals. 规则文件。",
    )
    @click.option("--charset", help="Overrides what the partner declares. 字符集。")
    @click.option("--timezone", default="Asia/Shanghai", show_default=True, help="时区。")
    @click.option(
        "--save", metavar="SLUG", help="Keep what was fetched as cases of this source. 存样本。"
    )
    def preview(
        screen: Screen,
        url: str,
        category: str,
        rules_file: Path | None,
        charset: str | None,
        timezone: str,
        save: str | None,
    ) -> None:
        """Fetch, classify, propose, and show the first items with their verdicts."""
        from feedsvc.cli.opened import opened
        from feedsvc.cli.preview_shapes import blocked_shape, preview_lines, preview_shape
        from feedsvc.cli.sources import read_rules_file
        from feedsvc.curate.registry import check_source
        from feedsvc.domain.source import Source
        from feedsvc.errors import Blocked

        source = Source(
            slug=save or "preview",
            url=url,
            category=category,
            charset=charset,
            timezone=timezone,
            rules=read_rules_file(rules_file),
        )
        check_source(source)
        zone = ZoneInfo(timezone)
        with opened() as services:
            try:
                found = _looked_at(services, source, quiet=screen.as_json)
            except Blocked as error:
                screen.show(blocked_shape(error), say("cli.looks.blocked"))
                sys.exit(FAILED)
            if save is not None:
                _save(services, found)
        shape = preview_shape(found, zone)
        screen.show(shape, *preview_lines(shape))
        if found.source is None:
            sys.exit(FAILED)


def _save(services: Services, found: Preview) -> None:
    """Keep the documents and what is understood of them, as `sources check` reads them."""
    from feedsvc.ingest.samples import sampled
    from feedsvc.store import sample_files

    if found.source is None:
        return
    saved = sampled(found.source, found.documents, services.parsers)
    sample_files.write(services.settings.home / "samples" / found.source.slug, saved)


def _looked_at(services: Services, source: Source, *, quiet: bool) -> Preview:
    """Look, with a sign of life on a terminal: the partner's spacing makes it take some seconds."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        return services.preview(source)
    with console.status(say("cli.preview.looking", url=source.url)):
        return services.preview(source)
