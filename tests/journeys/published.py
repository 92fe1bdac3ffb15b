"""Everything that a running service publishes, got over HTTP as readers would, and held to the rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin

from feedsvc.text.labels import canonical_label
from tests.render.conformance_atom import ATOM_BOOK
from tests.render.conformance_core import ATOM, Book, Document
from tests.render.conformance_http import HTTP, Exchange, delta_faults, disagreements
from tests.render.conformance_json import JSON_BOOK
from tests.render.conformance_opml import OPML, feeds_of
from tests.render.conformance_rss import RSS
from tests.running import Service

BOOKS: dict[str, Book[Document]] = {"rss": RSS, "atom": ATOM_BOOK, "json": JSON_BOOK, "opml": OPML}
FORMATS = ("rss", "atom", "json")
_ADDRESS = re.compile(r"(?P<stem>.*)\.(?P<fmt>rss|atom|json|opml)(?P<query>\?.*)?")


@dataclass(slots=True)
class Reading:
    """What was read: bodies by address, and every breach with the address where it stands."""

    service: Service
    bodies: dict[str, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)

    def read_all(self) -> None:
        """The directory, every feed in it in three formats, and every document that these lead to."""
        self.read("/feeds.opml")
        directory = Document(self.bodies["/feeds.opml"])
        stems = [each.get("xmlUrl", "").rpartition(".")[0] for each in feeds_of(directory)]
        self.read_feeds(stem.removeprefix(f"{self.service.url}/feeds/") for stem in stems)

    def read_feeds(self, slugs: Iterable[str]) -> None:
        """These feeds in three formats, all that they have ever shown, and every document that these lead to."""
        waiting = [f"/feeds/{slug}.{f}" for slug in slugs for f in FORMATS]
        waiting += [f"{path}?since=0" for path in waiting]
        self._follow(waiting)

    def read_searches(self, queries: Iterable[str]) -> None:
        """These searches in three formats; the queries as they are written here."""
        self._follow([f"/feeds/search.{f}?{query}" for query in queries for f in FORMATS])

    def labelled(self) -> list[str]:
        """The feeds that no directory lists: of every source, tag and author that any article names."""
        told = [
            json.loads(body)
            for path, body in self.bodies.items()
            if path.startswith("/feeds/all.json")
        ]
        items = [item for each in told for item in each["items"]]
        names = {("tag", tag) for item in items for tag in item["_feedsvc"].get("tags", [])}
        names |= {("author", each["name"]) for item in items for each in item.get("authors", [])}
        names |= {("source", each["slug"]) for each in self.service.ask("sources", "list")}
        spelt = {(kind, canonical_label(name)) for kind, name in names}
        return sorted(f"{kind}/{quote(name, safe='')}" for kind, name in spelt if name)

    def _follow(self, waiting: list[str]) -> None:
        while waiting:
            path = waiting.pop()
            if path not in self.bodies and self.read(path):
                waiting += self._leads_to(path)
        for path in [
            each for each in self.bodies.keys() - self.compared if _format(each) == "json"
        ]:
            self.compared.add(path)
            alike = [self.bodies.get(_in_format(path, f), b"") for f in FORMATS]
            if all(alike):
                self._note(path, disagreements(*alike))
            else:
                self.faults.append(f"{path}: not in every format")

    def read(self, path: str) -> bytes:
        """One document: its answer, its rules, once more for a 304 and for equal bytes; empty if not 200."""
        fmt = _format(path)
        answer = self._ask(path, fmt, Accept_Encoding="gzip")
        location = answer.headers.get("content-location", path)
        url = urljoin(self.service.url + path, location)
        self.bodies[path] = answer.plain if answer.status == 200 else b""
        if answer.status != 200:
            return b""
        self._note(path, BOOKS[fmt].faults(Document(answer.plain, url)))
        again = self._ask(path, fmt)
        same = again.headers.get("etag") == answer.headers.get("etag", "").replace("-gz", "")
        if again.plain != answer.plain or not same:
            self.faults.append(f"{path}: other bytes without compression")
        known = {"If_None_Match": answer.headers.get("etag", "")}
        if (status := self._ask(path, fmt, **known).status) != 304:
            self.faults.append(f"{path}: {status} to its own ETag")
        return answer.plain

    def read_delta(self, path: str, etag: str, known: bytes) -> int:
        """What has changed since a state; returns the status, and holds a 226 to its rules."""
        fmt = _format(path)
        answer = self._ask(path, fmt, A_IM="feed", If_None_Match=etag, Accept_Encoding="gzip")
        if answer.status == 226:
            url = self.service.url + path
            self._note(path, BOOKS[fmt].faults(Document(answer.plain, url, is_delta=True)))
            whole = self._ask(path, fmt)
            self._note(path, delta_faults(fmt, known, answer.plain, whole.plain))
            if whole.headers["etag"].rstrip('"') not in answer.headers["etag"].replace("-gz", ""):
                self.faults.append(f"{path}: a delta under another tag than the whole's")
        return answer.status

    def _ask(self, path: str, fmt: str, **headers: str) -> Exchange:
        status, said, body = self.service.get(path, **headers)
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = {"A-IM" if name == "A-IM" else name: value for name, value in asked.items()}
        exchange = Exchange(fmt, status, said, body, asked=asked)
        self._note(path, HTTP.faults(exchange))
        return exchange

    def _note(self, path: str, faults: object) -> None:
        assert hasattr(faults, "__iter__")
        self.faults += [f"{path}: {each}" for each in faults]

    def _leads_to(self, path: str) -> list[str]:
        """The other documents that one names, and the page after its last entry."""
        fmt, body = _format(path), self.bodies[path]
        if fmt == "json":
            told = json.loads(body)
            urls = [*told["_feedsvc"].get("links", {}).values(), told.get("next_url", "")]
        else:
            links = Document(body).root.iterfind(f".//{ATOM}link")
            urls = [each.get("href", "") for each in links if each.get("type", "").endswith("+xml")]
        own = [url.removeprefix(self.service.url) for url in urls if _ADDRESS.fullmatch(url)]
        return [each for each in own if each.startswith("/feeds/")]


def _format(path: str) -> str:
    found = _ADDRESS.fullmatch(path)
    assert found is not None, path
    return found["fmt"]


def _in_format(path: str, fmt: str) -> str:
    found = _ADDRESS.fullmatch(path)
    assert found is not None, path
    return f"{found['stem']}.{fmt}{found['query'] or ''}"
