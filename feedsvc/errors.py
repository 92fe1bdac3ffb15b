"""The error tree. Each error names its subject, carries a one-word `kind` and says whether to try again.

FeedsvcError
├── ConfigError             a setting, file or key that we cannot work with
├── UsageError              a request that makes no sense
│   ├── NotFound            no such source, article, category …
│   │   └── Gone            a feed that was retired: it is no more, for good
│   └── Conflict            the name is taken by something else
├── IngestError
│   ├── FetchError
│   │   ├── BadUrl          not an http(s) URL that we would ever fetch
│   │   ├── AddressRefused  it resolves to an address or port that we do not connect to
│   │   ├── DnsFailed       no such host
│   │   ├── ConnectFailed   nobody answers, or hangs up
│   │   ├── TlsFailed       certificate or handshake
│   │   ├── TimedOut        the total deadline passed
│   │   ├── TooLarge        more bytes than the cap, on the wire or inflated
│   │   ├── Truncated       the answer ended before its end
│   │   ├── BadResponse     not HTTP that we can read (coding, framing)
│   │   ├── RedirectFailed  a loop, too many hops, or a hop we refuse
│   │   ├── HttpStatus      an answer other than 2xx and 304
│   │   └── Aborted         we are shutting down
│   ├── ParseError
│   │   ├── NotAFeed        the document is something else
│   │   ├── EmptyFeed       a feed or list without a single item
│   │   ├── BrokenDocument  so broken that no item could be read
│   │   ├── TooComplex      a shape that would take too long or too much memory
│   │   ├── NotAPicture     no whole raster picture of a type and size that we serve
│   │   └── ParserKilled    the parser exceeded its time or memory and was stopped
│   ├── Blocked             a gatekeeper's challenge instead of the document (also a FetchError and
│   │                       a ParseError: some show it by status, others only in what they send)
│   ├── RulesMismatch       the source's rules find nothing in the document
│   └── LayoutChanged       the source's pages no longer look as they did
├── StoreError
│   ├── StoreBusy           locked or unreachable; try again
│   ├── SchemaOutdated      run `feedsvc db upgrade`
│   └── LeaseLost           another worker took over; our result is dropped
└── PublishError
    └── RenderError         a document failed its check; the last good one stays
"""

from __future__ import annotations

from typing import ClassVar


class FeedsvcError(Exception):
    """A failure that we expect: `subject` is what it is about, `cause` one sentence about why."""

    kind: ClassVar[str] = "error"
    permanent: bool = False

    def __init__(self, subject: str, cause: str, *, permanent: bool | None = None) -> None:
        super().__init__(subject, cause)
        self.subject = subject
        self.cause = cause
        if permanent is not None:
            self.permanent = permanent

    def __str__(self) -> str:
        return f"{self.subject}: {self.cause}"


class ConfigError(FeedsvcError):
    """A setting, a configuration file or a key that we cannot work with."""

    kind = "config"
    permanent = True


class UsageError(FeedsvcError):
    """A request that makes no sense as it was put."""

    kind = "usage"
    permanent = True


class NotFound(UsageError):
    """Nothing has that name."""

    kind = "not_found"


class Gone(NotFound):
    """A feed that was retired: it is no more, for good."""

    kind = "gone"


class Conflict(UsageError):
    """The name is taken by something with other values."""

    kind = "conflict"


class IngestError(FeedsvcError):
    """A poll, or one item of it, failed."""

    kind = "ingest"


class FetchError(IngestError):
    """An HTTP exchange failed."""

    kind = "fetch"


class BadUrl(FetchError):
    """Not an http(s) URL that we would ever fetch."""

    kind = "bad_url"
    permanent = True


class AddressRefused(FetchError):
    """The name resolves to an address or port that we do not connect to."""

    kind = "address_refused"
    permanent = True


class DnsFailed(FetchError):
    """The host name does not resolve."""

    kind = "dns_failed"


class ConnectFailed(FetchError):
    """Nobody answers at the address, or the peer hung up."""

    kind = "connect_failed"


class TlsFailed(FetchError):
    """The certificate or the handshake failed."""

    kind = "tls_failed"


class TimedOut(FetchError):
    """The total deadline of the exchange passed."""

    kind = "timeout"


class TooLarge(FetchError):
    """More bytes than the cap, on the wire or inflated."""

    kind = "too_large"


class Truncated(FetchError):
    """The answer ended before its end; half an answer is never used."""

    kind = "truncated"


class BadResponse(FetchError):
    """Not HTTP that we can read: an unknown coding or broken framing."""

    kind = "bad_response"


class RedirectFailed(FetchError):
    """A redirect loop, too many hops, or a hop that we refuse to follow."""

    kind = "redirect_failed"


class HttpStatus(FetchError):
    """An answer with a status other than 2xx and 304; `retry_after` in seconds where the partner says so."""

    kind = "http_status"

    def __init__(self, subject: str, status: int, *, retry_after: int | None = None) -> None:
        super().__init__(subject, f"HTTP {status}", permanent=status in {404, 410})
        self.status = status
        self.retry_after = retry_after


class Aborted(FetchError):
    """We are shutting down."""

    kind = "aborted"


class ParseError(IngestError):
    """A document could not be understood."""

    kind = "parse"


class NotAFeed(ParseError):
    """The document is something other than what the source promised."""

    kind = "not_a_feed"


class EmptyFeed(ParseError):
    """A feed or list without a single item: what is stored stays."""

    kind = "empty_feed"


class BrokenDocument(ParseError):
    """So broken that not one item could be read."""

    kind = "broken_document"


class TooComplex(ParseError):
    """Refused by shape: it would take too long or too much memory."""

    kind = "too_complex"


class NotAPicture(ParseError):
    """Not a whole raster picture of a type and size that we serve."""

    kind = "not_a_picture"


class ParserKilled(ParseError):
    """The parser exceeded its time or memory and was stopped."""

    kind = "parser_killed"


class Blocked(FetchError, ParseError):
    """A gatekeeper tests who is asking, in place of the partner's document; no list is empty for it."""

    kind = "blocked"


class RulesMismatch(IngestError):
    """The source's rules find nothing in the document: the layout may have changed."""

    kind = "rules_mismatch"


class LayoutChanged(IngestError):
    """The source's pages no longer look as they did; nothing is taken from them until rules fit again."""

    kind = "layout_changed"


class StoreError(FeedsvcError):
    """The database refused or failed."""

    kind = "store"


class StoreBusy(StoreError):
    """The database is locked or unreachable; try again."""

    kind = "store_busy"


class SchemaOutdated(StoreError):
    """The database has another schema than this code."""

    kind = "schema_outdated"
    permanent = True


class LeaseLost(StoreError):
    """Another worker took the lease over; the late result is dropped."""

    kind = "lease_lost"


class PublishError(FeedsvcError):
    """A feed could not be published; its last good documents stay."""

    kind = "publish"


class RenderError(PublishError):
    """A rendered document failed its check."""

    kind = "render"
