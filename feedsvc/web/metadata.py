"""What an article page says to machines: meta tags, Open Graph and schema.org's data. Pure.

Three conventions, because readers of Chinese pages differ: the tags of the government portals'
guideline of 2017 (ArticleTitle, PubDate, ContentSource …), Open Graph, and a NewsArticle in JSON-LD
with our own `_feedsvc` object, which has the words and shapes of the one in our JSON feeds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from feedsvc.domain.feed import Site
from feedsvc.web.present import Correction, Page

# What ends a script element, what begins markup in one, and what ends a line in JavaScript but not
# in JSON: as escapes they are the same JSON.
_ESCAPES = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`names` are meta tags (name, content), `properties` Open Graph ones; `data` is JSON that may
    stand in a script element as it is."""

    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]
    data: str


def metadata(page: Page, site: Site, url: str) -> Metadata:
    """Return what the page of a live or corrected article says of it; `url` is the page's own."""
    pictures = tuple(_absolute(site, path) for path in page.pictures)
    return Metadata(
        names=_government(page, site, url, pictures),
        properties=_open_graph(page, site, url, pictures),
        data=json.dumps(
            _news_article(page, site, url, pictures), ensure_ascii=False, separators=(",", ":")
        ).translate(_ESCAPES),
    )


def _government(
    page: Page, site: Site, url: str, pictures: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """The guideline's tags for the site, the column and the page; its Description is the page's own tag."""
    return _said(
        ("SiteName", site.title),
        ("SiteDomain", urlsplit(site.base_url).netloc),
        ("ColumnName", page.category_title),
        ("ArticleTitle", page.title),
        ("PubDate", page.published.shown),
        ("ContentSource", page.attribution),
        ("Author", "、".join(page.content.authors)),
        ("Keywords", ",".join(page.content.tags)),
        ("Image", pictures[0] if pictures else ""),
        ("Url", url),
    )


def _open_graph(
    page: Page, site: Site, url: str, pictures: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    return _said(
        ("og:type", "article"),
        ("og:site_name", site.title),
        ("og:locale", (page.content.language or site.language).replace("-", "_")),
        ("og:title", page.title),
        ("og:description", page.description),
        ("og:url", url),
        *(("og:image", picture) for picture in pictures[:1]),
        ("article:published_time", page.published.machine),
        ("article:modified_time", page.modified.machine),
        ("article:section", page.category_title),
        *(("article:tag", tag) for tag in page.content.tags),
    )


def _news_article(page: Page, site: Site, url: str, pictures: tuple[str, ...]) -> dict[str, Any]:
    """Who wrote and who published it, and where it came from, in schema.org's words."""
    return _present(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "url": url,
            "mainEntityOfPage": url,
            "headline": page.title,
            "alternativeHeadline": page.content.original_title,
            "description": page.description,
            "inLanguage": page.content.language or site.language,
            "datePublished": page.published.machine,
            "dateModified": page.modified.machine,
            **_people_and_houses(page, site),
            "isBasedOn": page.origin_url,
            "creditText": page.content.credit_line,
            "dateline": _dateline(page),
            "copyrightNotice": page.content.rights,
            "articleSection": page.category_title,
            "keywords": list(page.content.tags),
            "image": list(pictures),
            "associatedMedia": [
                {"@type": "MediaObject", "contentUrl": file} for file in page.attachments
            ],
            "correction": [_correction(each) for each in page.corrections],
            "_feedsvc": _own(page),
        }
    )


def _people_and_houses(page: Page, site: Site) -> dict[str, Any]:
    """Who wrote it, who answers for it, who publishes it here, and whose it is."""
    return {
        "author": [{"@type": "Person", "name": name} for name in page.content.authors],
        "editor": [{"@type": "Person", "name": name} for name in page.content.editors],
        "publisher": {"@type": "Organization", "name": site.title, "url": f"{site.base_url}/"},
        "sourceOrganization": {"@type": "Organization", "name": page.attribution},
    }


def _dateline(page: Page) -> str:
    line = page.content.dateline
    return " ".join(filter(None, (line.place, line.date, line.agency))) if line else ""


def _correction(one: Correction) -> dict[str, Any]:
    return _present(
        {"@type": "CorrectionComment", "text": one.reason, "datePublished": one.at.machine}
    )


def _own(page: Page) -> dict[str, Any]:
    corrected = page.state == "corrected"
    line = page.content.dateline
    return _present(
        {
            "status": page.state,
            "reason": page.reason,
            "at": page.modified.machine if corrected else "",
            "revision": page.revision,
            "attribution": page.content.attribution,
            "original_title": page.content.original_title,
            "credit_line": page.content.credit_line,
            "dateline": _present({"place": line.place, "date": line.date, "agency": line.agency})
            if line
            else None,
            "source": {"title": page.source_title},
            "rights": page.content.rights,
            "ai_label": page.content.ai_label,
        }
    )


def _absolute(site: Site, path: str) -> str:
    """The full address of a picture; pages link to them from the root of their host."""
    parts = urlsplit(site.base_url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _said(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs if value)


def _present(pairs: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that have nothing to say; the order stays as written."""
    return {key: value for key, value in pairs.items() if value not in (None, "", [], {})}
