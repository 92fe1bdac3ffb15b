"""What the application is sent for a request that is its own: a head that says nothing in two ways. Pure."""

from __future__ import annotations

import re

from feedsvc.front.heads import Head

# What the visitor's address travels in; nobody else may set it, we always do.
PEER = "X-Feedsvc-Peer"
# Connection-level fields end at each hop (RFC 9110 section 7.6.1); the others here are ours to say.
_OURS = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect", PEER.lower(),
    }
)  # fmt: skip
# What may not stand in a target as it is (RFC 3986), though some clients send it.
_UNSAFE = re.compile(r"[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]")


def application_head(head: Head, peer: str, length: int | None) -> bytes:
    """Write the head for the application, whose body has `length` bytes; None for no body.

    The connection is for this one request (`Connection: close`), so nothing that follows can be
    taken for another.
    """
    named = {name.strip(" \t") for name in head.values.get("connection", "").lower().split(",")}
    left_out = _OURS | (named - {"host"})
    target = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", head.target)
    lines = [f"{head.method} {target} HTTP/1.{head.minor}"]
    for line in head.lines.split("\r\n")[:-1]:
        name = line.partition(":")[0].lower()
        if "_" not in name and name not in left_out:
            lines.append(line)
    lines.append(f"{PEER}: {peer}")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines.append("Connection: close\r\n\r\n")
    return "\r\n".join(lines).encode("latin-1")
