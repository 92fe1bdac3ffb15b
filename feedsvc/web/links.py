"""Addresses of our own pages and documents, made from settings only: never from a request's Host. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, Format
from feedsvc.i18n.catalogue import Language
from feedsvc.web.assets import Assets

EVERYTHING = "all"
OPML = "text/x-opml"
FORMAT_NAMES: dict[Format, str] = {"rss": "RSS", "atom": "Atom", "json": "JSON"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One document of a feed: its full address, as a reader program needs it."""

    name: str
    media_type: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Builds addresses for one page. `language` is carried on where the visitor chose it by `?lang=`."""

    base_url: str
    assets: Assets
    language: Language | None = None

    def page(self, path: str) -> str:
        """Return the link to a page of ours; `path` starts with a slash."""
        prefix = urlsplit(self.base_url).path
        query = f"?lang={self.language}" if self.language else ""
        return f"{prefix}{quote(path)}{query}"

    def home(self) -> str:
        """Return the link to the front page."""
        return self.page("/")

    def feeds(self) -> str:
        """Return the link to the list of feeds."""
        return self.page("/feeds/")

    def feed(self, slug: str) -> str:
        """Return the link to a feed's page for people."""
        return self.page(f"/feeds/{slug}")

    def category(self, slug: str) -> str:
        """Return the link to a category's page."""
        return self.page(f"/c/{slug}")

    def article(self, article_id: int) -> str:
        """Return the link to an article."""
        return self.page(f"/a/{article_id}")

    def in_language(self, path: str, language: Language) -> str:
        """Return the link to the same page in another language."""
        prefix = urlsplit(self.base_url).path
        return f"{prefix}{quote(path)}?lang={language}"

    def asset(self, name: str) -> str:
        """Return the address of a static file, which carries the hash of its content."""
        prefix = urlsplit(self.base_url).path
        return f"{prefix}/static/{self.assets.by_name[name].served_as}"

    def media(self) -> str:
        """Return what stands before a picture's name."""
        return f"{urlsplit(self.base_url).path}/media/"

    def absolute(self, path: str) -> str:
        """Return the full public address of one of our paths."""
        return f"{self.base_url}{quote(path)}"

    def addresses(self, slug: str) -> tuple[Address, ...]:
        """Return the full addresses of a feed's documents, RSS first."""
        return tuple(
            Address(
                name=FORMAT_NAMES[one],
                media_type=MEDIA_TYPES[one].partition(";")[0],
                url=self.absolute(f"/feeds/{slug}.{one}"),
            )
            for one in FORMATS
        )

    def offered(self, slug: str) -> tuple[Address, ...]:
        """Return what a page offers to programs: its own feed's documents, those of the feed of everything, and the list of all feeds."""
        everything = () if slug == EVERYTHING else self.addresses(EVERYTHING)
        directory = Address(name="OPML", media_type=OPML, url=self.absolute("/feeds.opml"))
        return (*self.addresses(slug), *everything, directory)

    def subscribe(self, query: str) -> str:
        """Return the link that chooses a reader; `query` is what it says."""
        chosen = f"&lang={self.language}" if self.language else ""
        return f"{urlsplit(self.base_url).path}/subscribe?{query}{chosen}"
