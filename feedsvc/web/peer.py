"""The visitor's address, as the front tells it to the application behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from feedsvc.front.handover import PEER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PEER_KEY = f"HTTP_{PEER.upper().replace('-', '_')}"


def restore_peer(app: WSGIApplication) -> WSGIApplication:
    """Give `app` the visitor's address that the front handed on; for the application's process only."""

    def restored(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = environ.pop(_PEER_KEY, "")
        return app(environ, start_response)

    return restored
