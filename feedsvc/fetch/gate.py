"""The open-socket hook: libcurl asks here before each connect, and gets a socket or none."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pycurl

from feedsvc.fetch.exchange import Endpoint
from feedsvc.fetch.guard import Network, admitted


class Gate:
    """Lets one exchange through to admitted addresses only.

    The first refusal closes the gate: a name with one refused address among those that were
    tried is refused as a whole, although libcurl would go on to the next. `refused` says which.
    """

    __slots__ = ("_endpoint", "_networks", "_opened", "refused")

    def __init__(self, networks: Sequence[Network], endpoint: Endpoint | None) -> None:
        self._networks = networks
        self._endpoint = endpoint
        self._opened: list[socket.socket] = []
        self.refused: str | None = None

    def open(self, asked: pycurl.CurlSockAddr) -> socket.socket | int:
        """Return a fresh socket for an admitted address, `pycurl.SOCKET_BAD` for any other."""
        if self.refused is None:
            self.refused = self._objection(asked)
        if self.refused is not None:
            return pycurl.SOCKET_BAD
        try:
            opened = socket.socket(asked.family, asked.socktype, asked.protocol)
        except OSError:
            # Out of descriptors, or a family that this machine lacks: libcurl reports it.
            return pycurl.SOCKET_BAD
        self._opened.append(opened)
        return opened

    def close(self) -> None:
        """Close our side of the sockets; libcurl works on duplicates that it closes itself."""
        for opened in self._opened:
            opened.close()

    def _objection(self, asked: pycurl.CurlSockAddr) -> str | None:
        if isinstance(asked.addr, bytes):
            return "something other than an IP address"
        address, port = asked.addr[0], asked.addr[1]
        if admitted(address, port, networks=self._networks, endpoint=self._endpoint):
            return None
        return f"{address} port {port}"
