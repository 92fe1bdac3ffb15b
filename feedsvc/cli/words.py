"""`feedsvc words`: names, titles and forms that an editor wants to see before readers do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from feedsvc.domain.screening import HouseWord, WordKind


@click.group(help="House words: what holds them is held for review. 用语表。")
def words() -> None:
    """Group of the word commands."""


@command(words, "list", "List the house words. 列出用语。")
def list_words(screen: Screen) -> None:
    """Print word, kind and advice."""
    from feedsvc.cli.opened import opened
    from feedsvc.store import house

    with opened() as services, services.db.read() as session:
        found = house.words(session)
    screen.show(
        [word_shape(each) for each in found],
        *(f"{each.text}\t{each.kind}\t{each.advice}" for each in found),
    )


@command(words, "add", "Add a word, or try it with --dry-run. 新增用语。")
@click.argument("word")
@click.option(
    "--kind",
    type=click.Choice(["name", "title", "form"]),
    default="form",
    show_default=True,
    help="A person's name, an official title, a form not to be used. 类别。",
)
@click.option("--advice", default="", help="What to write instead. 建议写法。")
@click.option("--dry-run", is_flag=True, help="Only list what it would hold. 试运行。")
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
def add(screen: Screen, word: str, kind: WordKind, advice: str, dry_run: bool, limit: int) -> None:
    """Store it, or list the stored articles that it would hold."""
    from feedsvc.cli.filters import show_trials
    from feedsvc.cli.opened import opened
    from feedsvc.curate.house import put_words
    from feedsvc.domain.screening import House, HouseWord
    from feedsvc.ingest.trial import try_house

    wanted = HouseWord(text=word, kind=kind, advice=advice)
    with opened() as services:
        if dry_run:
            tried = House(words=(wanted,))
            show_trials(screen, try_house(services.db, tried, source=None, limit=limit))
            return
        put_words(services.db, [wanted], services.clock())
    screen.show(word_shape(wanted), say("cli.words.added", word=word))


@command(words, "import", "Read words from a CSV file: word, kind, advice. 导入用语表。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_words(screen: Screen, file: Path) -> None:
    """Store them all, or none where a line cannot be read."""
    from feedsvc.cli.opened import opened
    from feedsvc.curate.house import put_words, read_words
    from feedsvc.text.charset import decode

    found = read_words(decode(file.read_bytes()).text, file.name)
    with opened() as services:
        new = put_words(services.db, found, services.clock())
    screen.show(
        {"words": len(found), "new": new}, say("cli.words.imported", count=len(found), new=new)
    )


@command(words, "remove", "Remove a word. 删除用语。")
@click.argument("word")
def remove(screen: Screen, word: str) -> None:
    """Remove it; what it holds stays held."""
    from feedsvc.cli.opened import opened
    from feedsvc.store import house

    with opened() as services, services.db.write() as session:
        house.remove_word(session, word)
    screen.show({"removed": word}, say("cli.words.removed", word=word))


def word_shape(word: HouseWord) -> dict[str, Any]:
    """A word as JSON."""
    return {"text": word.text, "kind": word.kind, "advice": word.advice}
