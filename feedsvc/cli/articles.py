"""`feedsvc articles`: look at what is stored, correct it, withdraw it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from feedsvc.curate.desk import Receipt
    from feedsvc.domain.article import Article, Status
    from feedsvc.domain.item import AiLabel

_AI_LABELS: dict[str, AiLabel] = {"generated": "generated", "assisted": "assisted", "none": ""}


@click.group(help="Stored articles. 文章。")
def articles() -> None:
    """Group of the article commands."""


@command(articles, "list", "List articles, newest first. 列出文章。")
@click.option("--category", help="Only this section. 栏目。")
@click.option("--source", help="Only this source. 来源。")
@click.option(
    "--status",
    type=click.Choice(["live", "corrected", "withdrawn", "held"]),
    help="Only this state. 状态。",
)
@click.option("--scheduled", is_flag=True, help="Only what waits for its minute. 定时稿件。")
@click.option("--search", "query", metavar="TEXT", help="Only what holds these words. 搜索。")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--before", type=int, help="Only ids below this one. 翻页。")
def list_articles(
    screen: Screen,
    category: str | None,
    source: str | None,
    status: Status | None,
    scheduled: bool,
    query: str | None,
    limit: int,
    before: int | None,
) -> None:
    """Print id, state, time, source and title of each."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import article_row
    from feedsvc.curate.finding import searched
    from feedsvc.store import articles as store
    from feedsvc.store.search import Scope

    if scheduled:
        list_scheduled(screen, limit)
        return
    with opened() as services:
        if query is None:
            with services.db.read() as session:
                found = store.find(
                    session,
                    category=category,
                    source=source,
                    status=status,
                    before_id=before,
                    limit=limit,
                )
        else:
            scope = Scope(category=category, source=source, status=status, before_id=before)
            found = searched(services.db, query, scope, limit=limit)
    screen.show([article_row(each) for each in found], *map(_listed, found))


def _listed(article: Article) -> str:
    from feedsvc.cli.shapes import time_shape

    at = time_shape(article.published_at)
    return f"{article.id}\t{article.status}\t{at}\t{article.source}\t{article.content.title}"


def list_scheduled(screen: Screen, limit: int) -> None:
    """Print what waits for its minute, the next one first."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import release_row
    from feedsvc.store import articles as store
    from feedsvc.store import releases

    with opened() as services, services.db.read() as session:
        waiting = {each.article_id: each for each in releases.scheduled(session, limit)}
        found = store.by_ids(session, list(waiting))
    rows = [release_row(each, waiting[each.id]) for each in found]
    screen.show(
        rows,
        *(f"{row['id']}\t{row['release_at']}\t{row['source']}\t{row['title']}" for row in rows),
    )


@command(articles, "show", "Show one article and its history. 查看文章。")
@click.argument("article_id", metavar="ID")
def show(screen: Screen, article_id: str) -> None:
    """Print everything about it."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.shapes import article_shape, kin_shape, picture_shape
    from feedsvc.store import articles as store
    from feedsvc.store import kin, pictures

    with opened() as services, services.db.read() as session:
        article = store.get(session, identified(article_id))
        shape = article_shape(article, store.revisions(session, article.id))
        shape |= kin_shape(article.id, kin.read(session, article.id))
        shown = pictures.of_article(session, article.id)
        shape["pictures"] = [picture_shape(each) for each in shown]
    screen.show(shape, *(f"{key}: {value}" for key, value in shape.items()))


@command(articles, "correct", "Correct an article, with a reason that readers see. 更正。")
@click.argument("article_id", metavar="ID")
@click.option("--title", help="The new headline. 标题。")
@click.option(
    "--body",
    "body_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the new text, HTML or plain. 正文文件。",
)
@click.option("--attribution", help="The publisher to credit. 来源。")
@click.option(
    "--ai",
    type=click.Choice(list(_AI_LABELS)),
    help="Whether a machine made the text, or helped to. 人工智能生成标识。",
)
@click.option("--reason", required=True, help="Why. 原因。")
def correct(
    screen: Screen,
    article_id: str,
    title: str | None,
    body_file: Path | None,
    attribution: str | None,
    ai: str | None,
    reason: str,
) -> None:
    """Correct it and publish its feeds anew."""
    from feedsvc.cli.actor import actor
    from feedsvc.cli.opened import opened
    from feedsvc.curate.desk import Correction
    from feedsvc.text.charset import decode

    body = decode(body_file.read_bytes()).text if body_file else None
    label = _AI_LABELS[ai] if ai else None
    correction = Correction(title=title, body=body, attribution=attribution, ai_label=label)
    with opened() as services:
        receipt = services.desk.correct(
            identified(article_id), correction, reason=reason, actor=actor()
        )
    _show_receipt(screen, receipt, "cli.articles.corrected")


@command(articles, "withdraw", "Withdraw an article everywhere, at once. 撤稿。")
@click.argument("article_id", metavar="ID")
@click.option("--reason", required=True, help="Why. 原因。")
def withdraw(screen: Screen, article_id: str, reason: str) -> None:
    """Withdraw it and publish its feeds anew."""
    from feedsvc.cli.actor import actor
    from feedsvc.cli.opened import opened

    with opened() as services:
        receipt = services.desk.withdraw(identified(article_id), reason=reason, actor=actor())
    _show_receipt(screen, receipt, "cli.articles.withdrawn")


@command(articles, "release", "Publish an article that was held for review. 放行待审稿件。")
@click.argument("article_id", metavar="ID")
@click.option("--at", "at", metavar="TIME", help="At this minute, Beijing time. 定时发布。")
@click.option("--now", "at_once", is_flag=True, help="At once, whatever it waits for. 立即发布。")
def release(screen: Screen, article_id: str, at: str | None, at_once: bool) -> None:
    """Publish it, now or at its minute."""
    from feedsvc.cli.actor import actor
    from feedsvc.cli.opened import opened

    minute = None if at is None else _minute(at)
    with opened() as services:
        receipt = services.desk.release(
            identified(article_id), actor=actor(), at=minute, at_once=at_once
        )
    key = "cli.articles.released" if receipt.release_at is None else "cli.articles.scheduled"
    _show_receipt(screen, receipt, key)


def _minute(text: str) -> datetime:
    """Read a time as people write it; without an offset it is Beijing's."""
    from feedsvc.cli.shapes import SHANGHAI
    from feedsvc.errors import UsageError

    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("at", f"{text!r} is not a time such as 2026-11-25T08:00") from error
    return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)


def _show_receipt(screen: Screen, receipt: Receipt, key: str) -> None:
    from feedsvc.cli.shapes import article_row, time_shape

    article = receipt.article
    at = time_shape(receipt.release_at)
    screen.show(
        {
            **article_row(article),
            "reason": article.reason,
            "feeds": list(receipt.feeds),
            "release_at": at,
        },
        say(
            key,
            id=article.id,
            title=article.content.title,
            revision=article.revision,
            feeds=", ".join(receipt.feeds),
            at=at,
        ),
    )


def identified(text: str) -> int | str:
    """Read the number or guid of an article."""
    return int(text) if text.isascii() and text.isdigit() else text
