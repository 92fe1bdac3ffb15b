"""Any bytes: well-formed requests get what the hot route says, malformed ones a refusal, in step.

The oracle for answers is the WSGI route asked directly; the oracle for what is well-formed is a
reader of its own here, written character by character.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from feedsvc.web.hot import DocumentMemory, HotFeeds
from tests.front.fronting import Running, answers_in, application, documents, fronting, in_pieces
from tests.web.documents import BASE_URL, MemoryShelf, make
from tests.web.test_web_delta import document

DOCUMENT = make("<rss>一</rss>", cursor=7)
GROWING = document("atom")
SHELF = MemoryShelf(
    DOCUMENT, GROWING, make("{}", format="json"), make("<rss>要</rss>", slug="要闻")
)
TAG = DOCUMENT.etag
PATHS = [
    "/feeds/gongan.rss", "/feeds/gongan.rss", "/feeds/gongan.json", "/feeds/%67ongan.rss",
    "/feeds/%E8%A6%81%E9%97%BB.rss", "/feeds/gongan.rss?raw=1", "/feeds/gongan.rss?since=3",
    GROWING.path, "http://a.example/feeds/gongan.rss", "/feeds/none.rss", "/feeds//gongan.rss",
]  # fmt: skip
FIELDS = [
    "Accept-Encoding: gzip", "Accept-Encoding: br;q=0.5, gzip;q=0", "accept-encoding:\tidentity",
    f'If-None-Match: "{TAG}"', f'If-None-Match: W/"{TAG}-gz", "x"', "If-None-Match: *",
    'If-None-Match: "1-000000000000"', 'If-None-Match: "4-000000000000"', "If-Modified-Since: Mon, 23 Nov 2026 08:40:12 GMT",
    "If-Modified-Since: yesterday", "A-IM: feed", "A-IM: feed", "Sec-Fetch-Dest: document", "Range: bytes=0-1",
    "User-Agent: r\xe9ader", "Cookie: a=b", "X-Feedsvc-Peer: 192.0.2.1", "If_None_Match: *",
    "Connection: close", "Connection: keep-alive", "Content-Length: 0", "Upgrade: h2c",
]  # fmt: skip


def hot_route() -> HotFeeds:
    def behind(environ: object, start_response: object) -> object:
        return Response("behind", status=404)(environ, start_response)  # type: ignore[arg-type]

    return HotFeeds(behind, DocumentMemory(SHELF, BASE_URL))  # type: ignore[arg-type]


ROUTE = hot_route()


@dataclass(frozen=True, slots=True)
class Asked:
    """One well-formed request."""

    method: str
    target: str
    minor: str
    fields: list[str] = field(default_factory=list)

    @property
    def raw(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.{self.minor}", "Host: a.example"]
        return "\r\n".join([*lines, *self.fields, "\r\n"]).encode("latin-1")

    def named(self, name: str) -> str | None:
        """A field's value, several of them joined, as a server does for WSGI."""
        found = [
            value.strip(" \t")
            for key, _, value in (line.partition(":") for line in self.fields)
            if key.lower() == name
        ]
        return ",".join(found) if found else None

    @property
    def ends(self) -> bool:
        """Whether the connection ends with the answer, as far as the request says."""
        options = (self.named("connection") or "").lower()
        return "close" in options or (self.minor == "0" and "keep-alive" not in options)


def said_directly(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """What the hot route answers where no front is."""
    path, _, query = asked.target.removeprefix("http://a.example").partition("?")
    environ: dict[str, object] = {
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
    }
    for line in asked.fields:
        name = line.partition(":")[0]
        if "_" not in name:
            environ["HTTP_" + name.upper().replace("-", "_")] = asked.named(name.lower())
    body, status, headers = run_wsgi_app(ROUTE, environ)
    found = {name.lower(): value for name, value in headers.items()}
    return int(status[:3]), found, b"".join(body)


requests = st.builds(
    Asked,
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE"]),
    target=st.sampled_from(PATHS),
    minor=st.sampled_from(["1", "1", "1", "0"]),
    fields=st.lists(st.sampled_from(FIELDS), max_size=5).filter(
        lambda fields: fields.count("Content-Length: 0") < 2
    ),
)
cuts = st.lists(st.integers(0, 2000), max_size=6)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    path: Path = tmp_path_factory.mktemp("front") / "app"
    with application(path, ROUTE), fronting(documents(SHELF), path) as running:
        yield running


def check_sequence(running: Running, asked: list[Asked], places: list[int]) -> None:
    heard = running.talk(*in_pieces(b"".join(each.raw for each in asked), places))
    answers = answers_in(heard, [each.method for each in asked])
    for each, answer in zip(asked, answers, strict=False):
        status, headers, body = said_directly(each)
        own = {"date", "connection", "server"}
        if status in {204, 304}:
            own.add("content-length")  # the standard library's server behind says 0
        got = {name: value for name, value in answer.headers.items() if name not in own}
        assert (answer.status, got) == (status, headers), each
        assert answer.body == (b"" if each.method == "HEAD" else body)
        if answer.headers.get("connection") == "close" or "server" in answer.headers:
            break
    else:
        assert len(answers) == len(asked)
        assert not any(each.ends for each in asked[:-1])
        return
    # The last one answered was told that it is the last, or was the application's.
    assert answers[-1] is answer


ordinary = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
long = settings(ordinary, max_examples=5000)


@ordinary
@given(asked=st.lists(requests, min_size=1, max_size=4), places=cuts)
def test_each_request_gets_what_the_hot_route_says_in_its_turn(
    running: Running, asked: list[Asked], places: list[int]
) -> None:
    check_sequence(running, asked, places)


@pytest.mark.thorough
@long
@given(asked=st.lists(requests, min_size=1, max_size=6), places=cuts)
def test_thousands_of_sequences_stay_in_step(
    running: Running, asked: list[Asked], places: list[int]
) -> None:
    check_sequence(running, asked, places)


def test_it_does_not_matter_where_the_bytes_are_cut(running: Running) -> None:
    asked = [
        Asked("GET", "/feeds/gongan.rss", "1", ["Accept-Encoding: gzip", "If-None-Match: *"]),
        Asked("HEAD", "/feeds/gongan.json", "1"),
    ]
    for at in range(len(asked[0].raw + asked[1].raw)):
        check_sequence(running, asked, [at])


TOKEN = set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
HOST = set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:_~!$&'()*+,;=%[]-")


def judged(data: bytes) -> Iterator[str]:
    """Read requests as the standard has it: `good` or `bad` for each, until one is bad, has a body, or is not whole."""
    text = data.decode("latin-1")
    while True:
        while text.startswith("\r\n"):
            text = text[2:]
        head, end, rest = text.partition("\r\n\r\n")
        for at, character in enumerate(text if not end else head):
            before, after = text[at - 1 : at], text[at + 1 : at + 2]
            if (character == "\n" and before != "\r") or (character == "\r" and after not in "\n"):
                yield "bad"
                return
            if (ord(character) < 32 and character not in "\t\r\n") or ord(character) == 127:
                yield "bad"
                return
        if not end:
            return
        verdict, ends = judged_head(head.split("\r\n"))
        yield verdict
        if ends or verdict == "bad":
            return
        text = rest


def judged_head(lines: list[str]) -> tuple[str, bool]:
    """The verdict on one head, and whether nothing can be said of what follows it."""
    first = lines[0].split(" ")
    if len(first) != 3 or not first[0] or not set(first[0]) <= TOKEN:
        return "bad", True
    method, target, version = first
    if version not in {"HTTP/1.0", "HTTP/1.1"} or set("#\t") & set(target) or not target:
        return "bad", True
    values: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or not set(name) <= TOKEN:
            return "bad", True
        if "_" not in name:
            values.setdefault(name.lower(), []).append(value.strip(" \t"))
    hosts = values.get("host", [])
    if len(hosts) > 1 or (not hosts and version == "HTTP/1.1") or not set("".join(hosts)) <= HOST:
        return "bad", True
    if not target.startswith("/") and not (target == "*" and method == "OPTIONS"):
        authority = target.lower().removeprefix("https://").removeprefix("http://")
        named = authority.partition("?")[0].partition("/")[0]
        if authority == target.lower() or not hosts or named != hosts[0].lower():
            return "bad", True
    framed = "content-length" in values or "transfer-encoding" in values
    options = {o.strip(" \t") for v in values.get("connection", []) for o in v.lower().split(",")}
    closes = "close" in options or (version == "HTTP/1.0" and "keep-alive" not in options)
    return ("framed" if framed else "good"), closes or framed


SPICE = [
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\x00", b" ", b"\t", b":", b"\xff", b"#", b"_", b",",
    b"\r\n ", b"Host: b\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n",
    b"HTTP/1.0", b"http://b/", b"a", b"\x7f", b"\r\r\n", b"Connection: close\r\n",
]  # fmt: skip
mutations = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 12), st.sampled_from([b"", *SPICE])), max_size=3
)


def check_mutated(
    running: Running, asked: list[Asked], changes: list[tuple[int, int, bytes]], places: list[int]
) -> None:
    data = bytearray(b"".join(each.raw for each in asked))
    for at, gone, added in changes:
        start = at % len(data) if data else 0
        data[start : start + gone] = added
    verdicts = list(judged(bytes(data)))
    heard = running.talk(*in_pieces(bytes(data), places))
    statuses = [int(part[2:5]) for part in heard.split(b"HTTP/1.")[1:]]
    refused = [status for status in statuses if status in {400, 414, 431, 501, 505}]
    # What is malformed is refused, last of all, and nothing else is.
    if "framed" not in verdicts and len(statuses) == len(verdicts):
        assert bool(refused) == (verdicts[-1:] == ["bad"]), (bytes(data), heard)
    assert refused == statuses[-1:] or not refused, (bytes(data), heard)
    # Never more answers than requests; fewer only where one ended the connection, or announced a
    # body that never comes.
    assert len(statuses) <= len(verdicts)
    if len(statuses) < len(verdicts) - verdicts.count("framed"):
        assert b"\r\nServer: WSGIServer" in heard or b"Connection: close" in heard


@ordinary
@given(
    asked=st.lists(requests, min_size=1, max_size=3),
    changes=mutations,
    places=cuts,
)
def test_what_is_malformed_is_refused_and_never_answered(
    running: Running, asked: list[Asked], changes: list[tuple[int, int, bytes]], places: list[int]
) -> None:
    check_mutated(running, asked, changes, places)


@pytest.mark.thorough
@long
@given(
    asked=st.lists(requests, min_size=1, max_size=4),
    changes=mutations,
    places=cuts,
)
def test_thousands_of_malformed_sequences_are_refused(
    running: Running, asked: list[Asked], changes: list[tuple[int, int, bytes]], places: list[int]
) -> None:
    check_mutated(running, asked, changes, places)


@ordinary
@given(data=st.binary(max_size=300), places=cuts)
def test_any_bytes_at_all_end_in_silence_or_a_refusal(
    running: Running, data: bytes, places: list[int]
) -> None:
    heard = running.talk(*in_pieces(data, places))
    assert heard == b"" or heard.startswith(b"HTTP/1.1 400 ")


def test_nothing_is_left_over_after_all_that(running: Running) -> None:
    check_sequence(running, [Asked("GET", "/feeds/gongan.rss", "1")], [])
    running.settled()
