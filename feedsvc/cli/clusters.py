"""`feedsvc articles merge|split|clusters`: near-equal articles, of which feeds show one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.actor import actor
from feedsvc.cli.articles import identified
from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from feedsvc.curate.clusters import Regrouped
    from feedsvc.domain.cluster import Cluster


def add_clusters(articles: click.Group) -> None:
    """Add the commands about clusters to the group of articles."""

    @command(articles, "merge", "Make articles one cluster; feeds show one of them. 合并同题稿件。")
    @click.argument("ids", metavar="ID…", nargs=-1, required=True)
    @click.option("--canonical", metavar="ID", help="The one that feeds show. 以哪一篇为准。")
    @click.option("--reason", required=True, help="Why. 原因。")
    def merge(screen: Screen, ids: tuple[str, ...], canonical: str | None, reason: str) -> None:
        """Merge them and publish their feeds anew."""
        from feedsvc.cli.opened import opened

        with opened() as services:
            made = services.grouper.merge(
                [identified(each) for each in ids],
                reason=reason,
                actor=actor(),
                canonical=None if canonical is None else identified(canonical),
            )
        _show(screen, made, "cli.articles.merged")

    @command(articles, "split", "Take an article out of its cluster. 拆出同题稿件。")
    @click.argument("article_id", metavar="ID")
    @click.option("--reason", required=True, help="Why. 原因。")
    def split(screen: Screen, article_id: str, reason: str) -> None:
        """Split it off and publish its feeds anew."""
        from feedsvc.cli.opened import opened

        with opened() as services:
            made = services.grouper.split(identified(article_id), reason=reason, actor=actor())
        _show(screen, made, "cli.articles.split")

    @command(articles, "clusters", "List clusters of near-equal articles. 列出同题稿件。")
    @click.option(
        "--review",
        is_flag=True,
        help="Only those whose entry was withdrawn while others can be read. 仅列待审。",
    )
    @click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
    def clusters(screen: Screen, review: bool, limit: int) -> None:
        """Print each cluster with its members, the one that feeds show marked."""
        from feedsvc.cli.opened import opened
        from feedsvc.store import clusters as store

        with opened() as services, services.db.read() as session:
            look = store.bereft if review else store.latest
            found = look(session, limit=limit)
        screen.show([cluster_shape(each) for each in found], *_lines(found))


def cluster_shape(cluster: Cluster) -> dict[str, Any]:
    """A cluster and its members."""
    from feedsvc.cli.shapes import time_shape

    return {
        "cluster": cluster.id,
        "members": [
            {
                "id": each.article,
                "shown": each.shown,
                "status": each.status,
                "source": each.source,
                "attribution": each.attribution,
                "published_at": time_shape(each.published_at),
                "title": each.title,
            }
            for each in cluster.members
        ],
    }


def _show(screen: Screen, made: Regrouped, key: str) -> None:
    (cluster,) = made.clusters
    screen.show(
        {**cluster_shape(cluster), "feeds": list(made.feeds)},
        say(key, cluster=cluster.id, feeds=", ".join(made.feeds)),
        *_lines([cluster]),
    )


def _lines(found: list[Cluster]) -> list[str]:
    return [
        f"{each.id}\t{'*' if one.shown else ' '}\t{one.article}\t{one.status}\t{one.source}\t{one.title}"
        for each in found
        for one in each.members
    ]
