"""`feedsvc categories`: the editorial sections, each with its feed."""

from __future__ import annotations

import click

from feedsvc.cli.screen import Screen, command, say


@click.group(help="Sections and their feeds. 栏目。")
def categories() -> None:
    """Group of the category commands."""


@command(categories, "list", "List the sections. 列出栏目。")
def list_categories(screen: Screen) -> None:
    """Print slug and title of each."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import category_shape
    from feedsvc.store import categories as store

    with opened() as services, services.db.read() as session:
        found = store.all_categories(session)
    screen.show(
        [category_shape(each) for each in found],
        *(
            f"{each.slug}\t{each.title}\t{say('cli.categories.ended') if each.retired_at else ''}".rstrip()
            for each in found
        ),
    )


@command(categories, "add", "Add a section and its feed. 新建栏目。")
@click.argument("slug")
@click.option("--title", required=True, help="What readers see. 名称。")
@click.option("--description", default="", help="One sentence about it. 简介。")
def add(screen: Screen, slug: str, title: str, description: str) -> None:
    """Store it and publish its empty feed."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import category_shape
    from feedsvc.curate.registry import add_category
    from feedsvc.domain.feed import Category

    category = Category(slug=slug, title=title, description=description)
    with opened() as services:
        created = add_category(services.db, category, services.clock())
        services.publisher.publish((slug,))
        url = f"{services.settings.base_url}/feeds/{slug}"
    key = "cli.categories.added" if created else "cli.categories.present"
    screen.show({**category_shape(category), "created": created}, say(key, slug=slug, url=url))


@command(categories, "rename", "Another title or address; old addresses lead on. 改名。")
@click.argument("slug")
@click.option("--title", help="The new title. 新名称。")
@click.option("--slug", "new_slug", metavar="NEW", help="The new address. 新网址名。")
def rename(screen: Screen, slug: str, title: str | None, new_slug: str | None) -> None:
    """Rename it and publish its feed anew."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import category_shape

    with opened() as services:
        category = services.sections.rename(slug, to=new_slug, title=title)
        url = f"{services.settings.base_url}/feeds/{category.slug}"
    screen.show(
        category_shape(category),
        say("cli.categories.renamed", slug=category.slug, title=category.title, url=url),
    )


@command(categories, "retire", "End a section's feed with a last entry. 停更栏目。")
@click.argument("slug")
@click.option("--reason", required=True, help="Why, for readers. 原因。")
@click.option("--to", "successor", metavar="OTHER", help="The section that goes on. 接续栏目。")
def retire(screen: Screen, slug: str, reason: str, successor: str | None) -> None:
    """Publish the last entry; after 30 days the feed's addresses answer 410."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import time_shape
    from feedsvc.curate.sections import FAREWELL_TIME

    with opened() as services:
        state = services.sections.retire(slug, reason=reason, successor=successor)
    farewell = state.farewell
    assert farewell is not None  # noqa: S101 - it has just been said
    until = time_shape(farewell.at + FAREWELL_TIME)
    screen.show(
        {
            "slug": state.slug,
            "retired_at": time_shape(farewell.at),
            "reason": farewell.reason,
            "to": farewell.successor,
            "served_until": until,
        },
        say("cli.categories.retired", slug=state.slug, until=until),
    )
