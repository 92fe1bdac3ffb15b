"""The texts of the sample partner: outlets and their articles, read from `articles/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

SourceName = Literal["rss", "atom", "list", "broken"]
Fault = Literal["", "ampersand", "entity", "unclosed", "cut"]

SOURCES: tuple[SourceName, ...] = ("rss", "atom", "list", "broken")
# The partner's clock; China has had no summer time since 1991.
BEIJING = timezone(timedelta(hours=8))

_ARTICLES = Path(__file__).resolve().parent / "articles"
# How some content systems set Chinese: ASCII marks, but Chinese quotes, commas and full stops of lists.
_HALF_WIDTH = str.maketrans("，：；？！（）", ",:;?!()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How long before the start an article came out: minutes, or a time of day some days earlier."""

    minutes: int = 0
    days: int = 0
    at: time = time()

    def before(self, started_at: datetime) -> datetime:
        """Return the moment of publication as seen from `started_at` (aware)."""
        if not self.days:
            return started_at - timedelta(minutes=self.minutes)
        day = started_at.astimezone(BEIJING).date() - timedelta(days=self.days)
        return datetime.combine(day, self.at, BEIJING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a later version of an article says: a new title, and `now` where the text said `was`."""

    title: str
    note: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of ours that goes with an article; `name` is one that `pictures.draw` knows."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One article as written, {today} and its like not yet filled in.

    `attribution` is the publisher credited: the outlet itself unless it reposts. `age` is None for
    an article that comes out while the story runs. `fault` is what the broken feed does to it;
    `correction` and `withdrawal` (a reason) are what may happen to it later.
    """

    title: str
    subheading: str
    category: str
    attribution: str
    authors: tuple[str, ...]
    editor: str
    credit: str
    paragraphs: tuple[str, ...]
    age: Age | None = None
    picture: Picture | None = None
    correction: Correction | None = None
    withdrawal: str = ""
    fault: Fault = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One invented publisher and its articles, oldest first, those without an age last."""

    name: str
    channel: str
    motto: str
    home: str
    texts: tuple[Text, ...]

    @property
    def initial(self) -> int:
        """How many articles are there when the story starts."""
        return sum(text.age is not None for text in self.texts)


@lru_cache(maxsize=1)
def load_outlets() -> Mapping[SourceName, Outlet]:
    """Read the outlets that come with the program, one for each source."""
    return MappingProxyType({name: _outlet(_ARTICLES / f"{name}.toml") for name in SOURCES})


def _outlet(path: Path) -> Outlet:
    with path.open("rb") as file:
        table = tomllib.load(file)
    name = table["outlet"]["name"]
    return Outlet(**table["outlet"], texts=tuple(_text(each, name) for each in table["article"]))


def _text(table: dict[str, Any], outlet: str) -> Text:
    half = table.get("punctuation") == "half"

    def printed(text: str) -> str:
        return text.translate(_HALF_WIDTH) if half else text

    return Text(
        title=printed(table["title"]),
        subheading=printed(table.get("subheading", "")),
        category=table["category"],
        attribution=table.get("attribution", outlet),
        authors=tuple(table["authors"]),
        editor=table["editor"],
        credit=printed(table["credit"]),
        paragraphs=tuple(printed(table["body"]).strip().splitlines()),
        age=_age(table["age"]) if "age" in table else None,
        picture=Picture(**table["picture"]) if "picture" in table else None,
        correction=_correction(table["correction"], half=half) if "correction" in table else None,
        withdrawal=table.get("withdrawal", ""),
        fault=table.get("fault", ""),
    )


def _age(table: dict[str, Any]) -> Age:
    if "minutes" in table:
        return Age(minutes=table["minutes"])
    return Age(days=table["days"], at=time.fromisoformat(table["time"]))


def _correction(table: dict[str, str], *, half: bool) -> Correction:
    return Correction(
        **{key: value.translate(_HALF_WIDTH) if half else value for key, value in table.items()}
    )
