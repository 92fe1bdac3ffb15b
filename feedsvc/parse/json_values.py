"""What a JSON document may hold, typed so that nothing is used before its shape was looked at."""

from __future__ import annotations

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Object = dict[str, Json]


def string(told: Object, key: str) -> str:
    """A string; numbers are taken for their digits (ids are often numbers), "" for anything else."""
    given = told.get(key)
    if isinstance(given, str):
        return given
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else ""


def strings(told: Object, key: str) -> list[str]:
    """The strings in a list, or the one string that stands in its place."""
    given = told.get(key)
    return [
        each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)
    ]


def sequence(told: Object, key: str) -> list[Json]:
    """A list; empty for anything else."""
    given = told.get(key)
    return given if isinstance(given, list) else []


def obj(told: Object, key: str) -> Object:
    """An object; empty for anything else."""
    given = told.get(key)
    return given if isinstance(given, dict) else {}


def objects(told: Object, key: str) -> list[Object]:
    """The objects in a list, or the one object that stands in its place."""
    given = told.get(key)
    return [
        each for each in (given if isinstance(given, list) else [given]) if isinstance(each, dict)
    ]


def names(told: Object, key: str) -> list[str]:
    """Names in a list of strings or of objects with a `name`, or in one such object."""
    given = told.get(key)
    people = given if isinstance(given, list) else [given]
    found = [string(each, "name") if isinstance(each, dict) else each for each in people]
    return [name for name in found if isinstance(name, str) and name]


def size(told: Object, key: str) -> int | None:
    """A number of bytes; None for what cannot be one."""
    given = told.get(key)
    return given if isinstance(given, int) and 0 < given < 10**15 else None
