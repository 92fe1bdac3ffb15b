"""How often one visitor may have something made: a bucket of tokens for each address, in bounds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

MOST_PEERS = 10_000


class Buckets:
    """Gives each peer `per_minute` tokens a minute and as many to begin with; 0 asks nothing. Thread-safe.

    Peers beyond `most` push out whoever came least lately, who then begins anew.
    """

    def __init__(
        self,
        per_minute: float,
        *,
        most: int = MOST_PEERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_tokens = float(per_minute)
        self._per_second = per_minute / 60
        self._most = most
        self._clock = clock
        self._peers: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._peers)

    def take(self, peer: str) -> float:
        """Take a token; return 0, or the seconds until there will be one."""
        if not self._per_second:
            return 0.0
        now = self._clock()
        with self._lock:
            tokens, at = self._peers.pop(network_of(peer), (self._most_tokens, now))
            tokens = min(self._most_tokens, tokens + (now - at) * self._per_second)
            granted = tokens >= 1
            self._peers[network_of(peer)] = (tokens - 1 if granted else tokens, now)
            if len(self._peers) > self._most:
                self._peers.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._per_second


def network_of(peer: str) -> str:
    """Return who counts as one visitor: an IPv4 address, or the 64 bits that an IPv6 customer is given."""
    try:
        address = ip_address(peer)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
