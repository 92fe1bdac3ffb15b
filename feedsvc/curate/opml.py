"""OPML 2.0: the list of sources as a file, ours with all that we know of them, and other readers'. Pure.

What other readers have no word for stands in attributes of our own namespace; they leave them alone.
A source that is no feed has a type that they do not subscribe to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from lxml import etree

from feedsvc.domain.feed import Category
from feedsvc.domain.picture import PICTURE_USES
from feedsvc.domain.source import Policy, Source, SourceKind, WithdrawalPolicy
from feedsvc.errors import UsageError
from feedsvc.text.charset import decode
from feedsvc.text.scrub import one_line, scrub

NAMESPACE = "urn:feedsvc:opml:1"
# A list of partners is small; what is bigger is something else.
LARGEST = 20 * 1024 * 1024
MOST_OUTLINES = 20_000
_PROLOG = re.compile(r"\s*<\?xml[^>]*\?>", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,32};)")
# Of `Source`: our attribute has its name, with hyphens. A default value is not written.
_WORDS: dict[str, Sequence[str]] = {
    "kind": get_args(SourceKind),
    "policy": get_args(Policy),
    "on_withdrawal": get_args(WithdrawalPolicy),
    "pictures": PICTURE_USES,
}
_TEXTS = ("timezone", "charset", "given_url")
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One source of an OPML file: `said` are fields of `Source` that the file states.

    `groups` are the titles of the outlines round it, outermost first; `category` is stated in our
    namespace only, `category_title` its name there.
    """

    url: str
    title: str = ""
    groups: tuple[str, ...] = ()
    category: str = ""
    category_title: str = ""
    said: Mapping[str, Any] | None = None


def write_opml(title: str, categories: Iterable[Category], sources: Sequence[Source]) -> bytes:
    """Write sources as OPML, one group for each category; the same sources give the same bytes."""
    root = etree.Element("opml", version="2.0", nsmap={"feedsvc": NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = scrub(title)
    body = etree.SubElement(root, "body")
    for category in categories:
        members = [each for each in sources if each.category == category.slug]
        if not members:
            continue
        group = etree.SubElement(body, "outline", text=scrub(category.title))
        group.set(_ours("category"), category.slug)
        for source in members:
            _write(group, source)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _write(group: etree._Element, source: Source) -> None:
    outline = etree.SubElement(group, "outline", text=scrub(source.title or source.slug))
    outline.set("type", "rss" if source.kind in {"auto", "feed"} else source.kind)
    outline.set("xmlUrl", source.url)
    if source.title:
        outline.set("title", scrub(source.title))
    outline.set(_ours("slug"), source.slug)
    usual = Source(slug="", url="", category="")
    for name in (*_WORDS, *_TEXTS, "every_seconds"):
        value = getattr(source, name)
        if value is not None and value != getattr(usual, name):
            outline.set(_ours(name), str(value))
    for name in ("recheck", "paused"):
        value = getattr(source, name)
        if value != getattr(usual, name):
            outline.set(_ours(name), str(value).lower())
    if source.rules:
        rules = json.dumps(source.rules, ensure_ascii=False, sort_keys=True)
        outline.set(_ours("rules"), rules)


def read_opml(data: bytes, subject: str) -> tuple[Outline, ...]:
    """Read every outline with an address, in document order.

    Raises UsageError that names the file (`subject`) and what is wrong with it: not XML, not OPML,
    no source in it, or a value in our namespace that cannot be.
    """
    root = _root(data, subject)
    if etree.QName(root).localname.lower() != "opml":
        raise UsageError(subject, f"is not OPML but <{etree.QName(root).localname}>")
    found: list[Outline] = []
    nowhere: tuple[_Group, ...] = ()
    pending = [(each, nowhere) for each in reversed(_outlines(root))]
    while pending and len(found) < MOST_OUTLINES:
        element, groups = pending.pop()
        url = one_line(_plain(element, "xmlurl"))
        if url:
            found.append(_outline(element, url, groups, subject))
        inner = (*groups, _group(element))
        pending.extend((each, inner) for each in reversed(_children(element)))
    if not found:
        raise UsageError(subject, "holds no outline with an xmlUrl")
    return tuple(found)


_Group = tuple[str, str]


def _root(data: bytes, subject: str) -> etree._Element:
    if len(data) > LARGEST:
        raise UsageError(subject, f"is larger than {LARGEST // 1024**2} MB")
    text = _PROLOG.sub("", decode(data).text.lstrip("\ufeff"), count=1)
    if "<!ENTITY" in text:
        raise UsageError(subject, "defines entities of its own, which no OPML needs")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    # Addresses with a bare & are what other programs get wrong most.
    for attempt in (text, _BARE_AMPERSAND.sub("&amp;", text)):
        try:
            return etree.fromstring(attempt.encode("utf-8", "replace"), parser=parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            cause = str(error)
    raise UsageError(subject, f"is not OPML that can be read ({one_line(cause, 120)})")


def _outlines(root: etree._Element) -> list[etree._Element]:
    return [each for part in root for each in _children(part)]


def _children(element: etree._Element) -> list[etree._Element]:
    return [
        each
        for each in element
        if isinstance(each.tag, str) and etree.QName(each).localname.lower() == "outline"
    ]


def _plain(element: etree._Element, name: str) -> str:
    """An attribute of OPML's own; some programs write xmlurl or XMLURL."""
    return next((value for key, value in element.items() if key.lower() == name), "")


def _group(element: etree._Element) -> _Group:
    title = one_line(_plain(element, "text") or _plain(element, "title"))
    return title, element.get(_ours("category"), "")


def _outline(
    element: etree._Element, url: str, groups: tuple[_Group, ...], subject: str
) -> Outline:
    stated = [(title, slug) for title, slug in groups if slug]
    title, slug = stated[-1] if stated else ("", "")
    return Outline(
        url=url,
        title=one_line(_plain(element, "title") or _plain(element, "text")),
        groups=tuple(each for each, _ in groups if each),
        category=element.get(_ours("category"), slug),
        category_title=title,
        said=_said(element, f"{subject}: {url}"),
    )


def _said(element: etree._Element, subject: str) -> dict[str, Any]:
    """The fields of a source that an outline states in our namespace."""
    readers: dict[str, Callable[[str, str, str], Any]] = {
        **dict.fromkeys(_WORDS, _word),
        **dict.fromkeys(("slug", *_TEXTS), _text),
        **dict.fromkeys(("recheck", "paused"), _truth),
        "every_seconds": _number,
        "rules": _rules,
    }
    return {
        name: read(name, value, subject)
        for name, read in readers.items()
        if (value := element.get(_ours(name))) is not None
    }


def _text(name: str, value: str, subject: str) -> str:
    del name, subject
    return value


def _word(name: str, value: str, subject: str) -> str:
    if value not in _WORDS[name]:
        raise UsageError(subject, f"{name} {value!r} is not one of {', '.join(_WORDS[name])}")
    return value


def _truth(name: str, value: str, subject: str) -> bool:
    if value not in _TRUTHS:
        raise UsageError(subject, f"{name} {value!r} is neither true nor false")
    return _TRUTHS[value]


def _number(name: str, value: str, subject: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", value):
        raise UsageError(subject, f"{name} {value!r} is not a number of seconds")
    return int(value)


def _rules(name: str, value: str, subject: str) -> dict[str, Any]:
    try:
        rules = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise UsageError(subject, f"{name} cannot be read ({error})") from error
    if not isinstance(rules, dict):
        raise UsageError(subject, f"{name} is not a table")
    return rules


def _ours(name: str) -> str:
    return f"{{{NAMESPACE}}}{name.replace('_', '-')}"
