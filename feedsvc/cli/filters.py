"""`feedsvc filters`: where new articles go, what is held, blocked or rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.domain.screening import Act, Filter
    from feedsvc.ingest.trial import Trial


@click.group(help="Rules of the house for new articles. 收稿规则。")
def filters() -> None:
    """Group of the filter commands."""


@command(filters, "list", "List the filters in the order in which they act. 列出规则。")
def list_filters(screen: Screen) -> None:
    """Print each filter in words."""
    from feedsvc.cli.opened import opened
    from feedsvc.store import house

    with opened() as services, services.db.read() as session:
        found = house.filters(session)
    screen.show([filter_shape(each) for each in found], *map(spoken, found))


@command(filters, "add", "Add a filter, or try it with --dry-run. 新增规则。")
@click.option("--source", help="Only this source. 来源。")
@click.option(
    "--when",
    "conditions",
    multiple=True,
    metavar="FIELD=TEXT",
    help="All must hold; * stands for anything. Fields: title, text, author, attribution, tag, "
    "link. 条件。",
)
@click.option(
    "--then",
    "act",
    type=click.Choice(["block", "keep", "hold", "publish"]),
    help="What to do. 处理。",
)
@click.option("--to", "category", help="The section they go to. 归入栏目。")
@click.option(
    "--replace",
    "rewrite",
    nargs=3,
    metavar="FIELD FIND WITH",
    help="Rewrite title, text, attribution or author. 替换。",
)
@click.option("--note", default="", help="What it is for. 备注。")
@click.option("--dry-run", is_flag=True, help="Only list what it would match. 试运行。")
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
def add(
    screen: Screen,
    source: str | None,
    conditions: tuple[str, ...],
    act: Act | None,
    category: str | None,
    rewrite: tuple[str, str, str] | None,
    note: str,
    dry_run: bool,
    limit: int,
) -> None:
    """Store it, or list the stored articles that it would touch."""
    from feedsvc.cli.opened import opened
    from feedsvc.curate.house import add_filter, condition, rewrite_field
    from feedsvc.domain.screening import Filter, House, Rewrite
    from feedsvc.errors import UsageError
    from feedsvc.ingest.trial import try_house

    acts: list[Act] = [act] if act else []
    acts += ["category"] if category else []
    acts += ["rewrite"] if rewrite else []
    if len(acts) != 1:
        raise UsageError("then", "give exactly one of --then, --to and --replace")
    wanted = Filter(
        source=source,
        conditions=tuple(condition(each) for each in conditions),
        act=acts[0],
        category=category,
        rewrite=Rewrite(field=rewrite_field(rewrite[0]), find=rewrite[1], replace=rewrite[2])
        if rewrite
        else None,
        note=note,
    )
    with opened() as services:
        if dry_run:
            tried = House(filters=(wanted,))
            show_trials(screen, try_house(services.db, tried, source=source, limit=limit))
            return
        stored = add_filter(services.db, wanted, services.clock())
    screen.show(filter_shape(stored), say("cli.filters.added", id=stored.id))


@command(filters, "remove", "Remove a filter. 删除规则。")
@click.argument("filter_id", metavar="ID", type=int)
def remove(screen: Screen, filter_id: int) -> None:
    """Remove it; what it did stays done."""
    from feedsvc.cli.opened import opened
    from feedsvc.store import house

    with opened() as services, services.db.write() as session:
        house.remove_filter(session, filter_id)
    screen.show({"removed": filter_id}, say("cli.filters.removed", id=filter_id))


@command(filters, "test", "List stored articles that filters and words would touch. 测试规则。")
@click.option("--source", help="Only this source. 来源。")
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
def test(screen: Screen, source: str | None, limit: int) -> None:
    """Ask every filter and word about the last stored articles."""
    from feedsvc.cli.opened import opened
    from feedsvc.ingest.trial import stored_house, try_house

    with opened() as services:
        house = stored_house(services.db)
        trials = try_house(services.db, house, source=source, limit=limit)
    show_trials(screen, trials)


def show_trials(screen: Screen, trials: Sequence[Trial]) -> None:
    """Print what would be done to each article."""
    shapes = [trial_shape(each) for each in trials]
    screen.show(
        shapes,
        say("cli.filters.tried", count=len(shapes)),
        *(
            f"{shape['id']}\t{shape['outcome']}\t{shape['because']}\t{shape['title']}"
            for shape in shapes
        ),
    )


def trial_shape(trial: Trial) -> dict[str, Any]:
    """One article and what the house would make of it."""
    verdict = trial.verdict
    draft = verdict.draft
    if verdict.blocked is not None:
        outcome = "block"
    elif draft.policy == "review":
        outcome = "hold"
    else:
        outcome = draft.policy or "keep"
    because = [f"#{each.id} {each.note}".strip() for each in verdict.matched if each.id]
    because += [each.text for each in verdict.words]
    return {
        "id": trial.article.id,
        "title": draft.content.title,
        "source": trial.article.source,
        "outcome": outcome,
        "category": draft.category or trial.article.category,
        "rewritten": draft.content != trial.article.content,
        "filters": [each.id for each in verdict.matched],
        "words": [{"text": each.text, "advice": each.advice} for each in verdict.words],
        "because": ", ".join(because),
    }


def filter_shape(each: Filter) -> dict[str, Any]:
    """A filter as JSON."""
    rewrite = each.rewrite
    return {
        "id": each.id,
        "source": each.source,
        "when": [
            {"field": condition.field, "pattern": condition.pattern}
            for condition in each.conditions
        ],
        "act": each.act,
        "category": each.category,
        "rewrite": rewrite
        and {"field": rewrite.field, "find": rewrite.find, "replace": rewrite.replace},
        "note": each.note,
    }


def spoken(each: Filter) -> str:
    """A filter on one line, in the words of the command that makes it."""
    when = [f"--when '{one.field}={one.pattern}'" for one in each.conditions]
    parts = [f"--source {each.source}"] if each.source else []
    parts += when
    if each.rewrite is not None:
        parts.append(
            f"--replace {each.rewrite.field} '{each.rewrite.find}' '{each.rewrite.replace}'"
        )
    elif each.category is not None:
        parts.append(f"--to {each.category}")
    else:
        parts.append(f"--then {each.act}")
    return "\t".join([f"#{each.id}", " ".join(parts), each.note])
