"""`feedsvc config`: what is set, and by whom."""

from __future__ import annotations

import click

from feedsvc.cli.screen import Screen, command, say


@click.group(help="The effective configuration. 配置。")
def config() -> None:
    """Group of the configuration commands."""


@command(config, "show", "Print every setting and where it comes from. 显示配置。")
def show(screen: Screen) -> None:
    """Print all settings, secrets masked."""
    from feedsvc.cli.opened import settings_of_process
    from feedsvc.settings import masked

    settings = settings_of_process()
    values = masked(settings)
    screen.show(
        {key: {"value": value, "from": settings.origins[key]} for key, value in values.items()},
        *(f"{key} = {value!r}\t({settings.origins[key]})" for key, value in values.items()),
    )


@command(config, "check", "Say whether the configuration can be used. 检查配置。")
def check(screen: Screen) -> None:
    """Read everything that a start would read; the first fault is named, status 2."""
    from feedsvc.cli.opened import settings_of_process
    from feedsvc.curate.seed import read_seed
    from feedsvc.settings import CONFIG_FOLDER

    settings_of_process()
    read_seed(CONFIG_FOLDER)
    screen.show({"ok": True}, say("cli.config.ok"))
