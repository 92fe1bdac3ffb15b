"""ninjs, the news agencies' JSON (IPTC, versions 1 and 2): one item, a list of them or one a line."""

from __future__ import annotations

from feedsvc.domain.item import Dateline, Enclosure, Marker
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.item_html import Kind
from feedsvc.parse.json_values import Object, names, obj, objects, size, string
from feedsvc.text.dates import read_date
from feedsvc.text.html import plain_text
from feedsvc.text.scrub import one_line

_WORDS = frozenset(
    {"headline", "headlines", "body_html", "body_xhtml", "body_text", "bodies", "pubstatus"}
    | {"versioncreated", "versionCreated", "byline", "renditions", "description_text"}
)
_WITHDRAWN = frozenset({"canceled", "cancelled", "withheld"})


def is_ninjs(entry: object) -> bool:
    """Whether a JSON value is a ninjs item: it has a `uri` and one of the words that only ninjs has."""
    return isinstance(entry, dict) and "uri" in entry and not _WORDS.isdisjoint(entry)


def read_item(entry: Object, job: ParseJob) -> Told:
    """What one ninjs item says; `pubstatus` canceled or withheld is a withdrawal, `ednote` its reason."""
    content, content_kind = _body(entry)
    summary = string(entry, "description_html") or string(entry, "description_text")
    version = string(entry, "versioncreated") or string(entry, "versionCreated")
    created = ("firstcreated", "contentcreated", "firstCreated", "contentCreated")
    marker = _marker(entry, version, job)
    return Told(
        base_url=job.base_url,
        body_base_url=job.base_url if job.content_location else "",
        guid=string(entry, "uri"),
        guid_is_link=True,
        link=_address(entry),
        title=string(entry, "headline") or _of_role(entry, "headlines"),
        title_kind="guess",
        summary=summary or _of_role(entry, "descriptions"),
        summary_kind="guess",
        content=content,
        content_kind=content_kind,
        published=next((at for key in created if (at := string(entry, key))), version),
        updated=version,
        authors=[string(entry, "byline").removeprefix("By ")],
        categories=names(entry, "subject") or names(entry, "subjects"),
        enclosures=_renditions(entry),
        attribution=_publisher(entry),
        rights=string(entry, "copyrightnotice") or string(entry, "copyrightNotice")
        or string(entry, "usageterms") or string(entry, "usageTerms"),
        dateline=_dateline(string(entry, "located")),
        language=string(entry, "language"),
        marker=marker,
        embargoed=string(entry, "embargoed"),
        unasked=frozenset({"missing_link"}),
    )  # fmt: skip


def _address(entry: Object) -> str:
    """ninjs has no field for a page of its own; where the `uri` is no address, agencies add one."""
    return string(entry, "url") or string(entry, "canonicalurl") or string(entry, "href")


def _marker(entry: Object, version: str, job: ParseJob) -> Marker | None:
    status = (string(entry, "pubstatus") or string(entry, "pubStatus")).strip().lower()
    if status not in _WITHDRAWN:
        return None
    at = read_date(version, zone=job.timezone, seen_at=job.seen_at) if version else None
    reason = one_line(plain_text(string(entry, "ednote") or string(entry, "edNote")), 200)
    return Marker(status="withdrawn", reason=reason, at=at.at if at else None)


def _body(entry: Object) -> tuple[str, Kind]:
    for key in ("body_html", "body_xhtml", "body_xhtml5"):
        if markup := string(entry, key):
            return markup, "html"
    for each in objects(entry, "bodies"):
        if value := string(each, "value"):
            kind = string(each, "contenttype") or string(each, "contentType")
            return value, "text" if kind == "text/plain" else "html"
    return string(entry, "body_text"), "text"


def _of_role(entry: Object, key: str) -> str:
    """The value of the main one of several headlines or descriptions, else of the first."""
    told = objects(entry, key)
    main = [each for each in told if string(each, "role") in {"", "main"}]
    return next((value for each in (*main, *told) if (value := string(each, "value"))), "")


def _publisher(entry: Object) -> str:
    named = (*names(entry, "infosource"), *names(entry, "infosources"))
    holder = string(entry, "copyrightholder") or string(entry, "copyrightHolder")
    return next(iter(named), "") or string(entry, "source") or holder


def _dateline(located: str) -> Dateline | None:
    place = one_line(located, 60)
    return Dateline(place=place) if place else None


def _renditions(entry: Object) -> list[Enclosure]:
    """The item's own files and those of its pictures, the original of each before what was made of it."""
    by_name = obj(entry, "associations")
    associated = [each for each in by_name.values() if isinstance(each, dict)]
    items = [entry, *(associated or objects(entry, "associations"))]
    return [file for each in items for file in _files(each)]


def _files(item: Object) -> list[Enclosure]:
    by_name = obj(item, "renditions")
    told = [{"name": name, **each} for name, each in by_name.items() if isinstance(each, dict)]
    told = told or objects(item, "renditions")
    told.sort(key=lambda each: each.get("name") != "original")
    return [
        Enclosure(
            url=url,
            media_type=string(each, "mimetype") or string(each, "contenttype"),
            length=size(each, "sizeinbytes"),
        )
        for each in told
        if (url := string(each, "href"))
    ]
