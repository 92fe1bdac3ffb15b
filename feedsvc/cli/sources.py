"""`feedsvc sources`: the partners that are polled."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.exchange import add_exchange
from feedsvc.cli.screen import FAILED, Screen, command, say

if TYPE_CHECKING:
    from feedsvc.domain.picture import PictureUse
    from feedsvc.domain.run import Run
    from feedsvc.domain.source import Policy, Source, SourceKind, WithdrawalPolicy
    from feedsvc.services import Services

# What a poll by hand waits for pictures; those still wanted are left to the scheduler.
PICTURE_SECONDS = 20.0
GATHERED_WITHIN = timedelta(seconds=5)


@click.group(help="Partners that are polled. 来源。")
def sources() -> None:
    """Group of the source commands."""


@command(sources, "list", "List the sources. 列出来源。")
def list_sources(screen: Screen) -> None:
    """Print each source and how its last poll ended."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import run_shape, source_shape
    from feedsvc.store import runs
    from feedsvc.store import sources as store

    with opened() as services, services.db.read() as session:
        found = store.all_sources(session)
        last = runs.latest_each(session)
    shapes = [
        {
            **source_shape(each),
            "last_run": run_shape(last[each.slug]) if each.slug in last else None,
        }
        for each in found
    ]
    screen.show(
        shapes,
        *(
            f"{each.slug}\t{each.category}\t{each.kind}\t"
            f"{last[each.slug].status if each.slug in last else '-'}\t{each.url}"
            for each in found
        ),
    )


@command(sources, "add", "Add a partner; it is polled at once by a running scheduler. 新增来源。")
@click.argument("url")
@click.option("--slug", required=True, help="Its short name. 标识。")
@click.option("--category", required=True, help="The section its articles go to. 栏目。")
@click.option("--title", default="", help="Its name. 名称。")
@click.option(
    "--kind",
    type=click.Choice(["auto", "feed", "list", "sitemap"]),
    default="auto",
    show_default=True,
    help="What the URL is; auto: the first poll decides. 类型。",
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Selectors for a list page (TOML). 规则文件。",
)
@click.option(
    "--policy",
    type=click.Choice(["publish", "review"]),
    default="publish",
    show_default=True,
    help="Publish at once, or hold for review. 发布策略。",
)
@click.option(
    "--on-withdrawal",
    type=click.Choice(["auto", "review"]),
    default="auto",
    show_default=True,
    help="Follow its withdrawals and corrections, or ask an editor. 撤稿与更正策略。",
)
@click.option(
    "--recheck/--no-recheck",
    default=None,
    help="Look at known pages again at each poll (default: of lists). 复查已收录的页面。",
)
@click.option(
    "--pictures",
    type=click.Choice(["mirror", "link", "drop"]),
    default="mirror",
    show_default=True,
    help="Serve copies of its pictures, link to them, or leave them out. 图片。",
)
@click.option("--every", type=int, default=900, show_default=True, help="Seconds. 间隔秒数。")
@click.option("--timezone", default="Asia/Shanghai", show_default=True, help="时区。")
@click.option("--charset", help="Overrides what the partner declares. 字符集。")
def add(
    screen: Screen,
    url: str,
    slug: str,
    category: str,
    title: str,
    kind: SourceKind,
    rules_file: Path | None,
    policy: Policy,
    on_withdrawal: WithdrawalPolicy,
    recheck: bool | None,
    pictures: PictureUse,
    every: int,
    timezone: str,
    charset: str | None,
) -> None:
    """Store it; nothing is fetched here."""
    from feedsvc.cli.opened import opened
    from feedsvc.curate.registry import add_source
    from feedsvc.domain.source import Source

    source = Source(
        slug=slug,
        url=url,
        category=category,
        title=title,
        kind=kind,
        policy=policy,
        on_withdrawal=on_withdrawal,
        recheck=recheck,
        pictures=pictures,
        every_seconds=every,
        timezone=timezone,
        charset=charset,
        rules=read_rules_file(rules_file),
    )
    with opened() as services:
        created = add_source(services.db, source, services.clock())
    _tell_of(screen, source, created=created)


add_exchange(sources)


@command(sources, "show", "Show one source and its last polls. 查看来源。")
@click.argument("slug")
def show(screen: Screen, slug: str) -> None:
    """Print the source, its state and its last runs."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import run_shape, source_shape
    from feedsvc.cli.sources_layout import layout_lines, layout_shape
    from feedsvc.store import layouts, runs
    from feedsvc.store import sources as store

    with opened() as services, services.db.read() as session:
        source = store.get(session, slug)
        shape = source_shape(source, store.state(session, slug))
        history = runs.latest(session, slug)
        layout = layouts.get(session, source.id)
    lines = [f"{key}: {value}" for key, value in shape.items()]
    lines += layout_lines(slug, layout) if source.kind == "list" else []
    shape["layout"] = layout_shape(layout)
    shape["runs"] = [run_shape(each) for each in history]
    screen.show(shape, *lines, *(_line(each) for each in history))


@command(sources, "poll", "Poll sources now and wait for the result. 立即抓取。")
@click.argument("slugs", metavar="SLUG...", nargs=-1, required=True)
def poll(screen: Screen, slugs: tuple[str, ...]) -> None:
    """Poll each, fetch their pictures, publish what changed; status 1 if any failed."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import run_shape
    from feedsvc.store import sources as store

    with opened() as services:
        with services.db.read() as session:
            for slug in slugs:
                store.get(session, slug)
        found = _polled(services, slugs, progress=not screen.as_json)
        # What these polls changed is due after the debounce; nothing more is to be gathered here.
        gathered = timedelta(seconds=services.settings.publish_debounce)
        services.publisher.publish_due(services.clock() + gathered)
        services.pictures.fetch_due(seconds=PICTURE_SECONDS, sources=slugs)
        services.gallery.settle_due(services.clock())
        services.publisher.publish_due(services.clock() + max(gathered, GATHERED_WITHIN))
    screen.show([run_shape(each) for each in found], *(_line(each) for each in found))
    if any(each.status == "failed" for each in found):
        sys.exit(FAILED)


@command(sources, "pictures", "Say what is done with its pictures, old ones too. 图片策略。")
@click.argument("slug")
@click.argument("use", type=click.Choice(["mirror", "link", "drop"]))
def pictures(screen: Screen, slug: str, use: PictureUse) -> None:
    """Show copies, links or nothing from now on; copies that may not be shown are gone at once."""
    from feedsvc.cli.opened import opened
    from feedsvc.store.picture_use import set_use

    with opened() as services:
        with services.db.write() as session:
            logged = set_use(session, slug, use, services.clock())
        services.gallery.settle_due(services.clock())
        services.publisher.publish(logged.feeds)
    words = say(f"cli.pictures.{use}", slug=slug)
    screen.show({"slug": slug, "pictures": use, "feeds": list(logged.feeds)}, words)


@command(sources, "pause", "Stop polling a source until it is resumed. 暂停。")
@click.argument("slug")
def pause(screen: Screen, slug: str) -> None:
    """Pause it."""
    _set_paused(screen, slug, paused=True)


@command(sources, "resume", "Poll a paused source again. 恢复。")
@click.argument("slug")
def resume(screen: Screen, slug: str) -> None:
    """Resume it."""
    _set_paused(screen, slug, paused=False)


def read_rules_file(path: Path | None) -> dict[str, Any]:
    """Read a rules file; raises `ConfigError` naming the file when it is not TOML."""
    if path is None:
        return {}
    import tomllib

    from feedsvc.errors import ConfigError

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(path), f"is not a rules file in TOML ({error})") from error


def _tell_of(screen: Screen, source: Source, *, created: bool) -> None:
    from feedsvc.cli.shapes import source_shape

    key = "cli.sources.added" if created else "cli.sources.present"
    words = say(key, slug=source.slug, url=source.url)
    screen.show({**source_shape(source), "created": created}, words)


def _polled(services: Services, slugs: tuple[str, ...], *, progress: bool) -> list[Run]:
    """Poll side by side, as a scheduler would; a bar on a terminal while it lasts."""
    from concurrent.futures import ThreadPoolExecutor

    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    with ThreadPoolExecutor(max_workers=services.settings.poll_workers) as pool:
        pending = [pool.submit(services.poller.poll_now, slug) for slug in slugs]
        shown = track(
            pending,
            description=say("cli.sources.polling"),
            console=console,
            disable=not progress or not console.is_terminal,
            transient=True,
        )
        return [each.result() for each in shown]


def _set_paused(screen: Screen, slug: str, *, paused: bool) -> None:
    from feedsvc.cli.opened import opened
    from feedsvc.store import sources as store

    with opened() as services, services.db.write() as session:
        store.set_paused(session, slug, paused=paused, now=services.clock())
    key = "cli.sources.paused" if paused else "cli.sources.resumed"
    screen.show({"slug": slug, "paused": paused}, say(key, slug=slug))


def _line(run: Run) -> str:
    words = say(
        f"cli.run.{run.status}",
        source=run.source,
        new=run.new,
        updated=run.updated,
        withdrawn=run.withdrawn,
    )
    return f"{words} {run.error.message}" if run.error else words
