"""What a page says of itself to machines: meta tags, the Baidu news ids, JSON-LD, the title element."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from feedsvc.parse.pages.lines import fold
from feedsvc.parse.selection import text_of

# Ids of the Baidu news convention and of TRS templates.
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
# By a piece that is in the page's text where an id is: most pages are spared the search.
_ID_PATHS = {
    stem: etree.XPath(
        "//*["
        + " or ".join(f"@id='{name}'" for names in _IDS.values() for name in names if stem in name)
        + "]"
    )
    for stem in ("_baidu", "_report", "pubtime", "publish_time")
}
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


def read_meta(tree: HtmlElement, text: str) -> Meta:
    """Read a page's machine-readable remarks; each is text folded to one line.

    `text` is the page's markup: a look at it spares most pages the search for ids.
    """
    tags: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").lower()
        value = fold(tag.get("content") or "")
        if name and value:
            tags.setdefault(name, value[:LONGEST_TAG])
    title = next((fold(text_of(each)) for each in tree.iter("title")), "")
    return Meta(
        head_title=title,
        tags=tags,
        ids=_ids(tree, text),
        ld_published=_ld_published(tree),
        scripts=tuple(each.text for each in tree.iter("script") if each.text),
        language=(tree.get("lang") or "").strip(),
    )


def _ids(tree: HtmlElement, text: str) -> dict[str, str]:
    wanted = {name: kind for kind, names in _IDS.items() for name in names}
    found: dict[str, str] = {}
    for path in (path for stem, path in _ID_PATHS.items() if stem in text):
        for element in path(tree):
            said = fold(text_of(element))
            if said:
                found.setdefault(wanted[element.get("id", "")], said)
    return found


def _ld_published(tree: HtmlElement) -> str:
    for script in tree.iter("script"):
        if script.get("type") != "application/ld+json" or not script.text:
            continue
        try:
            data = json.loads(script.text, strict=False)
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
