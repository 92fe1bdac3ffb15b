"""Pictures in sanitised HTML: found there, and shown so that whoever reads it loads nothing foreign.

A picture that we have is shown from our address; any other, and each film and sound, is a link to
the partner's; a dropped one is gone. The HTML is that of `text.html.sanitise`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from types import MappingProxyType

from feedsvc.domain.article import Content
from feedsvc.domain.item import Enclosure
from feedsvc.domain.picture import Picture, PictureUse

_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^">]++|"[^"]*")*+)>|[^<]+')
_SOURCE = re.compile(r'<img\b[^>]*\ssrc="([^"]*)"')
_ATTRIBUTE = re.compile(r'\s(src|alt|title|width)="([^"]*)"')
_EMPTY_LINK = re.compile(r"<a [^>]*></a>")
_EMPTY_BLOCK = re.compile(r"<(p|figure|li|ul|ol)></\1>")
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)
# What stands for a picture, film or sound without words of its own, and the mark of its link.
LABELS = {"img": "图片", "video": "视频", "audio": "音频"}
LINKED = "was-"
_NO_PICTURES: Mapping[str, Picture] = MappingProxyType({})
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """How one article's pictures are shown: what its source allows, what we have of them by the
    partner's address, and the address before a picture's name.

    `marked` links say by their class what they stand for (`was-img`), so that it can be put back.
    """

    use: PictureUse = "link"
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    media_url: str = ""
    marked: bool = False


def placing(use: PictureUse, pictures: Sequence[Picture], media_url: str) -> Placing:
    """Return how pictures are shown; only a source that allows copies has any shown from here."""
    known = {each.url: each for each in pictures} if use == "mirror" else _NO_PICTURES
    return Placing(use=use, pictures=known, media_url=media_url)


def picture_urls(html: str) -> list[str]:
    """List the addresses of the pictures in sanitised HTML, in order, each once."""
    if "<img" not in html:
        return []
    found = (match.group(1) for match in _SOURCE.finditer(html))
    return list(dict.fromkeys(unescape(url) for url in found))


def is_picture(enclosure: Enclosure) -> bool:
    """Tell whether an enclosure is a picture: by its type, or where none is stated by its name."""
    if enclosure.media_type:
        return enclosure.media_type.lower().startswith("image/")
    return _PICTURE_NAME.search(enclosure.url) is not None


def named_pictures(content: Content) -> tuple[str, ...]:
    """List the addresses of all pictures of an article: in its text and among its enclosures."""
    if "<img" not in content.body_html and not content.enclosures:
        return ()
    enclosed = [each.url for each in content.enclosures if is_picture(each)]
    return tuple(dict.fromkeys([*picture_urls(content.body_html), *enclosed]))


def place_pictures(html: str, how: Placing) -> str:
    """Show each picture as `how` says, and link to films and sounds: nothing foreign is loaded.

    A link's text is the picture's alternative text, else 图片, 视频 or 音频. A link around a
    picture that becomes a link is closed before it and opened again after it.
    """
    if not any(f"<{name}" in html for name in LABELS):
        return html
    out: list[str] = []
    around = ""
    medium = ""
    for token in _TOKEN.finditer(html):
        closing, name, attributes = token.groups()
        if name == "a":
            around = "" if closing else token.group()
        if closing and name in LABELS:
            # Films within films end more than once; what follows is the text's own.
            medium = "" if name == medium else medium
        elif name == "img":
            out.append(_shown(attributes, around, how))
        elif name in LABELS or (medium and name == "source"):
            out.append(_as_link(name if name in LABELS else medium, attributes, around, how))
            medium = name if name in LABELS else medium
        elif not medium:
            out.append(token.group())
    return _without_empty("".join(out))


def shown_enclosures(content: Content, how: Placing) -> tuple[Enclosure, ...]:
    """Return the enclosures as readers get them: pictures are ours, with all that we know of them.

    A picture that we do not have is left out: many readers load an enclosed picture by themselves.
    """
    shown: list[Enclosure] = []
    for each in content.enclosures:
        if not is_picture(each):
            shown.append(each)
        elif (picture := how.pictures.get(each.url)) is not None and picture.state == "kept":
            ours = Enclosure(
                url=f"{how.media_url}{picture.name}",
                media_type=picture.media_type,
                length=picture.length,
                width=picture.width,
                height=picture.height,
            )
            shown.append(ours)
    return tuple(dict.fromkeys(shown))


def linked_enclosures(content: Content, how: Placing) -> tuple[str, ...]:
    """List the enclosed pictures that can only be linked to, and that the text does not show."""
    if how.use == "drop":
        return ()
    return tuple(url for url in _only_enclosed(content) if url not in how.pictures)


def picture_links(urls: Sequence[str]) -> str:
    """Make a paragraph of links to pictures; "" for none."""
    links = " ".join(f'<a href="{escape(url)}">{LABELS["img"]}</a>' for url in urls)
    return f"<p>{links}</p>" if links else ""


def picture_blocks(content: Content, how: Placing) -> str:
    """Make a paragraph of each enclosed picture that we have and that the text does not show."""
    known = (how.pictures.get(url) for url in _only_enclosed(content))
    return "".join(
        f"<p>{_tag(picture, how, _NO_WORDS)}</p>"
        for picture in known
        if picture is not None and picture.state == "kept"
    )


def _only_enclosed(content: Content) -> list[str]:
    if not content.enclosures:
        return []
    in_text = set(picture_urls(content.body_html))
    urls = dict.fromkeys(each.url for each in content.enclosures if is_picture(each))
    return [url for url in urls if url not in in_text]


def _shown(attributes: str, around: str, how: Placing) -> str:
    values = dict(_ATTRIBUTE.findall(attributes))
    picture = how.pictures.get(unescape(values.get("src", "")))
    if how.use == "drop" or (picture is not None and picture.state == "dropped"):
        return ""
    if picture is None or picture.state != "kept":
        return _as_link("img", attributes, around, how)
    return _tag(picture, how, values)


def _tag(picture: Picture, how: Placing, words: Mapping[str, str]) -> str:
    width, height = _measures(picture, words.get("width", ""))
    title = f' title="{words["title"]}"' if words.get("title") else ""
    return (
        f'<img src="{escape(how.media_url)}{picture.name}" alt="{words.get("alt", "")}"{title}'
        f' width="{width}" height="{height}">'
    )


def _measures(picture: Picture, stated: str) -> tuple[int, int]:
    """The picture's own size, scaled down where the partner shows it smaller."""
    width = int(stated) if stated.isdecimal() else 0
    if not 0 < width < picture.width:
        return picture.width, picture.height
    return width, max(1, round(picture.height * width / picture.width))


def _as_link(name: str, attributes: str, around: str, how: Placing) -> str:
    values = dict(_ATTRIBUTE.findall(attributes))
    if not values.get("src"):
        return ""
    mark = f' class="{LINKED}{name}"' if how.marked else ""
    link = f'<a href="{values["src"]}"{mark}>{values.get("alt") or LABELS[name]}</a>'
    return f"</a>{link}{around}" if around else link


def _without_empty(html: str) -> str:
    """Take away what held nothing but a picture that is gone, from the inside outwards."""
    html = _EMPTY_LINK.sub("", html)
    while True:
        html, found = _EMPTY_BLOCK.subn("", html)
        if not found:
            return html
