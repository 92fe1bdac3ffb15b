"""`feedsvc run`, `web` and `scheduler`: the service in one process tree, or in parts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc.cli.screen import Screen, command, say
from feedsvc.cli.stopping import die_with_parent, environment_of_child, stop_signals
from feedsvc.errors import FeedsvcError

if TYPE_CHECKING:
    from feedsvc.demo.partner import DemoPartner
    from feedsvc.services import Services
    from feedsvc.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
READY_WITHIN = 20.0
READY_STEP = 0.05
STOP_WITHIN = 0.8
PORT_TRIES = 10
PORT_STEP = 0.2

host_option = click.option("--host", help="Listen here instead of FEEDSVC_HOST. 监听地址。")
port_option = click.option("--port", type=click.IntRange(1, 65535), help="端口。")


def add_run(group: click.Group) -> None:
    """Attach the three commands to the main group."""

    @command(group, "run", "Run web and scheduler together, with the demo at first. 启动服务。")
    @host_option
    @port_option
    @click.option("--no-demo", is_flag=True, help="Without the demo partner. 不带演示。")
    def run(screen: Screen, host: str | None, port: int | None, no_demo: bool) -> None:
        """Start everything, say where, and stop on Ctrl-C."""
        from feedsvc.cli.opened import settings_of_process

        settings = settings_of_process(host=host, port=port)
        require_free_port(settings)
        with stop_signals() as stopped, running(settings, demo=not no_demo) as (web, partner):
            screen.show(
                {"base_url": settings.base_url, "home": str(settings.home)},
                *greeting(settings, partner),
            )
            while web.poll() is None and not stopped.wait(0.2):
                pass
        if not stopped.is_set():
            raise FeedsvcError("web", "the web server ended by itself; its last words are above")

    @command(group, "web", "Serve feeds and pages only. 只启动网页服务。")
    @host_option
    @port_option
    @click.option("--supervised", is_flag=True, hidden=True)
    @click.option("--behind", type=click.Path(path_type=Path), hidden=True)
    def web(
        screen: Screen, host: str | None, port: int | None, supervised: bool, behind: Path | None
    ) -> None:
        """Serve until stopped; the schema must be current."""
        from feedsvc.cli.opened import opened, settings_of_process
        from feedsvc.cli.serve import serve, serve_application

        settings = settings_of_process(host=host, port=port)
        if behind is not None:
            die_with_parent()
            serve_application(behind)
            return
        if supervised:
            # Whoever started us checked the port and sees to the database.
            die_with_parent()
        else:
            require_free_port(settings)
            with opened():
                screen.show(
                    {"base_url": settings.base_url}, say("cli.web.on", url=settings.base_url)
                )
        serve(settings)

    @command(group, "scheduler", "Poll and publish only. 只启动调度。")
    def scheduler(screen: Screen) -> None:
        """Poll and publish until stopped."""
        from feedsvc.cli.opened import opened
        from feedsvc.scheduler import Scheduler

        with stop_signals() as stopped, opened(quiet=False) as services:
            at_work = Scheduler(services)
            at_work.start()
            screen.show({"home": str(services.settings.home)}, say("cli.scheduler.on"))
            sys.stdout.flush()
            stopped.wait()
            at_work.stop()


@contextmanager
def running(
    settings: Settings, *, demo: bool
) -> Iterator[tuple[subprocess.Popen[bytes], DemoPartner | None]]:
    """Everything up: web process, database, demo partner, scheduler; all down at the end."""
    with ExitStack() as up:
        # First of all, because it loads its half of the program while this process loads the other.
        web = start_web()
        up.callback(end, web)

        from feedsvc.cli.opened import prepare
        from feedsvc.demo.partner import start_partner
        from feedsvc.scheduler import Scheduler
        from feedsvc.services import build_services
        from feedsvc.store import schema

        services = build_services(settings)
        up.callback(services.close)
        schema.upgrade(services.db)
        prepare(services)
        partner = start_partner(services, wanted=demo)
        if partner is not None:
            up.callback(partner.stop)
        # Readers first: polling would take the processors from the web process while it starts.
        await_answer(services, web)
        scheduler = Scheduler(services)
        up.callback(scheduler.stop)
        scheduler.start()
        up.callback(web.terminate)
        yield web, partner


def start_web() -> subprocess.Popen[bytes]:
    """Start the web process; it finds this checkout from whatever folder we were started in."""
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", "feedsvc", "web", "--supervised"],
        env={**environment_of_child(), "PYTHONPATH": path},
        start_new_session=True,
    )


def await_answer(services: Services, web: subprocess.Popen[bytes]) -> None:
    """Return once the web process answers, or has ended."""
    from feedsvc.errors import FetchError
    from feedsvc.fetch.exchange import Endpoint, FetchRequest

    settings = services.settings
    address = reachable_address(settings.host)
    request = FetchRequest(
        url=f"http://{address}:{settings.port}/healthz",
        admit=Endpoint(address=address.strip("[]"), port=settings.port),
    )
    pause = threading.Event()
    for _ in range(int(READY_WITHIN / READY_STEP)):
        if web.poll() is not None:
            return
        try:
            services.fetcher.fetch(request)
        except FetchError:
            pause.wait(READY_STEP)
        else:
            return


def reachable_address(host: str) -> str:
    """The address at which a server bound to `host` can be asked from this machine."""
    if host in {"0.0.0.0", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if host == "localhost":
        return "127.0.0.1"
    return f"[{host.replace('::', '::1') if host == '::' else host}]" if ":" in host else host


def greeting(settings: Settings, partner: DemoPartner | None) -> list[str]:
    """What the terminal says once everything answers."""
    lines = [
        say("cli.run.home", url=f"{settings.base_url}/"),
        say("cli.run.feeds", url=f"{settings.base_url}/feeds/"),
        say("cli.run.data", home=settings.home),
    ]
    if partner is not None:
        lines.append(
            say("cli.run.demo", url=partner.url, feed=f"{settings.base_url}/feeds/gongan.rss")
        )
    lines.append(say("cli.run.stop"))
    return lines


def require_free_port(settings: Settings) -> None:
    """Raise `ConfigError` when something else listens already: it would be hard to see later.

    A server of ours whose parent was killed needs a moment to notice, so this one waits for it.
    """
    from feedsvc.errors import ConfigError

    pause = threading.Event()
    for _ in range(PORT_TRIES):
        trouble = _binding_trouble(settings.host, settings.port)
        if trouble is None:
            return
        pause.wait(PORT_STEP)
    raise ConfigError("port", f"{settings.host}:{settings.port} cannot be used ({trouble})")


def _binding_trouble(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a child to stop, and stop it when it does not within its time."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
