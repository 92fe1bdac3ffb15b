"""Message catalogues: every sentence we say to people, by key, from `*.<language>.toml` beside this file.

Tables become dotted keys: `[web]` with `home = "…"` is `web.home`. Placeholders are those of
`str.format`. Files are read once, at the first word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FOLDER = Path(__file__).parent

_LANGUAGE_RANGE = re.compile(
    r"\s*(?P<tag>[A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*[qQ]=(?P<q>[01](?:\.\d{0,3})?))?\s*"
)


@cache
def load_catalogue(language: Language) -> Mapping[str, str]:
    """Return all messages of one language by key; raises ValueError for a key that two files hold."""
    messages: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"*.{language}.toml")):
        for key, message in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key in messages:
                raise ValueError(f"{path.name}: {key} is in another file already")
            messages[key] = message
    return messages


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            yield key, value
        else:
            yield from _flat(value, f"{key}.")


def translate(language: Language, key: str, /, **values: object) -> str:
    """Return one message with its placeholders filled in.

    Raises KeyError for an unknown key or a missing value: a fault of ours that the tests find.
    """
    return load_catalogue(language)[key].format_map(values)


def words_for(language: Language) -> Callable[..., str]:
    """Return `translate` for one language: `words(key, **values)`."""

    def words(key: str, /, **values: object) -> str:
        return translate(language, key, **values)

    return words


def choose_language(
    accept_language: str | None, wanted: str | None, default: Language = "zh"
) -> Language:
    """Choose the language of a page: what the address asks for, else the browser, else the default.

    `wanted` is the value of `?lang=`; anything but a language of ours is ignored. Of the browser's
    list (RFC 9110 section 12.5.4) the highest weight decides, the first of equals.
    """
    for language in LANGUAGES:
        if wanted == language:
            return language
    chosen, best = default, 0.0
    for element in (accept_language or "")[:1000].split(","):
        match = _LANGUAGE_RANGE.fullmatch(element)
        if match is None:
            continue
        weight = float(match["q"] or 1)
        for language in LANGUAGES:
            if match["tag"].lower() == language and weight > best:
                chosen, best = language, weight
    return chosen
