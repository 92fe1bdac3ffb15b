"""What the three formats say alike: times, addresses, names and the words that may not be missing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from feedsvc import __version__
from feedsvc.domain.feed import MEDIA_TYPES, Entry, Feed, FeedLink, Format, Site
from feedsvc.domain.item import Enclosure
from feedsvc.render.clean import uri

GENERATOR = "feedsvc"
GENERATOR_VERSION = __version__
UNTITLED = "（无题）"
# A fixed offset: Asia/Shanghai had summer times until 1991, and RFC 822 zone names such as CST
# are read 14 hours wrong.
BEIJING = timezone(timedelta(hours=8))

_EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)


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
    return feed.title.strip() or feed.slug


def title_of(entry: Entry) -> str:
    """Return the title, never empty: an entry without one makes an Atom feed invalid."""
    return entry.title.strip() or UNTITLED


def summary_of(entry: Entry) -> str:
    """Return the plain summary, never empty: readers show it where they hide the content."""
    return entry.summary.strip() or title_of(entry)


def category_of(entry: Entry, site: Site) -> dict[str, str] | None:
    """Return the entry's category as feedgen takes it, None where it has none."""
    if not entry.category:
        return None
    label = entry.category_title.strip() or entry.category
    return {"term": entry.category, "label": label, "scheme": uri(f"{site.base_url}/feeds/")}


def source_title_of(entry: Entry) -> str:
    """Return the name of the source, its address where it has no name."""
    return entry.source_title.strip() or entry.source_url


def publisher_of(entry: Entry) -> str:
    """Return who answers for the entry where no author is named: the credited publisher, else the source."""
    return entry.attribution.strip() or source_title_of(entry)


def email_of(site: Site) -> str | None:
    """Return the site's contact where it is an e-mail address, as RSS and Atom require one."""
    return site.contact if _EMAIL.fullmatch(site.contact) else None


def media_type_of(enclosure: Enclosure) -> str | None:
    """Return the enclosure's media type where it is well-formed."""
    return enclosure.media_type if _MEDIA_TYPE.fullmatch(enclosure.media_type) else None


def language_of(entry: Entry, site: Site) -> str | None:
    """Return the entry's language where it is a language tag other than the site's."""
    tag = entry.language
    return tag if tag != site.language and _LANGUAGE.fullmatch(tag) else None


def is_web_address(address: str | None) -> bool:
    """Tell whether a document may link to the address: absolute, http or https."""
    return address is not None and address.lower().startswith(("http://", "https://"))
