"""Judging a URL before anything is done with it: the form in which it is sent, and shown to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from feedsvc.errors import BadUrl

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
LONGEST = 8192
SHOWN_LONGEST = 300

BLANKS: Final = " \t\r\n"
# What parsers of URLs disagree about; some drop it, some end the host there.
FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")

_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_PLAIN_AUTHORITY = re.compile(r"([^:@\s]*|\[[0-9A-Fa-f:.]*\])(:[0-9]*)?")
# What may stand unescaped; "%" because what the partner escaped stays as it is.
_PATH_SAFE = "%/:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL that we are willing to ask: `url` is pure ASCII, without user, password or fragment."""

    scheme: str
    host: str
    port: int
    url: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what a connection and an admission belong to."""
        return self.scheme, self.host, self.port


def read_target(url: str) -> Target:
    """Validate a URL and bring it into the form that is sent; raises `BadUrl` saying what is wrong.

    Full-width digits and other IDNA forms become the ASCII host that they stand for (IDNA 2003),
    so that the guard judges the address which results.
    """
    trimmed = url.strip(BLANKS)
    if len(trimmed) > LONGEST:
        raise BadUrl(shown(url), f"the URL is longer than {LONGEST} characters")
    if FORBIDDEN.search(trimmed):
        raise BadUrl(shown(url), "the URL contains a backslash or a control character")
    try:
        parts = urlsplit(trimmed)
        host, port = _host(parts), parts.port
        path = quote(parts.path or "/", safe=_PATH_SAFE)
        query = quote(parts.query, safe=_QUERY_SAFE)
    except ValueError as error:
        raise BadUrl(shown(url), "the URL cannot be read") from error
    if cause := _objection(parts, host):
        raise BadUrl(shown(url), cause)
    return Target(
        scheme=parts.scheme,
        host=host,
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        url=f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}{query and '?' + query}",
    )


def shown(url: str) -> str:
    """Reduce a URL to what may stand in a message or a log: no user, password, query or fragment."""
    bare, mark, _ = url.strip(BLANKS).partition("#")[0].partition("?")
    scheme, separator, rest = bare.partition("://")
    if separator:
        authority, slash, path = rest.partition("/")
        authority = authority.rpartition("@")[2]
        plain = authority if _PLAIN_AUTHORITY.fullmatch(authority) else "…"
        bare = f"{scheme}://{plain}{slash}{path}"
    else:
        bare = bare.rpartition("@")[2]
    readable = bare[:SHOWN_LONGEST]
    if not readable.isprintable():
        readable = "".join(each if each.isprintable() else "�" for each in readable)
    return readable + ("…" if len(bare) > SHOWN_LONGEST else "") + ("?…" if mark else "")


def _host(parts: SplitResult) -> str:
    """The host in ASCII, an IPv6 address in brackets; "" where there is none."""
    host = parts.hostname or ""
    if ":" in host:
        address = IPv6Address(host)
        if address.scope_id is not None:
            raise ValueError(host)
        return f"[{address}]"
    return host if host.isascii() else host.encode("idna").decode("ascii").lower()


def _objection(parts: SplitResult, host: str) -> str | None:
    if parts.scheme not in DEFAULT_PORTS:
        return "only http and https URLs are fetched"
    if "@" in parts.netloc:
        return "a URL with a user name or password is not fetched"
    if not host:
        return "the URL names no host"
    if not host.startswith("[") and not (_HOST.fullmatch(host) and len(host) <= 254):
        return "the URL's host is not a host name or address"
    return None
