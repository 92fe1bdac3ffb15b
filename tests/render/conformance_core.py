"""What all rule books share: documents as readers get them, rules with their source, and lexical checks.

A rule yields one sentence for each place where a document breaks it. Rules know nothing of our
renderers: they read finished bytes. Where a rule goes beyond the specification it is the public
validator's (github.com/w3c/feedvalidator), whose error or warning stands in brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Generic, TypeVar

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
LICENCE = "{http://backend.userland.com/creativeCommonsRssModule}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}"
XML = "{http://www.w3.org/XML/1998/namespace}"

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Document:
    """A feed document; `url` is where it was got, None where it was not got anywhere.

    `is_delta` says that it is a 226's body, which tells what has changed and not what there is.
    """

    body: bytes
    url: str | None = None
    is_delta: bool = False

    @property
    def catches_up(self) -> bool:
        """Whether its reader asked for what has changed: not ordered, and tombstones may stand there."""
        return self.is_delta or "since=" in (self.url or "")

    @cached_property
    def root(self) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        return etree.fromstring(self.body, parser)

    @cached_property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One rule: its name, the section that it comes from, and what looks for breaches."""

    name: str
    source: str
    look: Callable[[Subject], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Book(Generic[Subject]):
    """The rules of one format, in the order in which they are written down."""

    rules: list[Rule[Subject]] = field(default_factory=list)

    def rule(
        self, source: str
    ) -> Callable[[Callable[[Subject], Iterable[str]]], Callable[[Subject], Iterable[str]]]:
        """Enter a function as a rule under its own name."""

        def enter(look: Callable[[Subject], Iterable[str]]) -> Callable[[Subject], Iterable[str]]:
            self.rules.append(Rule(look.__name__, source, look))
            return look

        return enter

    def faults(self, subject: Subject) -> list[str]:
        """Every breach as `rule (source): what`."""
        return [
            f"{rule.name} ({rule.source}): {what}"
            for rule in self.rules
            for what in rule.look(subject)
        ]

    def broken(self, subject: Subject) -> set[str]:
        """The names of the rules that are broken."""
        return {rule.name for rule in self.rules if any(True for _ in rule.look(subject))}


_WEB = re.compile(
    r"https?://(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::\d{1,5})?"
    r"(?:[/?#](?:[0-9A-Za-z;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})*)?"
)
_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MEDIA_TYPE = re.compile(r"[^\s()<>,;:\\\"/\[\]?=]+/[^\s()<>,;:\\\"/\[\]?=]+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_HALF_DECODED = re.compile("[\u00c2\u00c3][\u0080-\u00bf]")
# ISO 639-1; a subtag that is none of these is "InvalidLanguage" for the validator.
_TAGS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de "
    "dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id "
    "ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu "
    "lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu "
    "rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr "
    "ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_LANGUAGES = frozenset(_TAGS.split())


def web_address(text: str | None) -> Iterator[str]:
    """RFC 3986: absolute, http or https, only characters of a URI [InvalidFullLink, InvalidUriChar]."""
    if text is None or not _WEB.fullmatch(text):
        yield f"{text!r} is no absolute http(s) URI"


def canonical_id(text: str | None) -> Iterator[str]:
    """RFC 4287 4.2.6.1: an id in normal form [NonCanonicalURI]."""
    if text is not None and _URN.fullmatch(text):
        return
    yield from web_address(text)
    scheme, _, rest = (text or "").partition("://")
    host, slash, path = rest.partition("/")
    lowered = scheme.islower() and host == host.lower() and slash
    escapes = re.findall(r"%[0-9A-Fa-f]{2}", path)
    if not lowered or any(each != each.upper() for each in escapes) or "/./" in f"/{path}":
        yield f"{text!r} is no id in normal form"


def media_type(text: str | None) -> Iterator[str]:
    """RFC 6838 [InvalidMIMEType]."""
    if text is None or not _MEDIA_TYPE.fullmatch(text):
        yield f"{text!r} is no media type"


def language_tag(text: str | None) -> Iterator[str]:
    """RFC 5646, with a registered language [InvalidLanguage]."""
    if text is None or not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", text):
        yield f"{text!r} is no language tag"
    elif text.split("-")[0].lower() not in _LANGUAGES:
        yield f"{text!r} names no language"


def count(text: str | None, *, least: int = 0) -> Iterator[str]:
    """A whole number in decimal digits."""
    if text is None or not re.fullmatch(r"[0-9]+", text) or int(text) < least:
        yield f"{text!r} is no whole number from {least}"


def rfc3339(text: str | None) -> Iterator[str]:
    """RFC 4287 3.3, and an offset of Beijing's clock [InvalidRFC3339Date, ImplausibleDate]."""
    if text is None or not _RFC3339.fullmatch(text):
        yield f"{text!r} is no RFC 3339 time"
        return
    yield from plausible(moment(text))


def rfc822(text: str | None) -> Iterator[str]:
    """RFC 822 with a year of four digits, the right weekday and a numeric zone [InvalidRFC2822Date].

    The validator lets the zone CST pass, which RFC 822 reads as US Central: 14 hours wrong here.
    """
    if text is None or not re.search(r" [+-]\d{4}$", text):
        yield f"{text!r} has no numeric zone"
        return
    try:
        read = parsedate_to_datetime(text)
    except ValueError:
        yield f"{text!r} is no RFC 822 time"
        return
    if format_datetime(read) != text:
        yield f"{text!r} is not how {read.isoformat()} is written"
    yield from plausible(read)


def plausible(at: datetime) -> Iterator[str]:
    """Not before there were feeds, not in the future [ImplausibleDate]."""
    if at.year < 1990 or at > datetime.now(UTC) + timedelta(minutes=10):
        yield f"{at.isoformat()} is implausible"


def moment(text: str | None) -> datetime:
    """A time in either notation, for comparing; the beginning of time where it is in none."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            made = read(text or "")
        except (ValueError, TypeError):
            continue
        return made if made.tzinfo else made.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)


def second(text: str | None) -> datetime:
    """The same in whole seconds, as RSS can only say them."""
    return moment(text).replace(microsecond=0)


def damaged(text: str | None) -> Iterator[str]:
    """Traces of a wrong decoding [BadCharacters]: U+FFFD, C1 controls, UTF-8 read as Latin-1."""
    if not text:
        return
    if found := re.search("[\u0080-\u009f\ufffd]", text):
        yield f"{text[:40]!r} contains U+{ord(found.group()):04X}"
    for line in re.split('[\n<>&"]', text):
        if _HALF_DECODED.search(line):
            try:
                line.encode("latin-1").decode("utf-8")
            except UnicodeError:
                continue
            yield f"{line[:40]!r} is UTF-8 read as Latin-1"


def plain(text: str | None) -> Iterator[str]:
    """Words without markup, and nothing in them that a reader could take for it [ContainsHTML]."""
    if not (text or "").strip():
        yield "is empty"
    if found := re.search(r"</?[A-Za-z]\w*|&(#?\w+;)", text or ""):
        yield f"{(text or '')[:60]!r} looks like markup: {found.group()!r}"


def repeated(values: Iterable[Any]) -> Iterator[str]:
    """What stands more than once."""
    seen = set()
    for value in values:
        if value in seen:
            yield f"{value!r} stands twice"
        seen.add(value)


def newest_first(times: Iterable[datetime]) -> Iterator[str]:
    """Readers that do not sort show the order of the document."""
    for earlier, later in pairwise(times):
        if later > earlier:
            yield f"{later.isoformat()} stands after {earlier.isoformat()}"
