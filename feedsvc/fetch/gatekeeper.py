"""Whether an error is a gatekeeper's: a challenge to the visitor rather than the partner's word."""

from __future__ import annotations

import contextlib
from typing import Final

from feedsvc.errors import Blocked, FetchError
from feedsvc.fetch.answer import GATEKEEPERS, Answer
from feedsvc.fetch.inflate import Caps, inflate
from feedsvc.text.challenge import is_challenge

# Jiasule's "web server is down"; Chinese portals send it to every visitor without their cookie.
ALWAYS: Final = 521


def refuse_gatekeeper(answer: Answer, caps: Caps, subject: str) -> None:
    """Raise `Blocked` where an answer with an error status is a challenge; else do nothing."""
    if answer.status not in GATEKEEPERS:
        return
    mitigated = answer.headers.get("cf-mitigated", "").lower() == "challenge"
    if answer.status == ALWAYS or mitigated or is_challenge(_text(answer, caps, subject)):
        raise Blocked(
            subject,
            f"HTTP {answer.status} with a challenge that only a browser can answer;"
            " ask the partner for a feed or for access",
        )


def _text(answer: Answer, caps: Caps, subject: str) -> str:
    """What of the body can be read; a gatekeeper's markup is told by its ASCII."""
    body = b""
    with contextlib.suppress(FetchError):
        body = inflate(
            bytes(answer.body), answer.headers.get("content-encoding", "").lower(), caps, subject
        )
    return body.decode("utf-8", "replace")
