"""The command `feedsvc`; without arguments it runs the whole service."""

from __future__ import annotations

import click

from feedsvc import __version__
from feedsvc.cli.articles import articles
from feedsvc.cli.articles_import import add_import
from feedsvc.cli.categories import categories
from feedsvc.cli.clusters import add_clusters
from feedsvc.cli.config import config
from feedsvc.cli.db import db
from feedsvc.cli.demo import demo
from feedsvc.cli.feeds import feeds
from feedsvc.cli.filters import filters
from feedsvc.cli.inspect import add_inspect
from feedsvc.cli.preview import add_preview
from feedsvc.cli.publish import add_publish
from feedsvc.cli.review import review
from feedsvc.cli.run import add_run
from feedsvc.cli.sources import sources
from feedsvc.cli.sources_check import add_check
from feedsvc.cli.sources_layout import add_layout
from feedsvc.cli.sources_rules import add_rules
from feedsvc.cli.words import words


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="feedsvc")
@click.pass_context
def main(context: click.Context) -> None:
    """Partners' articles in, per-category RSS, Atom and JSON feeds out. 新闻聚合与分发。"""
    if context.invoked_subcommand is None:
        context.invoke(main.commands["run"], as_json=False, host=None, port=None, no_demo=False)


for group in (db, sources, categories, feeds, articles, review, filters, words, config, demo):
    main.add_command(group)
add_import(articles)
add_preview(sources)
add_rules(sources)
add_clusters(articles)
add_check(sources)
add_layout(sources)
add_run(main)
add_inspect(main)
add_publish(main)
for each in main.commands.values():
    # Lists of commands show the whole line, Chinese included, not its first sentence.
    each.short_help = each.help
