"""Feed readers and the addresses by which each takes a subscription. Pure.

Addresses as readers' own documents and subscription buttons have them (RSSHub Radar's list, The Old
Reader's hint for browsers, FreshRSS's and Miniflux's bookmarklets, Folo's scheme).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from feedsvc.text.urls import absolute

LONGEST = 200
_BETWEEN = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One reader: `link` has `{feed}` for the feed's encoded address, `{plain}` for it as it is, and
    `{own}` for where people run it themselves."""

    slug: str
    name: str
    link: str

    @property
    def is_own(self) -> bool:
        """Whether people run it themselves, under an address of their own."""
        return "{own}" in self.link


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The reader that a visitor chose, with its address where it is the visitor's own."""

    reader: Reader
    own: str = ""

    @property
    def name(self) -> str:
        """The reader's name; the host of one's own beside it, so that nobody is led elsewhere unseen."""
        return f"{self.reader.name} ({urlsplit(self.own).netloc})" if self.own else self.reader.name

    def link(self, feed: str) -> str:
        """Return the address that subscribes to a feed (its full address) in this reader."""
        return self.reader.link.format(feed=quote(feed, safe=""), plain=feed, own=self.own)


READERS: tuple[Reader, ...] = (
    Reader(slug="app", name="feed:", link="feed:{plain}"),
    Reader(slug="feedly", name="Feedly", link="https://feedly.com/i/subscription/feed%2F{feed}"),
    Reader(slug="inoreader", name="Inoreader", link="https://www.inoreader.com/?add_feed={feed}"),
    Reader(slug="newsblur", name="NewsBlur", link="https://www.newsblur.com/?url={feed}"),
    Reader(
        slug="oldreader",
        name="The Old Reader",
        link="https://theoldreader.com/feeds/subscribe?url={feed}",
    ),
    Reader(slug="feedbin", name="Feedbin", link="https://feedbin.com/?subscribe={feed}"),
    Reader(slug="folo", name="Folo", link="follow://add?url={feed}"),
    Reader(slug="freshrss", name="FreshRSS", link="{own}/i/?c=feed&a=add&url_rss={feed}"),
    Reader(slug="miniflux", name="Miniflux", link="{own}/bookmarklet?uri={feed}"),
)
BY_SLUG: Mapping[str, Reader] = {reader.slug: reader for reader in READERS}


def choose(slug: str, own: str) -> Choice | None:
    """Return the choice that a form says; None for an unknown reader, or where the own address is none.

    An address without a scheme is taken for https; credentials, query and fragment are dropped.
    """
    reader = BY_SLUG.get(slug)
    if reader is None:
        return None
    if not reader.is_own:
        return Choice(reader=reader)
    address = own_address(own)
    return Choice(reader=reader, own=address) if address else None


def own_address(said: str) -> str:
    """Return where a visitor's own reader is, without a slash at its end; "" for what is no address."""
    said = said.strip()
    if not said or len(said) > LONGEST or any(char.isspace() for char in said):
        return ""
    address = absolute("", said if "://" in said else f"https://{said}")
    if address is None:
        return ""
    parts = urlsplit(address)
    # What a link is made from must not hold what a template would fill in.
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    return "" if {"{", "}"} & set(plain) else plain


def remembered(cookie: str | None) -> Choice | None:
    """Return the choice that a cookie's value says; None for any that `value_of` would not write."""
    slug, _, own = (cookie or "").partition(_BETWEEN)
    choice = choose(slug, own)
    return choice if choice is not None and value_of(choice) == cookie else None


def value_of(choice: Choice) -> str:
    """Return the cookie's value for a choice."""
    return f"{choice.reader.slug}{_BETWEEN}{choice.own}" if choice.own else choice.reader.slug


def choices(own: Choice | None) -> tuple[Choice, ...]:
    """Return what can be offered as a link: the chosen reader first, then every one that needs no own address."""
    rest = (Choice(reader=reader) for reader in READERS if not reader.is_own)
    return (*((own,) if own else ()), *(one for one in rest if one != own))
