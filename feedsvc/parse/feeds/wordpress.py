"""WordPress export files (WXR): RSS whose items are posts, pages, attachments and menus in any state.

Read where `wp:post_type` stands. Only published posts and pages are articles; the rest is named as
left out. Bodies are stored as they were typed, blank lines and [shortcodes] included, so they are
made HTML here the way WordPress shows them (its function wpautop).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from feedsvc.domain.parsed import Rejection
from feedsvc.text.scrub import one_line

ARTICLES = frozenset({"post", "page"})
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"

# Version 1.0 to 1.2 of the format differ in the last step of its namespace only.
_NAMESPACE = re.compile(r"http://wordpress\.org/export/1\.\d/")
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:.*?-->\n?", re.DOTALL)
# The tags go, what stands between them (a picture and its caption) stays.
_SHORTCODE = re.compile(r"\[/?[a-z][a-z0-9_-]*(?:\s[^\[\]\n]*)?/?\]")
_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|thead|tbody|tr|td|th|blockquote|figure|pre|hr|section)\b",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(r"\n\s*\n")


def is_export(root: etree._Element) -> bool:
    """Whether a feed's root says that it is a WordPress export."""
    return any(_NAMESPACE.fullmatch(uri or "") for uri in root.nsmap.values())


def published(
    root: etree._Element, elements: Iterable[tuple[etree._Element, bool]]
) -> tuple[list[tuple[etree._Element, bool]], tuple[Rejection, ...]]:
    """Sort the items of an export: those that are articles, made ready to be read as RSS, and the rest."""
    names = _display_names(root)
    kept: list[tuple[etree._Element, bool]] = []
    left_out: list[Rejection] = []
    for number, (element, mended) in enumerate(elements, 1):
        said = {etree.QName(child).localname: child for child in element if _is_ours(child)}
        kind = _reason_to_leave_out(said)
        if kind is None:
            _make_ready(element, said, names)
            kept.append((element, mended))
        else:
            title = one_line(element.findtext("title") or "", 60) or f"item {number}"
            left_out.append(Rejection(subject=title, kind=kind, message=_told(said)))
    return kept, tuple(left_out)


def as_shown(typed: str) -> str:
    """Make HTML of a post's text: block comments and shortcodes go, blank lines part paragraphs."""
    text = _BLOCK_COMMENT.sub("", typed.replace("\r\n", "\n"))
    text = _SHORTCODE.sub("", text)
    parts = [part.strip() for part in _BLANK_LINES.split(text) if part.strip()]
    return "\n".join(
        part if _BLOCK.match(part) else "<p>" + part.replace("\n", "<br>\n") + "</p>"
        for part in parts
    )


def _is_ours(child: etree._Element) -> bool:
    return (
        isinstance(child.tag, str)
        and _NAMESPACE.fullmatch(etree.QName(child).namespace or "") is not None
    )


def _reason_to_leave_out(said: dict[str, etree._Element]) -> str | None:
    if _word(said, "post_type") not in ARTICLES:
        return "not_an_article"
    if _word(said, "status") != "publish":
        return "not_published"
    if _word(said, "post_password"):
        return "password_protected"
    return None


def _told(said: dict[str, etree._Element]) -> str:
    return f"{_word(said, 'post_type') or 'no type'}, {_word(said, 'status') or 'no status'}"


def _display_names(root: etree._Element) -> dict[str, str]:
    """Posts name their author by login; the head of the file says what readers see."""
    names: dict[str, str] = {}
    for author in root.iterfind("channel/*"):
        if _is_ours(author) and etree.QName(author).localname == "author":
            said = {etree.QName(child).localname: child for child in author if _is_ours(child)}
            names[_word(said, "author_login")] = _word(said, "author_display_name")
    return names


def _make_ready(
    element: etree._Element, said: dict[str, etree._Element], names: dict[str, str]
) -> None:
    """Put the time in UTC where RSS has it, the body as readers saw it, and the author's name."""
    at = _word(said, "post_date_gmt")
    # WordPress writes zeros for posts that never got a date.
    if at and not at.startswith("0000"):
        date = element.find("pubDate")
        if date is None:
            date = etree.SubElement(element, "pubDate")
        date.text = f"{at.replace(' ', 'T')}Z"
    body = element.find(CONTENT)
    if body is not None and body.text:
        body.text = as_shown(body.text)
    for creator in element.iterfind(CREATOR):
        login = (creator.text or "").strip()
        creator.text = names.get(login) or login


def _word(said: dict[str, etree._Element], name: str) -> str:
    child = said.get(name)
    return (child.text or "").strip() if child is not None else ""
