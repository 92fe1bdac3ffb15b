"""`feedsvc feeds`: how much each feed carries, and what is pinned in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from feedsvc.curate.feeds import Shaped
    from feedsvc.domain.feed import FeedContent


@click.group(help="The feeds of sections, of everything, of corrections. 订阅源。")
def feeds() -> None:
    """Group of the feed commands."""


@command(feeds, "list", "List the feeds. 列出订阅源。")
def list_feeds(screen: Screen) -> None:
    """Print slug, content, pinned articles and title of each."""
    from feedsvc.cli.opened import opened

    with opened() as services:
        found = services.feed_desk.all()
    screen.show([_shape(each) for each in found], *map(_line, found))


@command(feeds, "set", "Full texts or summaries only. 全文或摘要。")
@click.argument("slug")
@click.option(
    "--content", type=click.Choice(["full", "summary"]), required=True, help="How much. 内容。"
)
def set_feed(screen: Screen, slug: str, content: FeedContent) -> None:
    """Change it and publish the feed anew."""
    from feedsvc.cli.opened import opened

    with opened() as services:
        shaped = services.feed_desk.set_content(slug, content)
    _show(screen, shaped)


@command(feeds, "pin", "Keep an article in a feed's window. 置顶。")
@click.argument("slug")
@click.argument("article_id", metavar="ID")
def pin(screen: Screen, slug: str, article_id: str) -> None:
    """Pin it and publish the feed anew."""
    from feedsvc.cli.articles import identified
    from feedsvc.cli.opened import opened

    with opened() as services:
        shaped = services.feed_desk.pin(slug, identified(article_id))
    _show(screen, shaped)


@command(feeds, "unpin", "Let an article leave the window in its time. 取消置顶。")
@click.argument("slug")
@click.argument("article_id", metavar="ID")
def unpin(screen: Screen, slug: str, article_id: str) -> None:
    """Unpin it and publish the feed anew."""
    from feedsvc.cli.articles import identified
    from feedsvc.cli.opened import opened

    with opened() as services:
        shaped = services.feed_desk.unpin(slug, identified(article_id))
    _show(screen, shaped)


def _show(screen: Screen, shaped: Shaped) -> None:
    state = shaped.state
    pinned = ", ".join(map(str, shaped.pinned)) or "–"
    screen.show(
        _shape(shaped),
        say("cli.feeds.shaped", slug=state.slug, content=state.content, pinned=pinned),
    )


def _shape(shaped: Shaped) -> dict[str, Any]:
    from feedsvc.cli.shapes import time_shape

    state = shaped.state
    return {
        "slug": state.slug,
        "title": state.title,
        "content": state.content,
        "pinned": list(shaped.pinned),
        "cursor": state.cursor,
        "updated_at": time_shape(state.updated_at),
        "retired_at": time_shape(state.farewell.at) if state.farewell else None,
    }


def _line(shaped: Shaped) -> str:
    state = shaped.state
    pinned = ",".join(map(str, shaped.pinned))
    return f"{state.slug}\t{state.content}\t{pinned}\t{state.title}"
