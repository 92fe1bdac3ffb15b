"""`feedsvc sources rules`: by which selectors a source is read, and what others would change."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from feedsvc.domain.source import Source
    from feedsvc.ingest.rerun import Rerun, Tools
    from feedsvc.services import Services

REJECTIONS_SHOWN = 20


def add_rules(group: click.Group) -> None:
    """Attach the command to the group of sources."""

    @command(group, "rules", "Show or change a source's rules, seeing first what differs. 规则。")
    @click.argument("slug")
    @click.option(
        "--rules",
        "rules_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Other selectors (TOML). 规则文件。",
    )
    @click.option("--apply", is_flag=True, help="Use them, and store what differs. 采用。")
    @click.option("--keep-articles", is_flag=True, help="Use them for new articles only.")
    @click.option("--reason", default="", help="Why; kept in the revisions. 原因。")
    def rules(
        screen: Screen,
        slug: str,
        rules_file: Path | None,
        apply: bool,
        keep_articles: bool,
        reason: str,
    ) -> None:
        """Without options print them; with a file or --apply re-read what is kept by them."""
        from feedsvc.cli.opened import opened
        from feedsvc.store import sources

        with opened() as services:
            with services.db.read() as session:
                source = sources.get(session, slug)
            if rules_file is None and not apply:
                screen.show(
                    {"slug": slug, "rules": dict(source.rules)}, *as_toml(source.rules).splitlines()
                )
                return
            changed = _changed(source, rules_file)
            with _bar(shown=not screen.as_json) as done:
                found = _rerun(services, source, changed, done)
                if apply:
                    _applied(services, changed, found, reason, None if keep_articles else done)
            shape = rerun_shape(found, changed, applied=apply)
        screen.show(shape, *_lines(shape))


def as_toml(rules: Mapping[str, Any]) -> str:
    """Spell rules as a rules file."""
    import json

    return "\n".join(
        f"[{table}]\n"
        + "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in each.items()
        )
        for table, each in rules.items()
    )


def rerun_shape(found: Rerun, changed: Source, *, applied: bool) -> dict[str, Any]:
    """What other rules change, as `sources rules --json` promises it."""
    from dataclasses import asdict

    difference = asdict(found.difference)
    fields = difference.pop("fields")
    before, after = found.rows_before, found.rows
    rows = None
    if before is not None and after is not None:
        rows = {
            "before": len(before.links),
            "after": len(after.links),
            "lost": [link for link in before.links if link not in after.links],
            "gained": [link for link in after.links if link not in before.links],
            "error": after.error or None,
        }
    return {
        "slug": changed.slug,
        "rules": {table: dict(each) for table, each in changed.rules.items()},
        "applied": applied,
        "stored": found.stored,
        **difference,
        "rows": rows,
        "fields": fields,
        "rejections": [asdict(each) for each in found.rejections],
    }


def _changed(source: Source, rules_file: Path | None) -> Source:
    from feedsvc.cli.sources import read_rules_file
    from feedsvc.curate.registry import check_rules

    if rules_file is None:
        return source
    rules = read_rules_file(rules_file)
    check_rules(rules, str(rules_file))
    return replace(source, rules=rules)


def _tools(services: Services, done: Callable[[int, int], None]) -> Tools:
    from feedsvc.ingest.rerun import Tools

    return Tools(
        db=services.db,
        archive=services.archive,
        parsers=services.parsers,
        clock=services.clock,
        done=done,
    )


def _rerun(
    services: Services, source: Source, changed: Source, done: Callable[[int, int], None]
) -> Rerun:
    from feedsvc.ingest.rerun import rerun

    return rerun(source, changed, _tools(services, done))


def _applied(
    services: Services,
    changed: Source,
    found: Rerun,
    reason: str,
    done: Callable[[int, int], None] | None,
) -> None:
    """Use the rules from now on; with `done` store what differs, too, and publish it."""
    from feedsvc.cli.actor import actor
    from feedsvc.curate.registry import change_rules
    from feedsvc.errors import RulesMismatch
    from feedsvc.ingest.rerun import store
    from feedsvc.store.batches import Terms

    if found.rows is not None and found.rows.error:
        raise RulesMismatch(changed.slug, f"not applied: {found.rows.error}")
    change_rules(services.db, changed.slug, changed.rules, services.clock())
    if done is not None:
        by = actor().replace("editor:", "rules:", 1)
        terms = Terms(now=services.clock(), debounce=services.settings.publish_debounce, actor=by)
        store(
            changed, found, terms, reason or say("cli.sources.rules_reason"), _tools(services, done)
        )
        services.publisher.publish_due(services.clock())


@contextmanager
def _bar(*, shown: bool) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(
        console=console, disable=not shown or not console.is_terminal, transient=True
    ) as progress:
        bar = progress.add_task(say("cli.sources.rereading"), total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def _lines(shape: Mapping[str, Any]) -> list[str]:
    lines = [say("cli.sources.compared", **{key: shape[key] for key in _COUNTS})]
    if shape["rows"]:
        rows = shape["rows"]
        lines.append(
            say(
                "cli.sources.rows",
                before=rows["before"],
                after=rows["after"],
                lost=len(rows["lost"]),
                gained=len(rows["gained"]),
            )
        )
        lines.extend(f"  - {link}" for link in rows["lost"][:REJECTIONS_SHOWN])
        lines.extend(f"  + {link}" for link in rows["gained"][:REJECTIONS_SHOWN])
        lines.extend([f"  {rows['error']}"] if rows["error"] else [])
    for name, each in shape["fields"].items():
        lines.append(say("cli.sources.field", name=name, **_numbers(each)))
        for sample in each["samples"]:
            lines.append(f"  #{sample['article']} {sample['title']}")
            lines.append(f"    - {sample['before']}")
            lines.append(f"    + {sample['after']}")
    lines.extend(
        f"{each['subject']}: {each['kind']}: {each['message']}"
        for each in shape["rejections"][:REJECTIONS_SHOWN]
    )
    lines.append(
        say("cli.sources.rules_applied" if shape["applied"] else "cli.sources.rules_shown")
    )
    return lines


_COUNTS = (
    "stored", "compared", "unchanged", "changed", "new", "referred", "shielded", "published",
)  # fmt: skip


def _numbers(field: Mapping[str, Any]) -> dict[str, int]:
    return {key: field[key] for key in ("changed", "filled", "emptied")}
