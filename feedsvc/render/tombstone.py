"""The tombstone (RFC 6721) of a withdrawn entry, for those who catch up: deltas and `?since=`.

It is dated one second before the notice that stands under the same id. Section 3 lets an entry and a
tombstone share an id, and the newer of both counts: so a reader that knows tombstones takes the old
text back and shows the notice, and one that does not know them shows the notice anyhow.
"""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from feedsvc.domain.feed import Entry, Site
from feedsvc.render.clean import cleaned, uri
from feedsvc.render.feedgen_extension import ATOM
from feedsvc.render.parts import beijing, site_title

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
BEFORE_THE_NOTICE = timedelta(seconds=1)


def tombstone(entry: Entry, site: Site) -> str:
    """Return the `at:deleted-entry` of a withdrawn entry, "" for any other; whole in its namespaces."""
    if entry.status != "withdrawn":
        return ""
    entry, site = cleaned(entry), cleaned(site)
    when = beijing(entry.updated_at) - BEFORE_THE_NOTICE
    element = etree.Element(
        f"{{{TOMBSTONES}}}deleted-entry",
        {"ref": entry.guid, "when": when.isoformat()},
        nsmap={"at": TOMBSTONES, None: ATOM},
    )
    by = etree.SubElement(element, f"{{{TOMBSTONES}}}by")
    etree.SubElement(by, f"{{{ATOM}}}name").text = site_title(site)
    etree.SubElement(by, f"{{{ATOM}}}uri").text = uri(f"{site.base_url}/")
    if entry.reason.strip():
        etree.SubElement(element, f"{{{TOMBSTONES}}}comment").text = entry.reason
    return etree.tostring(element, encoding="unicode")
