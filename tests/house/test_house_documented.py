"""What is not documented does not exist: settings, commands and their options, error kinds, files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from feedsvc import errors
from feedsvc.cli.main import main
from feedsvc.i18n.catalogue import translate

ROOT = Path(__file__).resolve().parents[2]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
SETTINGS = tomllib.loads((ROOT / "config" / "default.toml").read_text(encoding="utf-8"))


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(main))
KINDS = sorted(
    {
        value.kind
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.FeedsvcError)
    }
)


@pytest.mark.parametrize("setting", SETTINGS)
def test_setting_is_documented_with_its_environment_name(setting: str) -> None:
    assert f"| `{setting}` | `FEEDSVC_{setting.upper()}` |" in DOCS["settings.md"]


def test_documented_settings_exist() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", DOCS["settings.md"], re.MULTILINE)
    assert documented == list(SETTINGS)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented(name: str) -> None:
    assert re.search(rf"`feedsvc {name}[ `]", DOCS["commands.md"])


@pytest.mark.parametrize("name", COMMANDS)
def test_command_speaks_json_and_explains_itself(name: str) -> None:
    command = COMMANDS[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    assert command.help


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_documented(name: str) -> None:
    [line] = re.findall(
        rf"^\| `feedsvc(?:`, `feedsvc)? {name}[ `].*$", DOCS["commands.md"], re.MULTILINE
    )
    for parameter in COMMANDS[name].params:
        if not isinstance(parameter, click.Option) or parameter.hidden:
            continue
        if parameter.opts[0] not in {"--json", "--help"}:
            assert parameter.opts[0] in line


@pytest.mark.parametrize("kind", KINDS)
def test_error_kind_is_documented_and_has_words_in_both_languages(kind: str) -> None:
    assert f"`{kind}`" in DOCS["commands.md"]
    assert translate("zh", f"error.{kind}") != translate("en", f"error.{kind}")


def test_error_tree_is_drawn_whole() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    classes = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.FeedsvcError)
    ]
    assert ["FeedsvcError", *drawn] == classes


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_room_stands_in_the_picture_of_the_house() -> None:
    picture = DOCS["architecture.md"]
    rooms = [
        f"{path.name}/" if path.is_dir() else path.name
        for path in (ROOT / "feedsvc").iterdir()
        if not path.name.startswith(("_", ".")) and path.suffix in {"", ".py"}
    ]
    assert [room for room in rooms if room not in picture] == []


@pytest.mark.parametrize("name", [*DOCS, "CHANGELOG.md"])
def test_no_document_says_a_line_twice(name: str) -> None:
    text = DOCS[name] if name in DOCS else (ROOT / name).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 25]
    assert sorted(line for line in set(lines) if lines.count(line) > 1) == []


@pytest.mark.parametrize("name", ["architecture.md", "commands.md", "settings.md"])
def test_each_row_of_a_table_answers_another_question(name: str) -> None:
    rows = re.findall(r"^\| ([^|\n]*?) \|", DOCS[name], re.M)
    assert sorted(row for row in set(rows) if rows.count(row) > 1 and row != "kind") == []


def test_each_decision_has_a_number_of_its_own_and_a_title_that_asks() -> None:
    paths = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    titles = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in paths}
    assert [int(name[:4]) for name in titles] == list(range(1, len(titles) + 1))
    for name, title in titles.items():
        assert re.fullmatch(rf"# {name[:4]} (?:Why|How|What) .+\?", title), name
