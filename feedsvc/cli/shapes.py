"""The JSON shapes of what commands print; times are ISO 8601 with offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from feedsvc.domain.article import Article, Revision
from feedsvc.domain.feed import Category
from feedsvc.domain.item import Precision
from feedsvc.domain.picture import Picture
from feedsvc.domain.release import Release
from feedsvc.domain.run import Run
from feedsvc.domain.source import Source, SourceState

if TYPE_CHECKING:
    from feedsvc.domain.cluster import Appearance
    from feedsvc.store.kin import Kin

SHANGHAI = ZoneInfo("Asia/Shanghai")


def time_shape(at: datetime | None, precision: Precision = "minute") -> str | None:
    """ISO 8601 at +08:00; a bare date at day precision."""
    return time_in(SHANGHAI, at, precision)


def time_in(zone: ZoneInfo, at: datetime | None, precision: Precision = "minute") -> str | None:
    """ISO 8601 with the offset of a zone; a bare date at day precision."""
    if at is None:
        return None
    local = at.astimezone(zone)
    return local.date().isoformat() if precision == "day" else local.isoformat()


def category_shape(category: Category) -> dict[str, Any]:
    """A section."""
    return {
        "slug": category.slug,
        "title": category.title,
        "description": category.description,
        "retired_at": time_shape(category.retired_at),
    }


def source_shape(source: Source, state: SourceState | None = None) -> dict[str, Any]:
    """A source, and where its polling stands."""
    shape: dict[str, Any] = {
        "slug": source.slug,
        "url": source.url,
        "given_url": source.given_url,
        "title": source.title,
        "category": source.category,
        "kind": source.kind,
        "policy": source.policy,
        "on_withdrawal": source.on_withdrawal,
        "recheck": source.recheck,
        "every_seconds": source.every_seconds,
        "timezone": source.timezone,
        "charset": source.charset,
        "rules": plain(source.rules),
        "pictures": source.pictures,
        "demo": source.demo,
        "paused": source.paused,
    }
    if state is not None:
        shape["due_at"] = time_shape(state.due_at)
        shape["failures"] = state.failures
    return shape


def run_shape(run: Run) -> dict[str, Any]:
    """A run, as `sources poll --json` promises it."""
    error = run.error
    return {
        "source": run.source,
        "status": run.status,
        "new": run.new,
        "updated": run.updated,
        "withdrawn": run.withdrawn,
        "error": {"kind": error.kind, "message": error.message} if error else None,
        "seen": run.seen,
        "http_status": run.http_status,
        "started_at": time_shape(run.started_at),
        "finished_at": time_shape(run.finished_at),
        "repairs": [asdict(repair) for repair in run.repairs],
        "rejections": [asdict(rejection) for rejection in run.rejections],
    }


def release_row(article: Article, release: Release) -> dict[str, Any]:
    """An article that waits for its minute; one that is not approved waits for an editor too."""
    return {
        **article_row(article),
        "release_at": time_shape(release.at),
        "approved": release.approved,
        "by": release.actor,
    }


def article_row(article: Article) -> dict[str, Any]:
    """An article in a list."""
    return {
        "id": article.id,
        "guid": article.guid,
        "title": article.content.title,
        "status": article.status,
        "revision": article.revision,
        "source": article.source,
        "category": article.category,
        "attribution": article.content.attribution,
        "published_at": time_shape(article.published_at),
        "updated_at": time_shape(article.updated_at),
    }


def article_shape(article: Article, revisions: list[Revision]) -> dict[str, Any]:
    """Everything about one article."""
    content = {key: plain(value) for key, value in asdict(article.content).items()}
    return {
        **article_row(article),
        **content,
        "reason": article.reason,
        "link": article.link,
        "published_precision": article.published_precision,
        "first_seen_at": time_shape(article.first_seen_at),
        "extractor": article.extractor,
        "edited_fields": list(article.edited_fields),
        "revisions": [
            {
                "number": each.number,
                "status": each.status,
                "reason": each.reason,
                "actor": each.actor,
                "at": time_shape(each.at),
                "title": each.content.title,
            }
            for each in revisions
        ],
    }


def picture_shape(picture: Picture) -> dict[str, Any]:
    """A picture of an article: what we have of it, or why we do not have it."""
    kept = picture.state == "kept"
    return {
        "url": picture.url,
        "state": picture.state,
        "error": picture.error or None,
        "name": picture.name if kept else None,
        "width": picture.width if kept else None,
        "height": picture.height if kept else None,
        "bytes": picture.length if kept else None,
    }


def kin_shape(article_id: int, kin: Kin) -> dict[str, Any]:
    """Under which names an article came, which others repeat it, and which of them feeds show."""
    scores = {each.article: each.score for each in kin.alike}
    members = kin.cluster.members if len(kin.cluster.members) > 1 else ()
    ids = {each.article for each in members}
    return {
        "shown": next(each.shown for each in kin.cluster.members if each.article == article_id),
        "canonical": next((each.article for each in members if each.shown), article_id),
        "members": [
            {
                "id": each.article,
                "shown": each.shown,
                "status": each.status,
                "source": each.source,
                "title": each.title,
                "score": scores.get(each.article),
            }
            for each in members
        ],
        "related": [
            {"id": each.article, "score": each.score}
            for each in kin.alike
            if each.article not in ids
        ],
        "appearances": [_appearance_shape(each) for each in kin.appearances],
        "cluster_history": [
            {
                "id": each.article,
                "act": each.act,
                "reason": each.reason,
                "actor": each.actor,
                "at": time_shape(each.at),
            }
            for each in kin.history
        ],
    }


def _appearance_shape(each: Appearance) -> dict[str, Any]:
    return {
        "source": each.source,
        "key": each.key,
        "first_seen_at": time_shape(each.first_seen_at),
        "last_changed_at": time_shape(each.last_changed_at),
        "withdrawn_at": time_shape(each.withdrawn_at),
    }


def plain(value: Any) -> Any:
    """Tuples and mappings as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
