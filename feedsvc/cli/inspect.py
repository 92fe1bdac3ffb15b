"""`feedsvc inspect`: what we understand of a file or URL, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import click

from feedsvc.cli.screen import Screen, command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from feedsvc.domain.parsed import ParseJob
    from feedsvc.ingest.understand import Understanding
    from feedsvc.settings import Settings

DocumentKind = Literal["feed", "page", "list"]


def add_inspect(group: click.Group) -> None:
    """Attach the command to the main group."""

    @command(group, "inspect", "Print what we understand of a file or URL. 解析检查。")
    @click.argument("target", metavar="FILE|URL")
    @click.option(
        "--as",
        "kind",
        type=click.Choice(["feed", "page", "list"]),
        help="What to read it as; without it, what it is. 类型；不给则说明它是什么。",
    )
    @click.option("--url", "base", help="The address a saved file came from. 原地址。")
    @click.option("--content-type", help="The HTTP header a saved file came with.")
    @click.option("--charset", help="Overrides what the document declares. 字符集。")
    @click.option("--timezone", default="Asia/Shanghai", show_default=True, help="时区。")
    @click.option(
        "--rules",
        "rules_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Selectors (TOML). 规则文件。",
    )
    def inspect(
        screen: Screen,
        target: str,
        kind: DocumentKind | None,
        base: str | None,
        content_type: str | None,
        charset: str | None,
        timezone: str,
        rules_file: Path | None,
    ) -> None:
        """Read it through the same code as a poll; a refusal is an `error` and status 1."""
        from feedsvc.cli.opened import settings_of_process
        from feedsvc.cli.sources import read_rules_file
        from feedsvc.curate.registry import check_charset, check_rules, check_timezone
        from feedsvc.domain.parsed import ParseJob
        from feedsvc.services import utc_now

        settings = settings_of_process()
        rules = read_rules_file(rules_file)
        check_rules(rules, str(rules_file))
        check_timezone(timezone)
        check_charset(charset)
        body, url, header = _obtained(settings, target)
        job = ParseJob(
            kind=kind or "survey",
            body=body,
            url=base or url,
            seen_at=utc_now(),
            content_type=content_type or header,
            charset=charset,
            timezone=timezone,
            rules=rules or None,
        )
        shape = _understood(settings, job, target)
        screen.show(shape, *_lines(shape))


def _obtained(settings: Settings, target: str) -> tuple[bytes, str, str | None]:
    """The bytes, their address and their content type; a file has neither of the latter."""
    from feedsvc.errors import UsageError

    if target.lower().startswith(("http://", "https://")):
        from feedsvc.fetch.client import Fetcher
        from feedsvc.fetch.exchange import FetchRequest

        fetcher = Fetcher(settings.fetch)
        try:
            response = fetcher.fetch(FetchRequest(url=target))
        finally:
            fetcher.close()
        return response.body, response.url, response.headers.get("content-type")
    try:
        return Path(target).read_bytes(), "", None
    except OSError as error:
        raise UsageError(target, f"cannot be read ({error.strerror})") from error


def _understood(settings: Settings, job: ParseJob, target: str) -> dict[str, Any]:
    """What is understood; a refusal names the file where the document has no address."""
    from feedsvc.cli.inspect_shapes import understanding_shape
    from feedsvc.errors import FeedsvcError
    from feedsvc.ingest.understand import understand
    from feedsvc.parse.pool import ParserPool

    with ParserPool(settings.parsers) as parsers:
        try:
            understood: Understanding = understand(job, parsers)
        except FeedsvcError as error:
            error.subject = error.subject or target
            raise
    return understanding_shape(understood, ZoneInfo(job.timezone))


def _lines(shape: Mapping[str, Any]) -> list[str]:
    """One line a field; of items the ones that a person looks for first."""
    if "looks_like" in shape:
        from feedsvc.cli.survey_shapes import survey_lines

        return list(survey_lines(dict(shape)))
    lines = [f"{key}: {value}" for key, value in shape.items() if key != "items"]
    lines.extend(
        f"- {item['published_at'] or '-'} {item['title']} <{item['link'] or '-'}>"
        for item in shape.get("items", ())
    )
    return lines
