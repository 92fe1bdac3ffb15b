"""`feedsvc articles import`: articles from files, as if a source had published them."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from feedsvc.domain.source import Source
    from feedsvc.ingest.imports import Imported
    from feedsvc.services import Services


def add_import(group: click.Group) -> None:
    """Attach the command to the group of articles."""

    @command(group, "import", "Read articles from files; resumable. 导入文章。")
    @click.argument(
        "files",
        metavar="FILE...",
        nargs=-1,
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    )
    @click.option("--source", "slug", help="The source that they are from. 来源。")
    @click.option("--category", help="Or the section that they go to, as our own. 栏目。")
    def import_articles(
        screen: Screen, files: tuple[Path, ...], slug: str | None, category: str | None
    ) -> None:
        """Read each file to its end, or on from where a killed run stopped; publish what is new."""
        from feedsvc.cli.opened import opened
        from feedsvc.errors import UsageError

        if (slug is None) == (category is None):
            raise UsageError("--source", "give either --source or --category")
        with opened() as services:
            source = _source(services, slug, category)
            with _bar(files, shown=not screen.as_json) as reached:
                done = [_imported(services, path, source, reached) for path in files]
            services.publisher.publish_due(services.clock())
        screen.show([imported_shape(each) for each in done], *(_lines(done)))


def imported_shape(imported: Imported) -> dict[str, Any]:
    """What became of one file."""
    from dataclasses import asdict

    return {
        "file": imported.file,
        "resumed_at": imported.resumed_at,
        "read": imported.read,
        "new": imported.new,
        "updated": imported.updated,
        "unchanged": imported.unchanged,
        "withdrawn": imported.withdrawn,
        "rejected": imported.rejected,
        "rejections": [asdict(rejection) for rejection in imported.rejections],
    }


def _source(services: Services, slug: str | None, category: str | None) -> Source:
    from feedsvc.curate.registry import own_source
    from feedsvc.store import sources

    if category is not None:
        settings = services.settings
        return own_source(services.db, category, settings.site, services.clock())
    with services.db.read() as session:
        return sources.get(session, slug or "")


def _imported(
    services: Services, path: Path, source: Source, reached: Callable[[Path, int], None]
) -> Imported:
    from feedsvc.ingest.imports import ImportOptions, import_file

    options = ImportOptions(
        parsers=services.parsers,
        clock=services.clock,
        debounce=services.settings.publish_debounce,
        near_duplicates=services.settings.ingest.near_duplicates,
        reached=lambda position: reached(path, position),
    )
    return import_file(services.db, path, source, options)


@contextmanager
def _bar(files: tuple[Path, ...], *, shown: bool) -> Iterator[Callable[[Path, int], None]]:
    """A bar over the bytes of all files, on a terminal; yields what moves it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    sizes = {path: path.stat().st_size for path in files}
    with Progress(
        console=console, disable=not shown or not console.is_terminal, transient=True
    ) as progress:
        bars = {
            path: progress.add_task(path.name, total=size or None) for path, size in sizes.items()
        }
        yield lambda path, position: progress.update(bars[path], completed=position)


def _lines(done: list[Imported]) -> list[str]:
    lines = []
    for each in done:
        lines.append(
            say(
                "cli.articles.imported",
                file=each.file,
                read=each.read,
                new=each.new,
                updated=each.updated,
                unchanged=each.unchanged,
                withdrawn=each.withdrawn,
                rejected=each.rejected,
            )
        )
        lines.extend(
            f"  {rejection.subject}: {rejection.kind}: {rejection.message}"
            for rejection in each.rejections
        )
    return lines
