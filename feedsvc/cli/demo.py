"""`feedsvc demo`: our sample partner."""

from __future__ import annotations

import sys

import click

from feedsvc.cli.screen import Screen, command, say


@click.group(help="The sample partner. 演示。")
def demo() -> None:
    """Group of the demo commands."""


@command(demo, "partner", "Run the sample partner's site alone. 只启动演示合作方。")
def partner(screen: Screen) -> None:
    """Serve it until stopped; `demo load` in another terminal adds its sources."""
    from feedsvc.cli.opened import opened
    from feedsvc.cli.stopping import stop_signals
    from feedsvc.demo.partner import DEMO_HOST, start_site

    with stop_signals() as stopped, opened() as services:
        site = start_site(services)
        url = f"http://{DEMO_HOST}:{site.port}"
        screen.show({"url": url}, say("cli.demo.partner", url=url))
        sys.stdout.flush()
        stopped.wait()
        site.stop()


@command(demo, "load", "Add the sample partner's section and sources. 载入演示来源。")
def load(screen: Screen) -> None:
    """Add them; the partner itself is started by `run` or `demo partner`."""
    from feedsvc.cli.opened import opened
    from feedsvc.demo.partner import load as load_sources
    from feedsvc.errors import UsageError
    from feedsvc.services import read_demo_endpoint

    with opened() as services:
        endpoint = read_demo_endpoint(services.settings.home)
        if endpoint is None:
            raise UsageError(
                "demo", "start `feedsvc demo partner` first, so that it has an address"
            )
        url = f"http://{endpoint.address}:{endpoint.port}"
        load_sources(services, url)
    screen.show({"url": url}, say("cli.demo.loaded", url=url))


@command(demo, "clear", "Remove the demo's sources and articles. 清除演示。")
def clear(screen: Screen) -> None:
    """Remove every demo source with its articles and publish the feeds anew."""
    from feedsvc.cli.opened import opened
    from feedsvc.demo.partner import clear as clear_demo

    with opened() as services:
        removed = clear_demo(services)
    screen.show({"removed": removed}, say("cli.demo.cleared", count=removed))
