"""What scripts of a page hold instead of markup: lists as JSON, rows as records of XML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from feedsvc.parse.document import is_markup

# Places in a page's scripts where a list may begin.
MOST_ATTEMPTS = 40
_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<text>.*?)</script\s*>", re.I | re.S)
_JSONP = re.compile(r"\A[\s;/*]*(?:(?:var|let|const)\s+)?[\w$.\[\]\"']+\s*(?:=|\()\s*(?=[\[{])")
_VALUE = re.compile(r"[\w$\"')\]]\s*[=(]\s*(?=[\[{])")


def json_documents(text: str) -> Iterator[object]:
    """The JSON values of a document: the whole of it, what a JSONP call or an assignment wraps, or
    those in the scripts of a page, in document order."""
    text = text.lstrip("\ufeff \t\r\n")
    if not is_markup(text) or text[:1] in {"{", "["}:
        wrapped = _JSONP.match(text)
        yield from _decoded(text[wrapped.end() :] if wrapped else text)
        return
    for script in _SCRIPT.finditer(text):
        content = script["text"].strip()
        if "json" in script["attributes"].lower():
            yield from _decoded(content)
        elif "src=" not in script["attributes"].lower():
            yield from _assigned(content)


def _assigned(script: str) -> Iterator[object]:
    end = 0
    for place in islice(_VALUE.finditer(script), MOST_ATTEMPTS):
        if place.end() < end:
            continue  # inside of what was read
        for value in _decoded(script[place.end() :]):
            yield value
            end = place.end() + len(json.dumps(value, ensure_ascii=True)) // 2


def _decoded(text: str) -> Iterator[object]:
    try:
        # What follows the value (the end of a call, more script) is not ours.
        yield json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return
