"""Who wrote it, as feeds say it: one string for one person or several, with or without an address."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from feedsvc.text.html import without_tags
from feedsvc.text.scrub import one_line

_NAMED_AFTER = re.compile(r"\S+@\S+\s*\((?P<name>[^()]+)\)")  # RSS 2.0: mail (Name)
_NAMED_BEFORE = re.compile(r"(?P<name>[^<>]+?)\s*<\s*\S+@\S+\s*>")
_ADDRESS = re.compile(r"\S+@\S+\.\S+")
_LABEL = re.compile(r"(?:作者|记者|撰文|文|编辑|责任编辑|责编)\s*[:：]\s*")
_HAN = re.compile(r"[\u3007\u3400-\u9fff\U00020000-\U0003ffff·•・]+")
_LATIN = re.compile(r"[A-Za-z]")
_SEPARATORS = re.compile(r"[、，,;；/｜|]+")
_STRONG_SEPARATORS = re.compile(r"[、；;]+")
# A newsroom signs with the same names all day; longer strings are rare and not kept.
_LONGEST_KEPT = 64
_NOBODY = frozenset({"未知", "佚名", "匿名", "无", "admin", "null", "none", "undefined", "unknown"})


def split_people(told: Iterable[str]) -> tuple[str, ...]:
    """Give the names in what a feed calls author or editor, in order, each once.

    Several names in one string are parted at 、 and, between Han names only, at commas and spaces;
    a lone character belongs to the next (王　伟 is one name set wide). Addresses are dropped.
    """
    found = [_names_in(raw) if len(raw) <= _LONGEST_KEPT else _names(raw) for raw in told]
    if len(found) == 1:
        return found[0]
    return tuple(dict.fromkeys(name for names in found for name in names))


@functools.lru_cache(maxsize=1024)
def _names_in(raw: str) -> tuple[str, ...]:
    return _names(raw)


def _names(raw: str) -> tuple[str, ...]:
    names = dict.fromkeys(_split(_without_address(without_tags(one_line(raw)))))
    return tuple(name for name in names if name and name.lower() not in _NOBODY)


def _without_address(line: str) -> str:
    if "@" not in line:
        return line
    named = _NAMED_AFTER.fullmatch(line) or _NAMED_BEFORE.fullmatch(line)
    if named:
        return named["name"].strip(" \"'")
    return _ADDRESS.sub("", line).strip()


def _split(line: str) -> list[str]:
    line = _LABEL.sub("", line, count=1) if _LABEL.match(line) else line
    if _LATIN.search(line):
        return [part.strip() for part in _STRONG_SEPARATORS.split(line)]
    names: list[str] = []
    for part in _SEPARATORS.split(line):
        pieces = part.split()
        if all(_HAN.fullmatch(piece) for piece in pieces):
            names.extend(_joined(pieces))
        else:
            names.append(part.strip())
    return names


def _joined(pieces: list[str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and len(piece) == 1 and len(joined[-1]) == 1:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
