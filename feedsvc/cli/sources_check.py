"""`feedsvc sources check`: saved documents of sources, read by today's program and rules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from feedsvc.cli.screen import FAILED, Screen, command, say

if TYPE_CHECKING:
    from typing import Any

    from feedsvc.ingest.samples import SampleDifference
    from feedsvc.services import Services

SHOWN = 100


def add_check(group: click.Group) -> None:
    """Attach the command to the group of sources."""

    @command(group, "check", "Read saved documents anew and say what differs. 样本回归检查。")
    @click.argument("slugs", metavar="SLUG...", nargs=-1, required=True)
    @click.option("--save", is_flag=True, help="Save what the last polls fetched first. 存样本。")
    def check(screen: Screen, slugs: tuple[str, ...], save: bool) -> None:
        """Status 1 where anything is understood otherwise than when it was saved."""
        from feedsvc.cli.opened import opened

        with opened() as services:
            if save:
                for slug in slugs:
                    _save(services, slug)
            found = {slug: _checked(services, slug) for slug in slugs}
        shapes = [
            {"slug": slug, "documents": count, "differences": [_shape(each) for each in differing]}
            for slug, (count, differing) in found.items()
        ]
        screen.show(shapes, *_lines(found))
        if any(differing for _, differing in found.values()):
            sys.exit(FAILED)


def _save(services: Services, slug: str) -> None:
    """Make cases of the newest answers that are kept: the source's own document and a few pages."""
    from feedsvc.errors import NotFound
    from feedsvc.ingest.archive import newest_jobs
    from feedsvc.ingest.samples import sampled
    from feedsvc.store import responses, sample_files, sources

    with services.db.read() as session:
        source = sources.get(session, slug)
        kept = responses.of_source(session, source.id)
    jobs = newest_jobs(source, kept, services.archive)
    if not jobs:
        raise NotFound(f"source {slug}", "nothing is kept of it; poll it first")
    saved = sampled(source, jobs, services.parsers)
    sample_files.write(services.settings.home / "samples" / slug, saved)


def _checked(services: Services, slug: str) -> tuple[int, list[SampleDifference]]:
    from feedsvc.ingest.samples import check
    from feedsvc.store import sample_files, sources

    with services.db.read() as session:
        source = sources.get(session, slug)
    saved = sample_files.read(services.settings.home / "samples" / slug)
    return len(saved.documents), check(saved, source, services.parsers)


def _shape(difference: SampleDifference) -> dict[str, Any]:
    return {
        "document": difference.document,
        "where": difference.where,
        "before": difference.before,
        "after": difference.after,
    }


def _lines(found: dict[str, tuple[int, list[SampleDifference]]]) -> list[str]:
    lines = []
    for slug, (count, differing) in found.items():
        key = "cli.sources.differs" if differing else "cli.sources.holds"
        lines.append(say(key, slug=slug, documents=count, count=len(differing)))
        for each in differing[:SHOWN]:
            lines.append(f"  {each.document} {each.where}")
            lines.append(f"    - {_told(each.before)}")
            lines.append(f"    + {_told(each.after)}")
    return lines


def _told(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
