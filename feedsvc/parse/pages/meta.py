"""What a page says of itself to machines: meta tags, the Baidu news ids, JSON-LD, the title element."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from feedsvc.parse.pages.lines import fold
from feedsvc.parse.pages.markup import Markup
from feedsvc.parse.selection import text_of

# Ids of the Baidu news convention and of TRS templates, surest first.
_IDS = {
    "published": ("pubtime_baidu", "pub_time_report", "pubtime", "publish_time"),
    "attribution": ("source_baidu", "source_report"),
    "author": ("author_baidu", "author_report"),
    "editor": ("editor_baidu", "editor_report"),
}
# Tags of the national convention for government portals.
GOVERNMENT = {
    "published": "pubdate",
    "attribution": "contentsource",
    "title": "articletitle",
    "author": "author",
}
TIMES = (
    "article:published_time",
    "og:release_date",
    "publishdate",
    "publish_date",
    "weibo:article:create_at",
    "publish-date",
    "pubtime",
    "datepublished",
    "date",
    "dc.date",
    "og:time",
)
LINKED_DATA = "application/ld+json"
LONGEST_TAG = 500
_SCRIPT_TIME = re.compile(
    r"\b(?:publish(?:ed)?_?(?:time|date|at)|pub_?(?:time|date)|ptime|ct)[\"']?\s*[:=]\s*[\"']?"
    r"(?P<time>20\d\d-\d\d?-\d\d?[ T]\d\d?:\d\d(?::\d\d)?|1\d{9}(?:\d{3})?)(?![\d])",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """Machine-readable remarks: `tags` by lower-case name, `ids` by field, `head_title` as written."""

    head_title: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    ld_published: str = ""
    scripts: tuple[str, ...] = ()
    language: str = ""

    @property
    def script_published(self) -> str:
        """The publish time that a script prints when it runs (`publishTime: "…"`), as written."""
        found = (_SCRIPT_TIME.search(script) for script in self.scripts)
        return next((each["time"] for each in found if each), "")

    @property
    def is_government(self) -> bool:
        """Whether the page carries the government portals' tags, whose PubDate can be trusted."""
        return "articletitle" in self.tags and "pubdate" in self.tags


def read_meta(page: Markup) -> Meta:
    """Read a page's machine-readable remarks; each is text folded to one line."""
    tree = page.tree
    tags: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").lower()
        value = fold(tag.get("content") or "")
        if name and value:
            tags.setdefault(name, value[:LONGEST_TAG])
    title = next((fold(text_of(each)) for each in tree.iter("title")), "")
    scripts = [(each.get("type"), text) for each in tree.iter("script") if (text := each.text)]
    return Meta(
        head_title=title,
        tags=tags,
        ids=_ids(page),
        ld_published=_ld_published(text for kind, text in scripts if kind == LINKED_DATA),
        scripts=tuple(text for _, text in scripts),
        language=(tree.get("lang") or "").strip(),
    )


def _ids(page: Markup) -> dict[str, str]:
    said = {kind: _said(page, names) for kind, names in _IDS.items()}
    return {kind: text for kind, text in said.items() if text}


def _said(page: Markup, names: tuple[str, ...]) -> str:
    elements = (each for name in names for each in page.with_id(name))
    return next((text for each in elements if (text := fold(text_of(each)))), "")


def _ld_published(scripts: Iterable[str]) -> str:
    for script in scripts:
        try:
            data = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            value = node.get("datePublished") or node.get("pubDate")
            if isinstance(value, str):
                return value
    return ""


def _nodes(data: object) -> Iterator[Mapping[str, object]]:
    if isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph"))
    elif isinstance(data, list):
        for each in data[:20]:
            yield from _nodes(each)
