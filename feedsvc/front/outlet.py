"""What is to be sent on a connection: at once as far as the socket takes it, the rest when it can."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence

# Parts given to one system call; the kernel takes up to 1,024.
PARTS = 16


class Outlet:
    """The way out of one connection. `pending` bytes wait; bodies are referred to, never copied."""

    __slots__ = ("_parts", "_send", "_sendmsg", "pending")

    def __init__(self, connection: socket.socket) -> None:
        self.pending = 0
        self._parts: deque[memoryview] = deque()
        self._send = connection.send
        self._sendmsg = connection.sendmsg

    def send(self, parts: Sequence[bytes], size: int) -> bool:
        """Send `parts` of `size` bytes; False when some of them wait. Raises `OSError` for a dead connection."""
        sent = 0
        if not self.pending:
            try:
                sent = self._sendmsg(parts) if len(parts) > 1 else self._send(parts[0])
            except BlockingIOError:
                sent = 0
            if sent == size:
                return True
        self.pending += size - sent
        for part in parts:
            if sent < len(part):
                self._parts.append(memoryview(part)[sent:])
            sent = max(sent - len(part), 0)
        return False

    def flush(self) -> bool:
        """Send what waits; True when nothing waits any more. Raises `OSError` as `send` does."""
        parts = self._parts
        try:
            while parts:
                sent = self._sendmsg([parts[number] for number in range(min(len(parts), PARTS))])
                self.pending -= sent
                while sent:
                    taken = min(sent, len(parts[0]))
                    parts[0] = parts[0][taken:]
                    sent -= taken
                    if not parts[0]:
                        parts.popleft()
        except BlockingIOError:
            pass
        return not parts
