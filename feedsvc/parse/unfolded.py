"""Rows that a page keeps as records of XML inside a script, unfolded into the markup they stand for.

Many government portals are made so: a `<script type="text/xml">` holds `<record><![CDATA[<li>…</li>]]>
</record>`, and a script of the page shows them in pages of fifteen.
"""

from __future__ import annotations

import re

_FOLDED = re.compile(
    r"<script\b[^>]*\btype\s*=\s*[\"']?text/xml[\"']?[^>]*>(?P<text>.*?)</script\s*>", re.I | re.S
)
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[(?P<row>.*?)\]\]>\s*</record>", re.I | re.S)


def unfold_records(text: str) -> str:
    """The page with its records as markup; any other text comes back as it is."""
    if "<record>" not in text and "<RECORD>" not in text:
        return text
    return _FOLDED.sub(_rows, text)


def _rows(script: re.Match[str]) -> str:
    rows = "".join(found["row"] for found in _RECORD.finditer(script["text"]))
    return f'<div class="records">{rows}</div>' if rows else script.group()
