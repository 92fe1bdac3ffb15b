"""`feedsvc publish`: make every feed's documents anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc.cli.screen import FAILED, Screen, command, say

if TYPE_CHECKING:
    from feedsvc.publish.files import Written
    from feedsvc.services import Services


def add_publish(group: click.Group) -> None:
    """Attach the command to the main group."""

    @command(group, "publish", "Render every feed anew. 重新生成全部订阅源。")
    @click.option(
        "--to",
        "directory",
        type=click.Path(file_okay=False, path_type=Path),
        help="Write documents and archives as files there, too. 同时写成文件。",
    )
    def publish(screen: Screen, directory: Path | None) -> None:
        """Render and store all documents; status 1 when a feed could not be made."""
        from feedsvc.cli.opened import opened
        from feedsvc.publish.archive_files import url_path
        from feedsvc.store import feeds

        with opened() as services:
            with services.db.read() as session:
                slugs = tuple(state.slug for state in feeds.states(session))
            failed = services.publisher.publish(slugs)
            done: dict[str, object] = {
                "published": [slug for slug in slugs if slug not in failed],
                "failed": failed,
            }
            lines = [say("cli.publish.done", count=len(slugs) - len(failed), failed=len(failed))]
            if directory is not None:
                files = write_files(screen, services, directory, len(slugs))
                done |= {
                    "to": str(directory.absolute()),
                    "written": [url_path(name) for name in files.written],
                    "removed": [url_path(name) for name in files.removed],
                }
                lines.append(
                    say(
                        "cli.publish.files",
                        written=len(files.written),
                        removed=len(files.removed),
                        folder=directory,
                    )
                )
        screen.show(done, *lines)
        if failed:
            raise SystemExit(FAILED)


def write_files(screen: Screen, services: Services, directory: Path, feeds: int) -> Written:
    """Write all files, with a bar on a terminal: a feed with many years of archives takes its time."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    services.publisher.sync_shelf()
    hidden = screen.as_json or not console.is_terminal
    with Progress(console=console, transient=True, disable=hidden) as progress:
        bar = progress.add_task(say("cli.publish.writing"), total=feeds)
        return services.files_in(directory.absolute()).write_all(lambda: progress.advance(bar))
