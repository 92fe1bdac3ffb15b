"""How much an address looks like an article's, and which addresses were made by one hand."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_YEAR = r"(?:19|20)\d\d"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_DATED = re.compile(
    rf"(?<!\d){_YEAR}(?:[-/_]{_MONTH}(?:[-/_]?{_DAY})?|(?:1[0-2]|0[1-9])(?:3[01]|[0-2]\d)?)(?!\d{{3}})"
    rf"|(?<!\d){_YEAR}/(?:1[0-2]|0[1-9])(?:3[01]|[0-2]\d)/"
)
_NUMBER = re.compile(r"\d+")
_HASH = re.compile(r"(?=[0-9a-zA-Z_-]*\d)[0-9a-zA-Z_-]{14,}")
_FRONT = re.compile(
    r"(?:index|default|home|main|list|more|channel|column|category|node|class|catalog|search|login|"
    r"register|about|contact|map|sitemap)s?(?:[-_]?\d+)*(?:\.[a-z]{2,5})?",
    re.IGNORECASE,
)
_SECTION_STEP = re.compile(
    r"(?:tags?|topics?|users?|authors?|search|login|categor(?:y|ies)|channels?|columns?|comments?|page)"
)
_SCRIPTED = re.compile(r"\.(?:php|aspx?|jspx?|do|action|cgi)$", re.IGNORECASE)
_ID_NAME = re.compile(r".*(?:id|no|code|guid|uuid|article|news|content|info)$|^[pat]$")
_SECTION_NAME = re.compile(
    r".*(?:class|cat|channel|column|type|node|parent|page|list|sort|board|site).*"
)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|bmp|webp|svg|css|js|zip|rar|exe|apk|mp[34]|xlsx?|docx?|pptx?|pdf|xml|json)$"
)


def article_likeness(url: str) -> float:
    """0.0–1.0: a date or a long number in the path speaks for an article, a front page's name against."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return 0.0
    path = unquote(parts.path)
    last = path.rstrip("/").rsplit("/", 1)[-1].lower()
    by_query = _by_query(parts.query) if parts.query else 0.0
    if not last:
        return max(by_query, 0.5 if parts.fragment.startswith(("/", "!")) else 0.0)
    if _FILE.search(last):
        return 0.2 if last.endswith((".pdf", ".doc", ".docx")) else 0.0
    if _FRONT.fullmatch(last):
        return by_query
    if any(_SECTION_STEP.fullmatch(step) for step in path.lower().split("/")[1:-1]):
        return max(by_query, 0.3)
    return max(by_query, _by_path(path, last))


def _by_path(path: str, last: str) -> float:
    if _SCRIPTED.search(last):
        return 0.3
    has_digits = any(char.isdigit() for char in last)
    if _DATED.search(path) and (has_digits or "." in last):
        return 1.0
    # A tail such as t20260801_835839.html or 30477880.html holds the number of the article.
    longest = max((len(number) for number in _NUMBER.findall(last)), default=0)
    if longest >= 5 or _HASH.fullmatch(last.split(".", maxsplit=1)[0]):
        return 0.95
    if longest >= 3:
        return 0.8
    words = last.split(".", maxsplit=1)[0].count("-") + last.split(".", maxsplit=1)[0].count("_")
    if words >= 2:
        return 0.7 if not path.endswith("/") or words >= 3 else 0.5
    if longest:
        return 0.45
    return 0.35 if "." in last else 0.1


def _by_query(query: str) -> float:
    best = 0.0
    for raw, value in parse_qsl(query):
        name = raw.lower()
        if not any(char.isdigit() for char in value):
            continue
        if _SECTION_NAME.fullmatch(name):
            best = max(best, 0.1)
        elif _ID_NAME.fullmatch(name):
            best = max(best, 0.85 if len(value) >= 2 else 0.6)
        else:
            best = max(best, 0.4)
    return best


def address_pattern(url: str) -> str:
    """What addresses of one origin share: host and path with numbers and hashes made equal."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    steps = parts.path.split("/")
    masked = [
        _NUMBER.sub("0", "*" if _HASH.fullmatch(step.split(".")[0]) else step) for step in steps
    ]
    # The depth and the ending say which template made the page; the words between name sections.
    ending = re.sub(r"^.*?(\.[a-z]{2,5})?$", r"\1", masked[-1]) if masked else ""
    shape = re.sub(r"[^\W\d_]+", "a", masked[-1].removesuffix(ending))
    names = ",".join(sorted(name for name, _ in parse_qsl(parts.query)))
    return f"{parts.hostname}/{len(steps)}/{shape}{ending}?{names}"
