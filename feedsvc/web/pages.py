"""Rendering a page: the language of the visitor, the words, the links and the frame around the content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Response, render_template, request

from feedsvc.domain.feed import Category
from feedsvc.i18n.catalogue import Language, choose_language, words_for
from feedsvc.i18n.dates import day, long_date
from feedsvc.web.house import house
from feedsvc.web.links import Links
from feedsvc.web.readers import READERS, choices, remembered

READER_COOKIE = "reader"
HTML_LANGUAGES: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds a page's content. `path` is the page's own, `feed` the one a browser may subscribe to."""

    title: str
    path: str = "/"
    description: str = ""
    canonical: str | None = None
    feed: str = "all"
    feed_title: str = ""
    categories: Sequence[Category] = ()
    indexed: bool = True


def visitor_language() -> Language:
    """Return the language of this request: `?lang=`, else Accept-Language, else the service's."""
    default = cast("Language", house().services.settings.language)
    return choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), default
    )


def visitor_links() -> Links:
    """Return the links for this request; a language chosen by address is carried on, no cookie is set."""
    language = visitor_language()
    chosen = language if request.args.get("lang") == language else None
    return Links(base_url=house().site.base_url, assets=house().assets, language=chosen)


def page(
    template: str, frame: Frame, values: Mapping[str, object], *, status: int = 200
) -> Response:
    """Render one page as HTML in the visitor's language; `values` are what its own template prints."""
    language = visitor_language()
    links = visitor_links()
    reader = remembered(request.cookies.get(READER_COOKIE))
    now = house().services.clock()
    html = render_template(
        template,
        t=words_for(language),
        links=links,
        reader=reader,
        reader_choices=choices(reader),
        readers=READERS,
        language=language,
        html_language=HTML_LANGUAGES[language],
        other_language="en" if language == "zh" else "zh",
        site=house().site,
        frame=frame,
        today=long_date(language, now),
        today_machine=day(now),
        **values,
    )
    response = Response(html, status=status, mimetype="text/html")
    # The chosen reader, and nothing else, makes a visitor's page differ from another's.
    response.vary.update(("Accept-Language", "Cookie"))
    if READER_COOKIE in request.cookies:
        response.headers["Cache-Control"] = "private, no-cache"
    for address in links.offered(frame.feed):
        response.headers.add(
            "Link", f'<{address.url}>; rel="alternate"; type="{address.media_type}"'
        )
    response.content_language.add(HTML_LANGUAGES[language])
    return response


def plain(text: str, *, status: int) -> Response:
    """Answer a program in one plain sentence."""
    response = Response(f"{text}\n", status=status, mimetype="text/plain")
    response.vary.add("Accept-Language")
    return response
