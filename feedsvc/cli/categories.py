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
        *(f"{each.slug}\t{each.title}" for each in found),
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


@command(categories, "rename", "Change a section's title; its address stays. 改名。")
@click.argument("slug")
@click.option("--title", required=True, help="The new title. 新名称。")
def rename(screen: Screen, slug: str, title: str) -> None:
    """Rename it and publish its feed anew."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import category_shape
    from feedsvc.store import categories as store

    with opened() as services:
        with services.db.write() as session:
            store.rename_title(session, slug, title, services.clock())
            category = store.get(session, slug)
        services.publisher.publish((slug, "all"))
    screen.show(category_shape(category), say("cli.categories.renamed", slug=slug, title=title))
