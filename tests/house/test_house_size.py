"""The size gate: rooms that one can live in."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "feedsvc"
FILES = sorted(path for path in HOUSE.rglob("*.py") if "versions" not in path.parts)
MOST_LINES = 400
MOST_LINES_IN_FUNCTION = 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=names)
def test_file_is_small_and_named_for_what_it_does(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert path.stem not in VAGUE


@pytest.mark.parametrize("path", FILES, ids=names)
def test_functions_fit_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_LINES_IN_FUNCTION
        # A factory of commands or routes holds several functions, each judged for itself.
        and not any(isinstance(inner, ast.FunctionDef) for inner in node.body)
    ]
    assert long == []


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in FILES if path.parent != HOUSE}), ids=names
)
def test_folder_says_its_floor(folder: Path) -> None:
    if "migrations" in folder.parts:
        return
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert docstring is not None
    assert docstring.startswith("Floor ")


def test_broad_excepts_stand_at_loop_edges_only() -> None:
    broad = [
        f"{names(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    allowed = {
        "feedsvc/fetch/courier.py",  # one answer's fault never reaches the others on their way
        "feedsvc/front/watch.py",  # one connection's fault never ends the loop of all the others
        "feedsvc/ingest/pictures.py",  # one picture's fault never ends the thread that fetches them
        "feedsvc/ingest/poller.py",  # one source's fault never reaches another
        "feedsvc/parse/worker.py",  # a stranger's document never ends the worker
        "feedsvc/web/hot.py",  # the last good documents go on being served
        "feedsvc/publish/publisher.py",  # one feed's fault never reaches another
        "feedsvc/scheduler.py",  # nothing else would ever release what is held until a minute
    }
    assert {each.rsplit(":", 1)[0] for each in broad} == allowed


@pytest.mark.parametrize("path", FILES, ids=names)
def test_only_the_gateway_speaks_http(path: Path) -> None:
    # The import contracts cannot name modules of the standard library below their top package.
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not imported & {"urllib.request", "http.client", "ftplib", "smtplib"}
