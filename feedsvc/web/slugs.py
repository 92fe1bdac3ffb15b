"""Names in addresses, checked before they reach the database: what cannot be a slug names nothing."""

from __future__ import annotations

import re

from feedsvc.errors import NotFound

_SLUG = re.compile(r"[a-z0-9-]{1,64}")


def is_slug(text: str) -> bool:
    """Whether this can be a name of ours."""
    return _SLUG.fullmatch(text) is not None


def require_slug(slug: str) -> str:
    """Return the slug, or raise `NotFound`, which repeats nothing of what was asked."""
    if not is_slug(slug):
        raise NotFound("slug", "cannot be a name of ours")
    return slug
