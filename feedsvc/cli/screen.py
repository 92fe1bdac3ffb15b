"""How a command speaks: words for people, JSON for programs, and the exit status."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from typing import Any, Literal, NoReturn

import click

from feedsvc.errors import ConfigError, Conflict, FeedsvcError, NotFound, UsageError
from feedsvc.i18n.catalogue import translate

DONE, FAILED, MISUSED = 0, 1, 2


class Screen:
    """One command's output; `as_json` prints exactly one JSON value on standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def show(self, data: Any, *lines: str) -> None:
        """Print the result: `data` as JSON, or the lines."""
        if self.as_json:
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                click.echo(line)

    def fail(self, error: FeedsvcError) -> NoReturn:
        """Say what went wrong in one sentence and end with the status that it deserves."""
        if self.as_json:
            self.show({"error": {"kind": error.kind, "message": str(error)}})
        else:
            click.echo(explained(error), err=True)
        sys.exit(status_of(error))


def status_of(error: FeedsvcError) -> int:
    """2 for a wrong command line or configuration, 1 for everything that merely failed."""
    if isinstance(error, NotFound | Conflict):
        return FAILED
    return MISUSED if isinstance(error, UsageError | ConfigError) else FAILED


def explained(error: FeedsvcError) -> str:
    """One line: what it is about, and why."""
    return say("cli.error", subject=error.subject, cause=error.cause)


def language() -> Literal["zh", "en"]:
    """FEEDSVC_LANGUAGE, else English where the terminal speaks it, else Chinese."""
    wanted = os.environ.get("FEEDSVC_LANGUAGE") or os.environ.get("LANG", "")
    return "en" if wanted.lower().startswith("en") else "zh"


def say(key: str, **values: object) -> str:
    """Return a message in the terminal's language."""
    return translate(language(), key, **values)


def command(group: click.Group, name: str, help_text: str) -> Callable[..., Any]:
    """Make a function a command of `group` with `--json`; it gets a `Screen` first.

    Errors that we expect become one sentence and a status; no traceback reaches the user.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(*, as_json: bool, **values: Any) -> None:
            screen = Screen(as_json=as_json)
            try:
                function(screen, **values)
            except FeedsvcError as error:
                screen.fail(error)

        flag = click.option("--json", "as_json", is_flag=True, help="Print JSON. 输出 JSON。")
        return group.command(name, help=help_text)(flag(run))

    return decorate
