"""Floor 9: the web application: the hot layer in front, Flask with all pages behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined

from feedsvc.publish.asked import Asked
from feedsvc.publish.past import Past
from feedsvc.web.answer import finish
from feedsvc.web.asked import asked
from feedsvc.web.assets import load_assets
from feedsvc.web.corrections import corrections
from feedsvc.web.feeds import feeds
from feedsvc.web.hot import DocumentMemory, HotFeeds
from feedsvc.web.house import EXTENSION, House, WebServices
from feedsvc.web.kept import KeptDocuments
from feedsvc.web.media import media
from feedsvc.web.ops import ops
from feedsvc.web.part_dates import PartDates
from feedsvc.web.past import past
from feedsvc.web.past_documents import PastDocuments
from feedsvc.web.portal import portal
from feedsvc.web.problems import register_problems
from feedsvc.web.rate import Buckets
from feedsvc.web.sitemaps import sitemaps
from feedsvc.web.subscribing import subscribing

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(services: WebServices) -> WSGIApplication:
    """Return the WSGI application of one process; makes no connection and starts no thread."""
    memory = DocumentMemory(services.shelf, services.settings.site.base_url)
    return HotFeeds(make_flask(services, memory), memory)


def make_flask(services: WebServices, memory: DocumentMemory) -> Flask:
    """Return the application behind the hot layer: pages, checks and problems."""
    app = Flask("feedsvc.web", static_folder=None)
    # Werkzeug's redirects for slashes repeat the request's Host, and with it a stranger's address.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    site = services.settings.site
    app.extensions[EXTENSION] = House(
        services=services,
        memory=memory,
        assets=load_assets(),
        past=PastDocuments(Past(services.db, site), services.shelf, site.base_url),
        part_dates=PartDates(services.db),
        asked=Asked(services.db, site),
        kept=KeptDocuments(services.shelf),
        searchers=Buckets(services.settings.search_feeds_per_minute),
    )
    for room in (portal, feeds, past, asked, corrections, media, ops, sitemaps, subscribing):
        app.register_blueprint(room)
    register_problems(app)
    app.after_request(finish)
    return app
