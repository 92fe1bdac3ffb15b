"""One spelling for the names by which readers find articles: tags and authors."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LONGEST_LABEL = 64
# A slash would end the name in an address, and browsers take dots alone for folders.
_NEVER = frozenset("/\\")
_FOLDERS = frozenset({".", ".."})


# A newsroom has a few hundred names, and each article bears some of them.
@lru_cache(maxsize=4096)
def canonical_label(name: str) -> str | None:
    """Return the one spelling of a name (NFC, single blanks), None where it cannot stand in an address.

    That is: nothing but blanks, more than 64 characters, or a control or invisible character.
    """
    spelt = " ".join(unicodedata.normalize("NFC", name).split())
    if not spelt or len(spelt) > LONGEST_LABEL or spelt in _FOLDERS:
        return None
    if any(char in _NEVER or unicodedata.category(char).startswith("C") for char in spelt):
        return None
    return spelt


def canonical_labels(names: Sequence[str], most: int) -> list[str]:
    """Return the first `most` different names in their one spelling, in order."""
    if not names:
        return []
    spelt = (canonical_label(name) for name in names)
    return list(dict.fromkeys(name for name in spelt if name is not None))[:most]
