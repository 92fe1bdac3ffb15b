"""What the three formats say alike: times, addresses, names and the words that may not be missing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import urlsplit

from feedsvc import __version__
from feedsvc.domain.feed import MEDIA_TYPES, Entry, Feed, FeedLink, Format, Site
from feedsvc.domain.item import Enclosure
from feedsvc.render.clean import plain, uri

GENERATOR = "feedsvc"
GENERATOR_VERSION = __version__
# IPTC's vocabulary of where a work comes from: terms, and what people are shown.
DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_LABELS = {
    "generated": ("trainedAlgorithmicMedia", "AI生成"),
    "assisted": ("compositeWithTrainedAlgorithmicMedia", "AI辅助生成"),
}
# The picture that RSS shows beside a channel: its side in pixels.
IMAGE_SIDE = 144
UNTITLED = "（无题）"
# A fixed offset: Asia/Shanghai had summer times until 1991, and RFC 822 zone names such as CST
# are read 14 hours wrong.
BEIJING = timezone(timedelta(hours=8))

_EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)
# ISO 639-1: readers choose fonts and voices by these, and the validator refuses others.
_REGISTERED = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de "
    "dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id "
    "ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu "
    "lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu "
    "rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr "
    "ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_LANGUAGES = frozenset(_REGISTERED.split())


def beijing(at: datetime) -> datetime:
    """Return the moment at +08:00 in whole seconds (cut, so that no document is ahead of its data)."""
    return at.astimezone(BEIJING).replace(microsecond=0)


def address_of(feed: Feed, fmt: Format) -> str:
    """Return the public address of the feed's document in one format."""
    return f"{feed.stem or feed.page_url}.{fmt}{feed.query}"


def linked_address(link: FeedLink, fmt: Format) -> str:
    """Return the public address of another document of the feed in one format."""
    return f"{link.stem}.{fmt}{link.query}"


def plain_type(fmt: Format) -> str:
    """Return the media type without parameters, as `type` attributes want it."""
    return MEDIA_TYPES[fmt].partition(";")[0]


def feed_title(feed: Feed) -> str:
    """Return the feed's title, never empty."""
    return plain(feed.title) or feed.slug.strip() or UNTITLED


def title_of(entry: Entry) -> str:
    """Return the title, never empty: an entry without one makes an Atom feed invalid."""
    return plain(entry.title) or UNTITLED


def summary_of(entry: Entry) -> str:
    """Return the plain summary, never empty: readers show it where they hide the content."""
    return plain(entry.summary) or title_of(entry)


def category_of(entry: Entry) -> str:
    """Return the title of the section that the entry stands in, "" where it stands in none."""
    return plain(entry.category_title) or plain(entry.category)


def tags_of(entry: Entry) -> list[str]:
    """Return the entry's own tags, each once."""
    return list(dict.fromkeys(filter(None, map(plain, entry.tags))))


def categories_of(entry: Entry, site: Site) -> list[dict[str, str]]:
    """Return all that the entry is filed under, as feedgen takes it; each vocabulary has its scheme.

    Our own sections (the next hop leaves them behind), the article's tags, and where a machine made
    it the IPTC's word for that, which is the machine-readable label (GB 45438-2025).
    """
    section = {
        "term": plain(entry.category) or category_of(entry),
        "label": category_of(entry),
        "scheme": uri(f"{site.base_url}/feeds/"),
    }
    tagged = uri(f"{site.base_url}/feeds/tag/")
    filed = [section] if category_of(entry) else []
    filed += [{"term": tag, "label": tag, "scheme": tagged} for tag in tags_of(entry)]
    if entry.ai_label:
        term, label = AI_LABELS[entry.ai_label]
        filed.append({"term": term, "label": label, "scheme": DIGITAL_SOURCE})
    return filed


def named(people: tuple[str, ...]) -> list[str]:
    """Return the people who have a name: one without would make an Atom feed invalid."""
    return [name for name in map(plain, people) if name]


def licence_of(entry: Entry) -> str | None:
    """Return the entry's licence where its rights are nothing but an address."""
    rights = entry.rights.strip()
    return rights if is_web_address(rights) and uri(rights) == rights else None


def rights_of(entry: Entry) -> str:
    """Return the entry's rights in words, "" where there are none or they are a licence's address."""
    return "" if licence_of(entry) else plain(entry.rights)


def site_title(site: Site) -> str:
    """Return who publishes, never empty: a feed without an author is invalid."""
    return plain(site.title) or urlsplit(site.base_url).netloc


def site_licence(site: Site) -> str | None:
    """Return the address of the licence of the feeds as such."""
    licence = uri(site.licence)
    return licence if is_web_address(licence) else None


def picture_of(site: Site, picture: Literal["icon", "logo", "image", "favicon"]) -> str:
    """Return the address of one of the site's own pictures.

    `icon` is square (512 px), `logo` twice as wide as high, `image` what RSS allows (at most 144 px
    wide), `favicon` for small print (64 px). PNG, because few readers show SVG.
    """
    return uri(f"{site.base_url}/static/feed-{picture}.png")


def medium_of(enclosure: Enclosure) -> str | None:
    """Return what kind of thing an enclosure is, in the words of Media RSS, None where it does not say."""
    kind = enclosure.media_type.partition("/")[0].lower()
    return kind if kind in {"image", "audio", "video"} else None


def source_title_of(entry: Entry) -> str:
    """Return the name of the source, its address where it has no name."""
    return plain(entry.source_title) or entry.source_url


def publisher_of(entry: Entry) -> str:
    """Return who answers for the entry where no author is named: the credited publisher, else the source."""
    return plain(entry.attribution) or source_title_of(entry)


def email_of(site: Site) -> str | None:
    """Return the site's contact where it is an e-mail address, as RSS and Atom require one."""
    return site.contact if _EMAIL.fullmatch(site.contact) else None


def media_type_of(enclosure: Enclosure) -> str | None:
    """Return the enclosure's media type where it is well-formed."""
    return enclosure.media_type if _MEDIA_TYPE.fullmatch(enclosure.media_type) else None


def language_of(entry: Entry, site: Site) -> str | None:
    """Return the entry's language where it is a registered language tag other than the site's."""
    tag = entry.language
    other = tag.lower() != site.language.lower()
    known = _LANGUAGE.fullmatch(tag) and tag.partition("-")[0].lower() in _LANGUAGES
    return tag if other and known else None


def is_web_address(address: str | None) -> bool:
    """Tell whether a document may link to the address: absolute, http or https."""
    return address is not None and address.lower().startswith(("http://", "https://"))
