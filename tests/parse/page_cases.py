"""The page cases of tests/data/pages: `<name>.html` or `.txt` beside `<name>.json`.

The JSON holds `about` (what the case is for), `job` (url, content_type, charset, rules; all
optional) and `expected`; adding a pair adds a test. `truth` holds, by field, what is right where
we read something else; that field must be among the unsure ones.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.parse.pages.page import parse_page
from feedsvc.text.html import plain_text

PAGES = Path(__file__).resolve().parents[1] / "data" / "pages"
SEEN_AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
SURE = 0.5


def case_files() -> list[Path]:
    return sorted(path for path in PAGES.iterdir() if path.suffix in {".html", ".txt"})


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    return case


def read(path: Path, case: dict[str, Any]) -> ParsedPage:
    job = {"url": "http://www.partner.example/a/1.html", **case["job"]}
    return parse_page(ParseJob(kind="page", body=path.read_bytes(), seen_at=SEEN_AT, **job))


def understood(page: ParsedPage) -> dict[str, Any]:
    """All that was understood of a page, in the form of the cases."""
    item = page.item
    local = item.published_at.astimezone(ZoneInfo("Asia/Shanghai")) if item.published_at else None
    return {
        "charset": page.charset,
        "title": item.title,
        "original_title": item.original_title,
        "published_at": local.isoformat(timespec="minutes") if local else None,
        "published_precision": item.published_precision,
        "attribution": item.attribution,
        "origin_url": item.origin_url,
        "authors": list(item.authors),
        "editors": list(item.editors),
        "credit_line": item.credit_line,
        "dateline": [item.dateline.place, item.dateline.date, item.dateline.agency]
        if item.dateline
        else None,
        "rights": item.rights,
        "text": plain_text(item.content_html).strip().split("\n"),
        "images": re.findall(r'<img[^>]*\bsrc="([^"]*)"', item.content_html),
        "extractor": item.extractor,
        "repairs": [repair.kind for repair in item.repairs],
        "unsure": sorted(name for name, sure in page.confidence.items() if sure < SURE),
    }
