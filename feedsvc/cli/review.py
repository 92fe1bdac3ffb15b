"""`feedsvc review`: what partners want withdrawn or corrected, and an editor decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.screen import Screen, command, say

if TYPE_CHECKING:
    from feedsvc.curate.review import Verdict
    from feedsvc.domain.candidate import Candidate, CandidateState


@click.group(help="What waits for an editor's decision. 待审。")
def review() -> None:
    """Group of the review commands."""


@command(review, "list", "List what waits for a decision, newest first. 列出待审。")
@click.option(
    "--state",
    type=click.Choice(["open", "accepted", "dismissed", "lapsed", "any"]),
    default="open",
    show_default=True,
    help="Only this state. 状态。",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
def list_candidates(screen: Screen, state: str, limit: int) -> None:
    """Print each candidate: number, article, what would be done, and why."""
    from feedsvc.cli.opened import opened
    from feedsvc.store import candidates

    chosen: CandidateState | None = None if state == "any" else state  # type: ignore[assignment]
    with opened() as services, services.db.read() as session:
        found = candidates.find(session, state=chosen, limit=limit)
    screen.show([candidate_shape(each) for each in found], *(_line(each) for each in found))


@command(review, "accept", "Do what the partner wants. 采纳。")
@click.argument("candidate_id", metavar="ID", type=int)
def accept(screen: Screen, candidate_id: int) -> None:
    """Withdraw or correct the article and publish its feeds anew."""
    from feedsvc.cli.actor import actor
    from feedsvc.cli.opened import opened

    with opened() as services:
        verdict = services.reviewer.accept(candidate_id, actor=actor())
    _show_verdict(screen, verdict, "cli.review.accepted")


@command(review, "dismiss", "Leave the article as it is. 不采纳。")
@click.argument("candidate_id", metavar="ID", type=int)
def dismiss(screen: Screen, candidate_id: int) -> None:
    """Settle the candidate without touching the article."""
    from feedsvc.cli.actor import actor
    from feedsvc.cli.opened import opened

    with opened() as services:
        verdict = services.reviewer.dismiss(candidate_id, actor=actor())
    _show_verdict(screen, verdict, "cli.review.dismissed")


def candidate_shape(candidate: Candidate) -> dict[str, Any]:
    """A candidate as JSON; `proposed` is the title and text that an acceptance gives the article."""
    from feedsvc.cli.shapes import time_shape

    proposed = candidate.proposed
    return {
        "id": candidate.id,
        "article": candidate.article,
        "title": candidate.title,
        "source": candidate.source,
        "kind": candidate.kind,
        "reason": candidate.reason,
        "evidence": candidate.evidence,
        "at": time_shape(candidate.at),
        "state": candidate.state,
        "proposed": proposed and {"title": proposed.title, "body_html": proposed.body_html},
        "settled_at": time_shape(candidate.settled_at),
        "settled_by": candidate.settled_by,
    }


def _line(candidate: Candidate) -> str:
    return say(
        f"cli.review.{candidate.kind}",
        id=candidate.id,
        article=candidate.article,
        title=candidate.title,
        source=candidate.source,
        reason=candidate.reason or "-",
        evidence=candidate.evidence,
    )


def _show_verdict(screen: Screen, verdict: Verdict, key: str) -> None:
    article = verdict.article
    screen.show(
        {
            **candidate_shape(verdict.candidate),
            "article_status": article.status,
            "revision": article.revision,
            "feeds": list(verdict.feeds),
        },
        say(
            key,
            id=verdict.candidate.id,
            article=article.id,
            title=article.content.title,
            status=article.status,
            feeds=", ".join(verdict.feeds),
        ),
    )
