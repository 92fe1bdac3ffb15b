"""Sitemaps, news sitemaps and robots.txt as text. Pure.

sitemaps.org 0.9; the news elements are those that Google's and our own parser read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from feedsvc.domain.feed import Site
from feedsvc.i18n import dates
from feedsvc.store.sitemap import Address, News

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# The one tag of Chinese that news search engines take besides the plain codes.
_CHINESE = {
    "zh": "zh-cn",
    "zh-cn": "zh-cn",
    "zh-hans": "zh-cn",
    "zh-tw": "zh-tw",
    "zh-hant": "zh-tw",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One sitemap of the index: its path and when something in it last changed."""

    path: str
    changed_at: datetime | None


def index(parts: Iterable[Part], site: Site) -> str:
    """Return the index of all parts, in their order."""
    rows = "".join(
        f"<sitemap><loc>{_address(site, part.path)}</loc>{_changed(part.changed_at)}</sitemap>\n"
        for part in parts
    )
    return f'{_DECLARATION}<sitemapindex xmlns="{SITEMAPS}">\n{rows}</sitemapindex>\n'


def articles(found: Iterable[Address], site: Site) -> str:
    """Return one part's articles, in their order."""
    rows = "".join(
        f"<url><loc>{_address(site, f'/a/{one.id}')}</loc>{_changed(one.updated_at)}</url>\n"
        for one in found
    )
    return _urlset(rows)


def pages(paths: Iterable[str], site: Site) -> str:
    """Return the pages that lead to articles. Without dates: they change with every article."""
    return _urlset("".join(f"<url><loc>{_address(site, path)}</loc></url>\n" for path in paths))


def news(found: Iterable[News], site: Site) -> str:
    """Return the news sitemap: recent articles with title, time, language, and us as who publishes them."""
    rows = "".join(_news_row(one, site) for one in found if one.title)
    return f'{_DECLARATION}<urlset xmlns="{SITEMAPS}" xmlns:news="{NEWS}">\n{rows}</urlset>\n'


def robots(site: Site) -> str:
    """Return what robots are told: everything may be read but what is for one visitor alone.

    Searches are, and there is no end of them.
    """
    return (
        "User-agent: *\n"
        "Disallow: /subscribe\n"
        "Disallow: /edit/\n"
        "Disallow: /feeds/search\n"
        "\n"
        f"Sitemap: {site.base_url}/sitemap.xml\n"
        f"Sitemap: {site.base_url}/news-sitemap.xml\n"
    )


def _urlset(rows: str) -> str:
    return f'{_DECLARATION}<urlset xmlns="{SITEMAPS}">\n{rows}</urlset>\n'


def _news_row(one: News, site: Site) -> str:
    at = one.published_at
    published = dates.machine_minute(at) if one.precision == "minute" else dates.day(at)
    return (
        f"<url><loc>{_address(site, f'/a/{one.id}')}</loc><news:news><news:publication>"
        f"<news:name>{escape(site.title)}</news:name>"
        f"<news:language>{_language(one.language or site.language)}</news:language>"
        f"</news:publication><news:publication_date>{published}</news:publication_date>"
        f"<news:title>{escape(one.title)}</news:title></news:news></url>\n"
    )


def _language(tag: str) -> str:
    """A language as news sitemaps write it: two or three letters, but zh-cn and zh-tw."""
    lowered = tag.lower()
    return escape(_CHINESE.get(lowered) or _CHINESE.get(lowered[:7], lowered.partition("-")[0]))


def _changed(at: datetime | None) -> str:
    return f"<lastmod>{dates.machine_minute(at)}</lastmod>" if at else ""


def _address(site: Site, path: str) -> str:
    return escape(f"{site.base_url}{path}")
