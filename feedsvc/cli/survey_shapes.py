"""The JSON shape of a survey, and the same in words; stable, see docs/commands.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.cli.screen import say
from feedsvc.cli.shapes import plain, time_in
from feedsvc.domain.parsed import ListedLink, Proposal, Survey

# Rows shown of each proposal, so that a person can tell which list it is.
SAMPLES = 5


def survey_shape(survey: Survey, zone: ZoneInfo) -> dict[str, Any]:
    """What a document is, the feeds that it names, and the proposals for it."""
    return {
        "looks_like": survey.looks_like,
        "explanation": say(
            f"cli.looks.{survey.looks_like}",
            feeds=len(survey.feeds),
            proposals=len(survey.proposals),
        ),
        "charset": survey.charset,
        "title": survey.title,
        "feeds": [asdict(feed) for feed in survey.feeds],
        "proposals": [proposal_shape(each, zone) for each in survey.proposals],
        "repairs": [asdict(repair) for repair in survey.repairs],
    }


def proposal_shape(proposal: Proposal, zone: ZoneInfo) -> dict[str, Any]:
    """One proposal with its reasons in words and its first rows."""
    return {
        "rules": plain(proposal.rules),
        "confidence": proposal.confidence,
        "rows": len(proposal.rows),
        "reasons": [say(f"cli.reason.{each.kind}", value=each.value) for each in proposal.reasons],
        "samples": [row_shape(row, zone) for row in proposal.rows[:SAMPLES]],
    }


def row_shape(row: ListedLink, zone: ZoneInfo) -> dict[str, Any]:
    """One row of a list; a bare date at day precision."""
    published = time_in(zone, row.published_at, row.published_precision)
    return {"title": row.title, "link": row.link, "published_at": published}


def survey_lines(shape: dict[str, Any]) -> Iterator[str]:
    """The survey for people: one sentence, then feeds and proposals."""
    yield shape["explanation"]
    yield f"charset: {shape['charset']}"
    for feed in shape["feeds"]:
        yield say("cli.survey.feed", url=feed["url"], title=feed["title"])
    for place, each in enumerate(shape["proposals"], 1):
        yield from proposal_lines(place, each)


def proposal_lines(place: int, shape: dict[str, Any]) -> Iterator[str]:
    """One proposal for people."""
    reasons = say("cli.survey.comma").join(shape["reasons"])
    confidence = f"{shape['confidence']:.0%}"
    yield say("cli.survey.proposal", place=place, confidence=confidence, reasons=reasons)
    for key, value in shape["rules"]["list"].items():
        yield f"   {key} = {value}"
    for row in shape["samples"]:
        yield f"   - {row['published_at'] or '-'} {row['title']} <{row['link']}>"
