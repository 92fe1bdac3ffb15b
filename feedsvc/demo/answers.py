"""What the sample partner answers to a path at a time, and to a conditional request. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from feedsvc.demo import addresses, feeds, pages, trs
from feedsvc.demo.pictures import draw
from feedsvc.demo.story import SourceState, Story
from feedsvc.demo.texts import SourceName

HTML = "text/html; charset=utf-8"
_FEED_TYPES: dict[SourceName, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "broken": "text/xml; charset=utf-8",
}
_WRITERS: dict[SourceName, Callable[[SourceState, str], bytes]] = {
    "rss": feeds.rss,
    "atom": feeds.atom,
    "broken": feeds.broken,
}
_LIST_PAGES = {addresses.LIST: 0, addresses.LIST_MORE: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; `changed_at` (aware UTC) is the Last-Modified of what it shows, None for none."""

    status: int
    body: bytes
    content_type: str = HTML
    changed_at: datetime | None = None

    @property
    def etag(self) -> str:
        """The strong validator of the body, quotes included."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    @property
    def last_modified(self) -> str | None:
        """`changed_at` as an HTTP date."""
        return format_datetime(self.changed_at, usegmt=True) if self.changed_at else None


def answer(story: Story, path: str, now: datetime, base: str) -> Answer:
    """Return what stands at a path (without query) at `now`; `base` is the site's own address."""
    if path in addresses.FEEDS:
        return _feed(story.source_at(addresses.FEEDS[path], now), base)
    if path in _LIST_PAGES:
        state = story.source_at("list", now)
        return Answer(
            status=200,
            body=trs.list_page(state, _LIST_PAGES[path]),
            content_type=trs.CONTENT_TYPE,
            changed_at=state.changed_at,
        )
    if path == "/":
        return _home(story, now)
    return _article(story, path, now) or _picture(path) or _missing()


def conditional(given: Answer, none_match: str | None, modified_since: str | None) -> Answer:
    """Turn an answer into 304 where the asker has it already (RFC 9110, 13.2.2: the ETag comes first)."""
    if given.status != 200:
        return given
    if none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in none_match.split(",")}
        fresh = given.etag in tags or "*" in tags
    else:
        since = _http_date(modified_since)
        fresh = since is not None and given.changed_at is not None and given.changed_at <= since
    return replace(given, status=304) if fresh else given


def failed() -> Answer:
    """Return the error that one poll of a round meets."""
    return Answer(status=500, body=pages.notice("500", "服务器内部错误，请稍后再试。").encode())


def forbidden() -> Answer:
    """Return what a picture is for pages that are not the partner's own: sites guard theirs so."""
    body = pages.notice("403", "图片仅供本站页面使用。")
    return Answer(status=403, body=body.encode())


def _http_date(raw: str | None) -> datetime | None:
    if raw is None:
        return None
    try:
        found = parsedate_to_datetime(raw)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _feed(state: SourceState, base: str) -> Answer:
    return Answer(
        status=200,
        body=_WRITERS[state.source](state, base),
        content_type=_FEED_TYPES[state.source],
        changed_at=state.changed_at,
    )


def _home(story: Story, now: datetime) -> Answer:
    state = story.state_at(now)
    changed_at = max(source.changed_at for source in state.sources.values())
    return Answer(status=200, body=pages.home(state).encode(), changed_at=changed_at)


def _article(story: Story, path: str, now: datetime) -> Answer | None:
    named = addresses.named_by(path)
    report = story.report(*named, now) if named else None
    if report is None or addresses.path_of(report) != path:
        return None
    state = story.source_at(report.source, now)
    if report.status == "withdrawn":
        return Answer(status=410, body=pages.withdrawal(state, report, now).encode())
    if report.source == "list":
        return Answer(
            status=200,
            body=trs.article(state, report),
            content_type=trs.CONTENT_TYPE,
            changed_at=report.updated_at,
        )
    return Answer(
        status=200, body=pages.article(state, report, now).encode(), changed_at=report.updated_at
    )


def _picture(path: str) -> Answer | None:
    if not (path.startswith("/img/") and path.endswith(".png")):
        return None
    picture = draw(path.removeprefix("/img/").removesuffix(".png"))
    return Answer(status=200, body=picture, content_type="image/png") if picture else None


def _missing() -> Answer:
    return Answer(status=404, body=pages.notice("404", "这里没有这个页面。").encode())
