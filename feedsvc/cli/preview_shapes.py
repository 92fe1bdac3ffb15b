"""The JSON shape of a preview, and the same in words; stable, see docs/commands.md."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.cli.screen import say
from feedsvc.cli.shapes import time_in
from feedsvc.cli.survey_shapes import proposal_lines, survey_shape
from feedsvc.curate.slugs import slug_of
from feedsvc.domain.source import Source
from feedsvc.errors import FeedsvcError
from feedsvc.ingest.preview import Preview, Sight
from feedsvc.text.html import plain_text

_EXCERPT = 120


def preview_shape(found: Preview, zone: ZoneInfo) -> dict[str, Any]:
    """What is behind the URL, the source as it would be stored, and its first items."""
    return {
        "url": found.url,
        **survey_shape(found.survey, zone),
        "source": _source_shape(found.source) if found.source else None,
        "items": [_sight_shape(each, zone) for each in found.sights],
        "rejections": [asdict(each) for each in found.rejections],
        "save": _save_shape(found.source) if found.source else None,
        "error": None,
    }


def blocked_shape(error: FeedsvcError) -> dict[str, Any]:
    """A gatekeeper stands before the URL."""
    return {
        "url": error.subject,
        "looks_like": "blocked",
        "explanation": say("cli.looks.blocked"),
        "error": {"kind": error.kind, "message": str(error)},
    }


def preview_lines(shape: Mapping[str, Any]) -> Iterator[str]:
    """The preview for people: what it is, proposals, items, and how to save it."""
    yield shape["explanation"]
    for feed in shape["feeds"]:
        yield say("cli.survey.feed", url=feed["url"], title=feed["title"])
    for place, each in enumerate(shape["proposals"], 1):
        yield from proposal_lines(place, {**each, "samples": each["samples"][:2]})
    if shape["items"]:
        yield say("cli.preview.items", count=len(shape["items"]))
    for item in shape["items"]:
        verdict = say(f"cli.verdict.{item['verdict']}", article=item["article"])
        told = [item["published_at"] or "-", item["title"], item["attribution"], verdict]
        yield "- " + "  ".join(each for each in told if each)
        if item["excerpt"]:
            yield f"    {item['excerpt']}"
    for each in shape["rejections"]:
        yield f"! {each['subject']}: {each['message']}"
    if shape["save"]:
        yield say("cli.preview.save")
        yield shape["save"]["command"]
        if shape["save"]["rules_toml"]:
            yield say("cli.preview.rules")
            yield shape["save"]["rules_toml"].rstrip()


def toml_of(rules: Mapping[str, Any]) -> str:
    """Rules as a rules file holds them."""
    tables = []
    for name, table in rules.items():
        # JSON's strings are TOML's basic strings.
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
        tables.append("\n".join([f"[{name}]", *lines, ""]))
    return "\n".join(tables)


def _source_shape(source: Source) -> dict[str, Any]:
    return {"url": source.url, "kind": source.kind, "rules": {**source.rules}}


def _save_shape(source: Source) -> dict[str, Any]:
    """The command that stores what was previewed, and the rules file that it needs, if any."""
    slug = slug_of(source.url) if source.slug == "preview" else source.slug
    words = ["feedsvc", "sources", "add", source.url, "--slug", slug]
    words += ["--category", source.category or "CATEGORY", "--kind", source.kind]
    if source.rules:
        words += ["--rules", "rules.toml"]
    if source.charset:
        words += ["--charset", source.charset]
    if source.timezone != "Asia/Shanghai":
        words += ["--timezone", source.timezone]
    return {
        "command": shlex.join(words),
        "rules_toml": toml_of(source.rules) if source.rules else "",
    }


def _sight_shape(sight: Sight, zone: ZoneInfo) -> dict[str, Any]:
    draft = sight.draft
    content = draft.content
    text = plain_text(content.body_html)
    return {
        "title": content.title,
        "link": draft.link,
        "published_at": time_in(zone, draft.published_at, draft.published_precision),
        "published_precision": draft.published_precision,
        "attribution": content.attribution,
        "authors": list(content.authors),
        "editors": list(content.editors),
        "original_title": content.original_title,
        "category": draft.category,
        "excerpt": content.summary[:_EXCERPT],
        "body_length": len("".join(text.split())),
        "body_html": content.body_html,
        "read": sight.read,
        "confidence": dict(sight.confidence),
        "verdict": sight.verdict,
        "article": sight.article_id,
        "repairs": [asdict(each) for each in draft.repairs],
    }
