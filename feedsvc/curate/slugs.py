"""Short names to begin with, where nobody gave one."""

from __future__ import annotations

import re
from collections.abc import Container
from urllib.parse import urlsplit

LONGEST = 40
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_COMMON = frozenset({"www", "news", "m", "com", "cn", "net", "org", "gov", "edu", "co"})


def slug_of(url: str) -> str:
    """A slug for what is at an address: the name in its host and the last section of its path."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "source"
    names = [each for each in host.split(".") if each not in _COMMON]
    steps = [each for each in parts.path.split("/") if each.isalpha() and each.isascii()]
    raw = "-".join([*names[:1], *steps[-1:]]).lower()
    return _NOT_IN_SLUG.sub("-", raw).strip("-")[:LONGEST].strip("-") or "source"


def free_slug(wanted: str, taken: Container[str]) -> str:
    """The slug, or the first of it with -2, -3, … that is not taken."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
