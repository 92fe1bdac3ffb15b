"""The last entry of a retired feed: that it ended, why, and where to go on."""

from __future__ import annotations

from html import escape

from feedsvc.domain.feed import Entry, Farewell, FeedState, Site
from feedsvc.publish.notice import shown_minute

_ALL_FEEDS = "全部订阅源"


def last_entry(state: FeedState, farewell: Farewell, site: Site) -> Entry:
    """Return the entry that every reader of a retired feed gets, under its own permanent guid."""
    url = f"{site.base_url}/feeds/{farewell.successor or ''}"
    where = farewell.successor_title if farewell.successor else _ALL_FEEDS
    said = (
        f"本订阅源“{state.title}”已于 {shown_minute(farewell.at)} 停止更新。原因：{farewell.reason}"
    )
    return Entry(
        guid=farewell.guid,
        url=url,
        title=f"【停更】{state.title}",
        original_title="",
        summary=f"{said}。请改订“{where}”：{url}",
        content_html=(
            f"<p>{escape(said)}。</p>"
            f'<p>请改订<a href="{escape(url)}">{escape(where)}</a>。已发布的文章仍可阅读。</p>'
        ),
        published_at=farewell.at,
        updated_at=farewell.at,
        status="live",
        reason="",
        revision=1,
        category=state.selection.category or "",
        category_title=state.title,
        attribution=site.title,
        origin_url=None,
        source_title="",
        source_url="",
        language=site.language,
        cursor=farewell.cursor,
    )
