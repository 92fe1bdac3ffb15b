"""`feedsvc sources import|export`: sources as OPML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.screen import FAILED, Screen, command, say

if TYPE_CHECKING:
    from feedsvc.curate.exchange import TakenIn


def add_exchange(group: click.Group) -> None:
    """Attach both commands to the group of the source commands."""

    @command(group, "import", "Add the sources of an OPML file. 导入来源。")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--category", help="The section where the file names none of ours. 栏目。")
    def import_opml(screen: Screen, file: Path, category: str | None) -> None:
        """Store what is not there; status 1 if any could not be stored."""
        from feedsvc.cli.opened import opened
        from feedsvc.curate.exchange import import_sources
        from feedsvc.errors import UsageError

        try:
            data = file.read_bytes()
        except OSError as error:
            raise UsageError(str(file), f"cannot be read ({error.strerror})") from error
        with opened() as services:
            done = import_sources(services.db, data, str(file), category, services.clock())
        count = {
            status: sum(each.status == status for each in done)
            for status in ("created", "present", "failed")
        }
        shape = {**count, "sources": [_shape(each) for each in done]}
        problems = [f"! {each.error}" for each in done if each.error]
        screen.show(shape, say("cli.exchange.imported", **count), *problems)
        if count["failed"]:
            sys.exit(FAILED)

    @command(group, "export", "Write all sources as OPML. 导出来源。")
    @click.option(
        "--to",
        "target",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        help="The file; without it, standard output. 文件。",
    )
    def export_opml(screen: Screen, target: Path | None) -> None:
        """Write all that we know of them; the demo's are left out."""
        from feedsvc.cli.opened import opened
        from feedsvc.curate.exchange import export_sources
        from feedsvc.errors import UsageError

        with opened() as services:
            data = export_sources(services.db, services.settings.site.title)
        if target is None:
            screen.show({"opml": data.decode("utf-8")}, data.decode("utf-8").rstrip())
            return
        try:
            target.write_bytes(data)
        except OSError as error:
            raise UsageError(str(target), f"cannot be written ({error.strerror})") from error
        screen.show({"file": str(target)}, say("cli.exchange.exported", file=target))


def _shape(taken: TakenIn) -> dict[str, Any]:
    error = taken.error
    return {
        "slug": taken.slug,
        "url": taken.url,
        "category": taken.category,
        "status": taken.status,
        "error": {"kind": error.kind, "message": str(error)} if error else None,
    }
