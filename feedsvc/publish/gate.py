"""The gate: a document is rendered and checked; an article that would break it stays behind, by name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from feedsvc.domain.feed import Entry, Feed, Format
from feedsvc.errors import RenderError
from feedsvc.publish.check import check
from feedsvc.render.fragments import Fragments
from feedsvc.render.pieces import Rendered
from feedsvc.render.tombstone import tombstone


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A document fit for readers, the feed that it shows, and the entries that were kept out of it.

    `beside` has for each entry shown what stands beside it for those who catch up: in Atom the
    tombstone of a withdrawn one, else "".
    """

    rendered: Rendered
    feed: Feed
    quarantined: tuple[Entry, ...] = ()
    beside: tuple[str, ...] = ()


def pass_gate(feed: Feed, fmt: Format, fragments: Fragments) -> Passed:
    """Render a feed and check the result.

    Where the writer or the check refuses an entry, the others go on without it. Raises
    `RenderError` where the feed cannot be written even so, or nothing of it would be left.
    """
    try:
        return _rendered(feed, fmt, fragments)
    except RenderError:
        broken = tuple(entry for entry in feed.entries if _breaks(entry, feed, fmt, fragments))
        if not broken or len(broken) == len(feed.entries):
            raise
        passed = _rendered(_without(feed, broken), fmt, fragments)
        return replace(passed, quarantined=(*broken, *passed.quarantined))


def _rendered(feed: Feed, fmt: Format, fragments: Fragments) -> Passed:
    rendered = fragments.render(feed, fmt)
    shown = _without(feed, rendered.refused)
    if feed.entries and not shown.entries:
        raise RenderError(f"{feed.slug}.{fmt}", "the writer refused every entry")
    check(rendered.body, fmt, shown)
    beside = (
        tuple(tombstone(entry, fragments.site) for entry in shown.entries) if fmt == "atom" else ()
    )
    return Passed(rendered=rendered, feed=shown, quarantined=rendered.refused, beside=beside)


def _breaks(entry: Entry, feed: Feed, fmt: Format, fragments: Fragments) -> bool:
    try:
        _rendered(replace(feed, entries=(entry,)), fmt, fragments)
    except RenderError:
        return True
    return False


def _without(feed: Feed, entries: tuple[Entry, ...]) -> Feed:
    if not entries:
        return feed
    return replace(feed, entries=tuple(each for each in feed.entries if each not in entries))
