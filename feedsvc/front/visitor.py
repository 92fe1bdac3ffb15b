"""One client's connection: reads requests one after another, and each gets one answer in its turn."""

from __future__ import annotations

import socket
from enum import Enum, auto

from feedsvc.front.answers import Answer, Ready, connection_of, said
from feedsvc.front.bodies import LARGEST, TOO_LARGE, Body, ChunkedBody, CountedBody
from feedsvc.front.hall import Hall
from feedsvc.front.handover import application_head
from feedsvc.front.heads import CHUNKED, END, Head, Refusal, fault_of_beginning, find_end, read_head
from feedsvc.front.outlet import Outlet
from feedsvc.front.tunnel import Tunnel
from feedsvc.front.watch import ENDED, NEVER, NOTHING, PARTED, READ, WRITE

PIECE = 16 * 1024
# How much of a page is taken off the application's hands for a slow reader.
AHEAD = 1024 * 1024
BUSY = said("503 Service Unavailable", b"Busy; try again shortly.\n", ("Retry-After", "5"))
TIMED_OUT = Refusal("408 Request Timeout")
UNKNOWN_EXPECTATION = Refusal("417 Expectation Failed")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_CR = 13
NO_HEAD = Head("", "", "1", {}, frozenset(), "", None, keep_alive=False)
NO_BODY = CountedBody(0)


class Stage(Enum):
    """What a connection is at."""

    HEAD = auto()  # waits for a request, or for the rest of its head
    BODY = auto()  # waits for the rest of a body
    TUNNEL = auto()  # the application has the request, or is to have it
    LAST = auto()  # the last answer is on its way
    LINGER = auto()  # everything is said; waits for the client to have heard it
    GONE = auto()  # closed


class Visitor:
    """A connection at work (see `watch.Watched`); `peer` is the client's address."""

    def __init__(self, hall: Hall, connection: socket.socket, peer: str) -> None:
        self._hall = hall
        self._watch = hall.watch
        self._recall = hall.memo.recall
        self._socket = connection
        self._recv = connection.recv
        self._descriptor = connection.fileno()
        self._peer = peer
        self._stage = Stage.HEAD
        self._buffer = bytearray()
        # How much of the buffer has been looked at for the end of a head.
        self._seen = 0
        # The request under way, where it is not answered at once.
        self._head = NO_HEAD
        self._body: Body = NO_BODY
        # Its bytes that are in memory.
        self._held = 0
        self._tunnel: Tunnel | None = None
        self._out = Outlet(connection)
        self.deadline = self._watch.now + hall.limits.head
        hall.visitors.add(self)
        self._watch.add(self._descriptor, self, READ)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way: no request, or not all of its head."""
        return self._stage is Stage.HEAD and not self._out.pending

    def ready(self, mask: int) -> None:
        """Read, answer, go on sending."""
        if self._stage is not Stage.HEAD or self._out.pending:
            self._go_on(mask)
            return
        data = self._read()
        if not data:
            return
        if not self._buffer and not self._hall.leaving:
            # Nearly all requests end here: the same bytes as one before, answered from memory.
            ready = self._recall(data)
            if ready is not None:
                self._answer(ready)
                return
            if data.endswith(END) and data.find(END) == len(data) - len(END) and data[0] != _CR:
                # Just one head, and all of it: nothing to keep for later.
                self._take_whole(data)
                return
        self._buffer += data
        self._take()

    def expired(self) -> None:
        """Time is up: for a client that sends or takes too slowly, or that has nothing to ask."""
        begun = self._buffer or self._stage is Stage.BODY
        if self._stage in {Stage.HEAD, Stage.BODY} and begun and not self._out.pending:
            self._refuse(TIMED_OUT)
        else:
            self.abandon()

    def abandon(self) -> None:
        """Close the connection as it is."""
        if self._stage is Stage.GONE:
            return
        self._stage = Stage.GONE
        self._hall.visitors.discard(self)
        self._let_go()
        self._watch.drop(self._socket)
        tunnel, self._tunnel = self._tunnel, None
        if tunnel is not None:
            tunnel.abandon()

    def leave(self) -> None:
        """Answer what has been asked, and end; the front is about to stop."""
        if self.idle:
            self.ready(READ)
        if self.idle and not self._buffer:
            self.abandon()

    def relay(self, data: bytes) -> bool:
        """Take a piece of the application's answer (see `tunnel.Receiver`)."""
        self._send([data], len(data))
        if not self._out.pending:
            self.deadline = NEVER
        return self._out.pending < AHEAD

    def answered(self) -> None:
        """The application has said everything: the connection ends with it."""
        self._tunnel = None
        self._let_go()
        self._stage = Stage.LAST
        if not self._out.pending:
            self._linger()

    def not_answered(self) -> None:
        """The application ended, or was silent for too long, before it said anything."""
        self._tunnel = None
        self._let_go()
        self._stage = Stage.HEAD
        self._watch.change(self._descriptor, READ)
        self._say_busy()
        self._take()

    def _read(self) -> bytes:
        """What has come; empty for nothing, the connection closed when nothing can come any more."""
        try:
            data = self._recv(PIECE)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.abandon()
        return data

    def _go_on(self, mask: int) -> None:
        if self._out.pending and mask & WRITE:
            self._flush()
        elif self._stage is Stage.TUNNEL:
            self._leave_tunnel(mask)
        elif self._stage is Stage.BODY and not self._out.pending:
            self._buffer += self._read()
            self._take()
        elif self._stage is Stage.LINGER:
            self._read()
        elif mask & ENDED:
            self.abandon()

    def _leave_tunnel(self, mask: int) -> None:
        """Leave where the client does.

        One that sends no more has closed, or it listens still, which cannot be told from here: for
        a moment it may hear the answer. It is not waited in line for: a crowd that presses reload
        would ask for a page with every press.
        """
        tunnel = self._tunnel
        if mask & ENDED or (mask & PARTED and tunnel is not None and tunnel.in_line):
            self.abandon()
        elif mask & PARTED:
            if tunnel is not None and not tunnel.heard:
                self.deadline = self._watch.now + self._hall.limits.parted
            self._watch.change(self._descriptor, NOTHING)

    def _take(self) -> None:
        """Deal with everything in the buffer that is whole."""
        while self._buffer and not self._out.pending:
            if self._stage is Stage.HEAD:
                going_on = self._take_head()
            else:
                going_on = self._stage is Stage.BODY and self._take_body()
            if not going_on:
                return

    def _take_head(self) -> bool:
        buffer = self._buffer
        # Empty lines before a request are passed over (RFC 9112 section 2.2).
        while buffer.startswith(b"\r\n"):
            del buffer[:2]
            self._seen = 0
        end = find_end(buffer, self._seen)
        if end < 0:
            if fault := fault_of_beginning(buffer, self._seen):
                self._refuse(fault)
            elif not self._seen and buffer:
                self.deadline = self._watch.now + self._hall.limits.head
            self._seen = len(buffer)
            return False
        raw = bytes(buffer[:end])
        del buffer[:end]
        self._seen = 0
        self._take_whole(raw)
        return True

    def _take_whole(self, raw: bytes) -> None:
        head = read_head(raw)
        if isinstance(head, Refusal):
            self._refuse(head)
            return
        if head.length is None:
            ready = self._hall.memo.find(head, raw)
            if ready is not None:
                self._answer(ready)
            else:
                self._hand_on(head, None)
            return
        expected = head.values.get("expect", "").lower()
        if expected not in {"", "100-continue"}:
            self._refuse(UNKNOWN_EXPECTATION)
        elif head.length > LARGEST:
            self._refuse(TOO_LARGE)
        elif head.length == 0:
            self._hand_on(head, b"")
        else:
            self._head, self._stage = head, Stage.BODY
            self._body = ChunkedBody() if head.length == CHUNKED else CountedBody(head.length)
            if expected and head.minor == "1":
                self._send([CONTINUE], len(CONTINUE))
            self.deadline = self._watch.now + self._hall.limits.body

    def _take_body(self) -> bool:
        done = self._body.take(self._buffer)
        self._hall.held += len(self._body.content) - self._held
        self._held = len(self._body.content)
        if isinstance(done, Refusal):
            self._refuse(done)
        elif self._hall.held > self._hall.limits.bodies:
            self._end_with(BUSY)
        elif done:
            self._hand_on(self._head, self._body.content)
        return done is True

    def _let_go(self) -> None:
        """Give the room back that a body has taken."""
        self._hall.held -= self._held
        self._held = 0
        self._body = NO_BODY

    def _hand_on(self, head: Head, body: bytes | bytearray | None) -> None:
        """Give the application a whole request; nothing is read meanwhile."""
        self._stage = Stage.TUNNEL
        self._head = head
        wire = application_head(head, self._peer, None if body is None else len(body))
        again = body is None and head.method in {"GET", "HEAD"}
        parts = [wire, body] if body else [wire]
        self._tunnel = self._hall.application.ask(parts, self, again=again)
        if self._tunnel is None:
            self._let_go()
            self._stage = Stage.HEAD
            self._say_busy()
        elif not self._out.pending:
            self.deadline = NEVER
            self._watch.change(self._descriptor, PARTED)

    def _say_busy(self) -> None:
        body = () if self._head.method == "HEAD" else BUSY.body
        self._answer(Ready(BUSY._replace(body=body), connection_of(self._head)))

    def _answer(self, ready: Ready) -> None:
        if ready.second != self._watch.dates.second:
            ready.date(self._watch.dates)
        if ready.closes or self._hall.leaving:
            self._stage = Stage.LAST
        self._send(ready.parts, ready.size)
        if self._stage is Stage.LAST and not self._out.pending:
            self._linger()

    def _refuse(self, refusal: Refusal) -> None:
        self._end_with(said(refusal.status, f"{refusal.status.partition(' ')[2]}.\n".encode()))

    def _end_with(self, answer: Answer) -> None:
        """Say why, and read nothing more: what would follow cannot be told from the rest of this."""
        self._let_go()
        self._buffer.clear()
        self._answer(Ready(answer, "close"))

    def _send(self, parts: list[bytes], size: int) -> None:
        """Send now, or as soon as the socket takes it."""
        try:
            taken = self._out.send(parts, size)
        except OSError:
            self.abandon()
            return
        if taken:
            self.deadline = self._watch.now + self._hall.limits.idle
        else:
            self.deadline = self._watch.now + self._hall.limits.stall
            self._watch.change(self._descriptor, WRITE)

    def _flush(self) -> None:
        try:
            done = self._out.flush()
        except OSError:
            self.abandon()
            return
        self.deadline = self._watch.now + self._hall.limits.stall
        if done:
            self._flushed()

    def _flushed(self) -> None:
        """Everything has been taken: go on with what the answer had kept waiting."""
        limits = self._hall.limits
        if self._stage is Stage.LAST:
            self._linger()
            return
        if self._stage is Stage.TUNNEL:
            self.deadline = NEVER
            self._watch.change(self._descriptor, PARTED)
            if self._tunnel is not None:
                self._tunnel.go_on()
            return
        seconds = limits.body if self._stage is Stage.BODY else limits.idle
        self.deadline = self._watch.now + seconds
        self._watch.change(self._descriptor, READ)
        self._take()

    def _linger(self) -> None:
        """Say that nothing more comes, and let the client hear it out.

        Closing at once what the client is still sending to would take our answer from it (RFC 9112
        section 9.6).
        """
        self._stage = Stage.LINGER
        self._buffer.clear()
        self.deadline = self._watch.now + self._hall.limits.linger
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.abandon()
            return
        self._watch.change(self._descriptor, READ)
