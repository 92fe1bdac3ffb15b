"""A process that corrects and publishes to files, to be killed: python -m …relentless_filer URL SHELF FILES."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from feedsvc.publish import files as pace
from feedsvc.publish import past
from feedsvc.publish.files import Files
from feedsvc.publish.past import Past
from feedsvc.publish.publisher import Publisher
from feedsvc.store import articles, cursor
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree
from feedsvc.store.options import StoreOptions
from feedsvc.store.shelf import Shelf
from tests.publish.newsroom import NOW, SITE

ARTICLES = 6


def main(url: str, shelf: str, directory: str) -> None:
    """Correct one article after the other until killed; a line says that the files are complete."""
    past.PART, pace.LEISURE, pace.REST = 2, 0.0, 0.0
    db = Database(StoreOptions(url=url))
    documents = Shelf(Path(shelf))
    files = Files(db, documents, FileTree(Path(directory)), Past(db, SITE), SITE)
    publisher = Publisher(db, documents, SITE, followed_by=files.published)
    publisher.refresh(NOW)
    for _ in range(12):
        files.keep_up()
    print("ready", flush=True)  # noqa: T201 - the signal to the parent
    for number in itertools.count():
        correct(db, 1 + number % ARTICLES)
        publisher.publish(["gongan", "all"])
        files.keep_up()


def correct(db: Database, article_id: int) -> None:
    """Give an article a text that names the change."""
    with db.write() as session:
        article = articles.get(session, article_id)
        change = cursor.latest(session) + 1
        content = replace(
            article.content, body_html=f"<p>{change}</p>" + "<p>平安</p>" * (change % 90)
        )
        revision = NewRevision(
            content=content,
            status="corrected",
            reason="更正",
            actor="editor:fang",
            kind="corrected",
            edited_fields=(),
        )
        articles.revise(session, article_id, revision, NOW + timedelta(seconds=change))


if __name__ == "__main__":
    main(*sys.argv[1:])
