"""The WSGI entry for any server: `granian --interface wsgi wsgi:application`, gunicorn, uWSGI."""

import os
import threading

from feedsvc.app import create_app
from feedsvc.services import build_services, keep_shelf
from feedsvc.settings import load_settings

_services = build_services(load_settings(os.environ))
keep_shelf(_services, threading.Event())
application = create_app(_services)
