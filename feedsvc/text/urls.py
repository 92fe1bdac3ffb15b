"""URLs: made absolute, compared, and sorted by who owns them."""

from __future__ import annotations

import functools
import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit, urlunsplit

from publicsuffixlist import PublicSuffixList

LONGEST = 2048
_PORTS = {"http": 80, "https": 443}
_NOISE = re.compile("[\x00-\x1f\x7f\u200b\ufeff\ud800-\udfff]")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
# What needs no cleaning; most addresses in feeds are of this form, and splitting costs.
_CLEAN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9-]*\.)*[a-z0-9-]*[a-z0-9](?::[1-9]\d{1,3})?"
    r"/(?:[A-Za-z0-9/:@!$&'()*+,;=~._?-]|%[0-9a-fA-F]{2})*+(?:#(?:[A-Za-z0-9/:@!$&'()*+,;=~._?-])*+)?"
)
# What is canonical already: a plain host and path.
_CANONICAL = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9-]*\.)*[a-z0-9-]*[a-z0-9]/[A-Za-z0-9/:@!$&'()*+,=~._-]*+"
)
_HOLLOW = re.compile(r"https?:/*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_SAFE = "/%:@!$&'()*+,;=~-._"
_PERCENT = re.compile("%([0-9a-fA-F]{2})")
_LONE_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)
# What share buttons and campaigns add; none of it names an article.
_TRACKING = re.compile(
    r"utm_.*|spm|scm|from|isappinstalled|nsukey|wxfrom|wx_.*|share_.*|sharer?_.*|shareto|"
    r"fbclid|gclid|yclid|msclkid|dclid|igshid|_ga|_gl|mc_[ce]id|bd_vid|hm(?:sr|pl|cu|kw|ci)|"
    r"clicktime|enterid|ascene|devicetype|weibo_id|tt_from",
    re.IGNORECASE,
)
_INDEX_FILE = re.compile(r"(?:index|default|home|main)(?:\.[a-z]{2,5})?", re.IGNORECASE)
# Most articles' addresses: a path to a file, and nothing after it.
_PLAIN_FILE = re.compile(r"https?://[a-z0-9.-]+(/(?:[A-Za-z0-9._-]+/)*([A-Za-z0-9._-]+))")
_ARCHIVE = re.compile(r"/(?:\d{4})(?:/\d{1,2}){0,2}/?")


def absolute(base: str, url: str) -> str | None:
    """Resolve `url` against `base`; None for anything that is not a usable http(s) address.

    Cleaned on the way: white space, control characters and credentials are dropped, backslashes
    turned as browsers do, other characters than URI ones percent-encoded (UTF-8), the host in
    lower-case ASCII. The fragment stays.
    """
    if _CLEAN.fullmatch(url) and len(url) <= LONGEST:
        return url
    cleaned = _NOISE.sub("", url.strip()).replace("\\", "/")
    if not cleaned or _is_unusable(cleaned):
        return None
    try:
        parts = urlsplit(urljoin(base, cleaned))
        netloc = _netloc(parts)
    except ValueError:
        return None
    if netloc is None or parts.scheme not in _PORTS:
        return None
    path, query, fragment = (_encode(part) for part in (parts.path, parts.query, parts.fragment))
    made = urlunsplit((parts.scheme, netloc, path or "/", query, fragment))
    return made if len(made) <= LONGEST else None


def is_address(text: str) -> bool:
    """Whether a text is an http(s) address rather than words."""
    return text.lstrip()[:8].lower().startswith(("http://", "https://"))


def canonical(url: str) -> str:
    """The form of an http(s) URL that is compared: equal for what names the same document.

    Lower-case host, no default port, no credentials, no fragment (other than the `#/…` and `#!…`
    of script-driven pages), no tracking or session parameters, no dot segments, percent-escapes in
    one form. Idempotent. A string that is no such URL comes back as it is.
    """
    if len(url) <= LONGEST and _CANONICAL.fullmatch(url) and "/." not in url:
        return url
    cleaned = absolute(url, url)
    if cleaned is None:
        return url
    parts = urlsplit(cleaned)
    netloc = parts.netloc.removesuffix(f":{_PORTS[parts.scheme]}")
    path = _without_dots(_SESSION.sub("", _unify_percent(parts.path)))
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit(
        (parts.scheme, netloc, path or "/", _unify_percent(query), _unify_percent(fragment))
    )


def registrable_domain(url: str) -> str:
    """The domain that its owner registered (`news.partner.gov.cn` → `partner.gov.cn`), for manners.

    An IP literal stands for itself; so does a host without a registrable part; "" without a host.
    Only ICANN suffixes count, so that all sub-domains of one hosting service are one neighbour.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return _suffixes().privatesuffix(host) or host


def names_an_article(url: str) -> bool:
    """Whether a URL can name one article: False for bare hosts, section fronts and date archives."""
    plain = _PLAIN_FILE.fullmatch(url)
    if plain is not None:
        return not (_INDEX_FILE.fullmatch(plain[2]) or _ARCHIVE.fullmatch(plain[1]))
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if any(value for _, value in parse_qsl(parts.query)) or parts.fragment.startswith(("/", "!")):
        return True
    path = parts.path
    last = path.rsplit("/", 1)[-1]
    if path in {"", "/"} or _INDEX_FILE.fullmatch(last) or _ARCHIVE.fullmatch(path):
        return False
    return not path.endswith("/") or any(char.isdigit() or char == "-" for char in path)


def _is_unusable(url: str) -> bool:
    scheme = _SCHEME.match(url)
    if scheme is None:
        return False
    return scheme.group()[:-1].lower() not in _PORTS or _HOLLOW.fullmatch(url) is not None


def _netloc(parts: SplitResult) -> str | None:
    """Host and port without credentials; None where there is no host that could exist."""
    host = (parts.hostname or "").rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if ":" in host:
        host = f"[{ipaddress.IPv6Address(host).compressed}]"
    if not _HOST.fullmatch(host):
        return None
    return f"{host}:{parts.port}" if parts.port is not None else host


def _encode(part: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", part), safe=_SAFE + "?")


def _unify_percent(part: str) -> str:
    def unify(match: re.Match[str]) -> str:
        char = chr(int(match.group(1), 16))
        return char if char in _UNRESERVED else match.group().upper()

    return _PERCENT.sub(unify, part)


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, for an absolute path."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    if name.lower() == "from" and value.isdigit():
        return False  # an offset in a list, not the chat that shared it
    return _TRACKING.fullmatch(name) is not None


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)
