"""The sample partner's three feeds as bytes: RSS 2.0, Atom 1.0 and an RSS that is broken. Pure.

They are written by hand, not by our own renderer: a partner's feed must not owe its form to the
program that reads it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from feedsvc.demo.addresses import ATOM, BROKEN, RSS, path_of
from feedsvc.demo.pictures import draw
from feedsvc.demo.prose import paragraphs_html, summary
from feedsvc.demo.story import Report, SourceState
from feedsvc.demo.texts import BEIJING

_RSS_NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)
_ATOM_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
)


def rss(state: SourceState, base: str) -> bytes:
    """Return RSS 2.0 with the full text in content:encoded; a guid is a number, not a permalink."""
    items = "".join(_rss_item(report, base) for report in state.reports)
    return _rss_document(state, base + RSS, base, items).encode()


def atom(state: SourceState, base: str) -> bytes:
    """Return Atom 1.0; what was withdrawn has a tombstone (RFC 6721) in place of its entry."""
    outlet = state.outlet
    parts = [_atom_part(report, base) for report in state.reports]
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed {_ATOM_NAMESPACES} xml:lang="zh-CN">\n'
        f"<id>{_text(outlet.home)}feed</id>\n"
        f"<title>{_text(outlet.name)}·{_text(outlet.channel)}</title>\n"
        f"<subtitle>{_text(outlet.motto)}</subtitle>\n"
        f"<updated>{_rfc3339(state.changed_at)}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href="{_text(base + ATOM)}"/>\n'
        f'<link rel="alternate" type="text/html" href="{_text(base)}/"/>\n'
        f"<author><name>{_text(outlet.name)}</name></author>\n"
        f"<rights>© {_text(outlet.name)}</rights>\n"
        f"{''.join(parts)}</feed>\n"
    ).encode()


def broken(state: SourceState, base: str) -> bytes:
    """Return RSS with the faults of a careless generator, the same ones at the same articles for ever.

    A bare & in a title, a category and a link; HTML's entities, which XML does not know; a
    category never closed; and at the very end the oldest article, cut off in the middle of its
    text, so that the document has no end either.
    """
    whole = [report for report in state.reports if not _is_cut(report)]
    cut = [report for report in state.reports if _is_cut(report)]
    items = "".join(_faulty_item(report, base) for report in whole)
    document = _rss_document(state, base + BROKEN, base, items)
    if not cut:
        return document.encode()
    end = document.index("</channel>")
    return (document[:end] + _cut_item(cut[0], base)).encode()


def _rss_document(state: SourceState, self_url: str, base: str, items: str) -> str:
    outlet = state.outlet
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rss version="2.0" {_RSS_NAMESPACES}>\n<channel>\n'
        f"<title>{_text(outlet.name)}·{_text(outlet.channel)}</title>\n"
        f"<link>{_text(base)}/</link>\n"
        f"<description>{_text(outlet.motto)}</description>\n"
        "<language>zh-cn</language>\n"
        f"<copyright>© {_text(outlet.name)}</copyright>\n"
        f"<lastBuildDate>{_rfc822(state.changed_at)}</lastBuildDate>\n"
        f'<atom:link rel="self" type="application/rss+xml" href="{_text(self_url)}"/>\n'
        f"{items}</channel>\n</rss>\n"
    )


def _rss_item(report: Report, base: str) -> str:
    creators = "".join(f"<dc:creator>{_text(name)}</dc:creator>\n" for name in report.authors)
    return (
        f"<item>\n<title>{_text(report.full_title)}</title>\n"
        f"<link>{_text(base + path_of(report))}</link>\n"
        f'<guid isPermaLink="false">{_guid(report)}</guid>\n'
        f"<pubDate>{_rfc822(report.published_at)}</pubDate>\n"
        f"<atom:updated>{_rfc3339(report.updated_at)}</atom:updated>\n"
        f"{creators}<category>{_text(report.category)}</category>\n"
        f"<description>{_text(summary(report))}</description>\n"
        f"<content:encoded>{_text(paragraphs_html(report, base))}</content:encoded>\n"
        f"{_enclosure(report, base)}</item>\n"
    )


def _enclosure(report: Report, base: str) -> str:
    picture = draw(report.picture.name) if report.picture else None
    if report.picture is None or picture is None:
        return ""
    url = _text(f"{base}/img/{report.picture.name}.png")
    return f'<enclosure url="{url}" length="{len(picture)}" type="image/png"/>\n'


def _atom_part(report: Report, base: str) -> str:
    if report.status == "withdrawn":
        return (
            f'<at:deleted-entry ref="{_atom_id(report)}" when="{_rfc3339(report.updated_at)}">\n'
            f"<at:by><name>{_text(report.attribution)}</name></at:by>\n"
            f"<at:comment>{_text(report.reason)}</at:comment>\n"
            "</at:deleted-entry>\n"
        )
    authors = report.authors or (report.attribution,)
    return (
        f"<entry>\n<id>{_atom_id(report)}</id>\n"
        f"<title>{_text(report.full_title)}</title>\n"
        f'<link rel="alternate" type="text/html" href="{_text(base + path_of(report))}"/>\n'
        f"<published>{_rfc3339(report.published_at)}</published>\n"
        f"<updated>{_rfc3339(report.updated_at)}</updated>\n"
        + "".join(f"<author><name>{_text(name)}</name></author>\n" for name in authors)
        + f'<category term="{_text(report.category)}"/>\n'
        f"<summary>{_text(summary(report))}</summary>\n"
        f'<content type="html">{_text(paragraphs_html(report, base))}</content>\n</entry>\n'
    )


def _faulty_item(report: Report, base: str) -> str:
    title, category = _text(report.full_title), _text(report.category)
    link = _text(base + path_of(report))
    text = _text(paragraphs_html(report, base))
    close = "</category>"
    if report.fault == "ampersand":
        title, category = report.full_title, f"{category}&街坊"
        link = f"{link}?from=feed&column=2"
    elif report.fault == "entity":
        text = text.replace("&lt;p&gt;", "&lt;p&gt;&nbsp;&nbsp;").replace("——", "&mdash;&mdash;")
    elif report.fault == "unclosed":
        close = ""
    return (
        f"{_faulty_head(report, title, link)}"
        f"<description>{text}</description>\n<category>{category}{close}\n</item>\n"
    )


def _cut_item(report: Report, base: str) -> str:
    text = _text(paragraphs_html(report, base))
    # The middle of a sentence, never of an escaped tag.
    middle = text.index("，", len(text) // 2)
    head = _faulty_head(report, _text(report.full_title), _text(base + path_of(report)))
    return f"{head}<description>{text[:middle]}"


def _faulty_head(report: Report, title: str, link: str) -> str:
    return (
        f"<item>\n<title>{title}</title>\n<link>{link}</link>\n"
        f'<guid isPermaLink="false">{_guid(report)}</guid>\n'
        f"<pubDate>{_rfc822(report.published_at)}</pubDate>\n"
    )


def _is_cut(report: Report) -> bool:
    return report.fault == "cut" and report.number == 0


def _guid(report: Report) -> str:
    return f"{report.source}-{report.number:06d}"


def _atom_id(report: Report) -> str:
    return f"tag:jiangwan-fazhibao.example,2020:article-{report.number:06d}"


def _text(raw: str) -> str:
    return escape(raw)


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(BEIJING))


def _rfc3339(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
