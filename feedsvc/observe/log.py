"""Structured logs: one event a line, JSON for machines, coloured words on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog


def configure_logging(*, level: str = "info", stream: TextIO = sys.stderr) -> None:
    """Send every event of this process to `stream`; libraries' own warnings included."""
    threshold = logging.getLevelName(level.upper())
    timestamps = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        timestamps,
        structlog.processors.format_exc_info,
    ]
    for_terminal = stream.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if for_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    # The console renderer formats tracebacks itself and warns when another processor did.
    processors = shared[:-1] if for_terminal else shared
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(stream),
        # Not cached: a later call, or a test that listens, must reach loggers already in use.
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=stream, format="%(message)s")
