"""The last step of every answer that Flask gives: safety headers, validators, compression."""

from __future__ import annotations

import hashlib

from flask import Response, request

from feedsvc.web.conditional import Coding, choose_coding, entity_tag, names_core
from feedsvc.web.delta import compressed

SAFETY = {
    # Pages are ours alone: no script at all, nothing foreign, no frame around or inside them.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
# A withdrawn text must be gone at once, so no cache may answer without asking us first.
REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
SMALL = 600


def finish(response: Response) -> Response:
    """Complete one answer; a 200 gets a strong ETag per coding and may become a 304.

    A file that is passed through, and a feed document, has validators of its own.
    """
    for name, value in SAFETY.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", REVALIDATE)
    if response.direct_passthrough or "ETag" in response.headers:
        return response
    if response.status_code == 200 and request.method in {"GET", "HEAD"}:
        _validate(response)
    return response


def _validate(response: Response) -> None:
    body = response.get_data()
    response.vary.add("Accept-Encoding")
    coding: Coding = "identity"
    if len(body) >= SMALL:
        coding = choose_coding(request.headers.get("Accept-Encoding"))
    core = hashlib.sha256(body).hexdigest()[:16]
    response.headers["ETag"] = entity_tag(core, coding)
    wanted = request.headers.get("If-None-Match")
    if wanted is not None and names_core(wanted, core):
        response.status_code = 304
        response.set_data(b"")
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)
        return
    if coding != "identity":
        response.set_data(compressed(body, coding))
        response.headers["Content-Encoding"] = coding
