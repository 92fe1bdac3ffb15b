"""Make of stored articles what a feed shows of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from feedsvc.domain.article import Article
from feedsvc.domain.feed import Entry, Feed, FeedLink, Site, Snapshot
from feedsvc.publish.farewell import last_entry
from feedsvc.publish.fit import fit
from feedsvc.publish.months import Month, archive_stem
from feedsvc.publish.notice import (
    corrected_html,
    corrected_summary,
    labelled,
    withdrawn_html,
    withdrawn_summary,
    withdrawn_title,
)
from feedsvc.publish.rhythm import max_age
from feedsvc.text.html import plain_text, summarise
from feedsvc.text.pictures import (
    linked_enclosures,
    picture_links,
    place_pictures,
    placing,
    shown_enclosures,
)

TITLE_CHARACTERS = 40


def assemble(snapshot: Snapshot, site: Site) -> Feed:
    """Return the feed of a snapshot: newest first, then by guid; held articles never.

    Corrections are placed by when they were made, all else by publication. A withdrawn article is
    shown as a notice under its guid, with none of the old text; a corrected one carries a visible
    note; a retired feed has its last entry besides; a feed of summaries has no
    contents. Pure: equal snapshots give equal feeds.
    """
    state = snapshot.state
    page_url = f"{site.base_url}/feeds/{quote(state.slug)}"
    entries = fit(_listed(snapshot, site))
    return Feed(
        slug=state.slug,
        guid=state.guid,
        title=state.title,
        description=state.description or f"{site.title} · {state.title}",
        page_url=page_url,
        updated_at=state.updated_at,
        cursor=state.cursor,
        entries=entries,
        complete_since=snapshot.complete_since,
        links=_to_the_past(page_url, snapshot.oldest),
        max_age=max_age(entries, state.updated_at),
        expired=state.farewell is not None,
    )


def _listed(snapshot: Snapshot, site: Site) -> list[Entry]:
    state = snapshot.state
    shown = [article for article in snapshot.articles if article.status != "held"]
    shown.sort(key=lambda article: article.guid)
    shown.sort(key=state.selection.placed_at, reverse=True)
    listed = [
        replace(
            entry_of(article, site),
            pinned=article.id in snapshot.pinned,
            cursor=snapshot.cursors.get(article.id, 0),
        )
        for article in shown
    ]
    if state.farewell is not None:
        listed.append(last_entry(state, state.farewell, site))
        listed.sort(key=lambda entry: entry.published_at, reverse=True)
    if state.content == "summary":
        listed = [replace(entry, content_html="") for entry in listed]
    return listed


def _to_the_past(page_url: str, oldest: datetime | None) -> tuple[FeedLink, ...]:
    """Lead to the month of the oldest article: all that are older stand there or further back."""
    if oldest is None:
        return ()
    return (FeedLink(rel="prev-archive", stem=archive_stem(page_url, Month.of(oldest))),)


def entry_of(article: Article, site: Site) -> Entry:
    """Return what a feed shows of one article."""
    if article.status == "withdrawn":
        return _notice(article, site)
    entry = _full(article, site)
    if article.status != "corrected":
        return entry
    return replace(
        entry,
        summary=corrected_summary(article.reason, entry.summary),
        content_html=corrected_html(article.reason, entry.updated_at, entry.content_html),
    )


def _notice(article: Article, site: Site) -> Entry:
    """Who published it and where stays; what it said and who wrote it goes."""
    bare = _bare(article, site)
    return replace(
        bare,
        title=withdrawn_title(article.content.title),
        summary=withdrawn_summary(article.reason),
        content_html=withdrawn_html(article.reason, bare.updated_at),
    )


def _full(article: Article, site: Site) -> Entry:
    content = article.content
    text = plain_text(content.body_html) if not (content.summary and content.title) else ""
    how = placing(article.picture_use, article.pictures, f"{site.base_url}/media/")
    html = place_pictures(content.body_html, how)
    return replace(
        _bare(article, site),
        title=content.title or summarise(text, TITLE_CHARACTERS),
        original_title=content.original_title,
        summary=labelled(content.summary or summarise(text), content.ai_label),
        content_html=labelled(
            html + picture_links(linked_enclosures(content, how)), content.ai_label, html=True
        ),
        authors=content.authors,
        editors=content.editors,
        credit_line=content.credit_line,
        dateline=content.dateline,
        enclosures=shown_enclosures(content, how),
        tags=content.tags,
        ai_label=content.ai_label,
    )


def _bare(article: Article, site: Site) -> Entry:
    """The entry without its words: identity, times, status and provenance."""
    content = article.content
    return Entry(
        guid=article.guid,
        url=f"{site.base_url}/a/{article.id}",
        title="",
        original_title="",
        summary="",
        content_html="",
        published_at=article.published_at,
        # An entry is never older than its publication, whatever a partner says of the change.
        updated_at=max(article.updated_at, article.published_at),
        status=article.status,
        reason=article.reason,
        revision=article.revision,
        category=article.category,
        category_title=article.category_title,
        attribution=content.attribution,
        origin_url=content.origin_url or article.link,
        source_title=article.source_title,
        source_url=article.source_url,
        rights=content.rights,
        language=content.language,
    )
