"""Hostile and broken feeds: refused by shape, capped, or saved item by item; never half an item."""

import contextlib
import json
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.errors import EmptyFeed, NotAFeed, ParseError, TooComplex
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.pool import ParserPool, PoolOptions

SEEN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def parse(document: str | bytes, content_type: str | None = None) -> ParsedFeed:
    body = document if isinstance(document, bytes) else document.encode("utf-8", "surrogatepass")
    return parse_feed(
        ParseJob(
            kind="feed",
            body=body,
            url="http://p.example/feed",
            seen_at=SEEN,
            content_type=content_type,
        )
    )


def rss(items: str) -> str:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>源</title>{items}</channel></rss>'
    )


def item(number: int, extra: str = "") -> str:
    return (
        f"<item><title>第{number}条</title><link>http://p.example/{number}</link>"
        f'<guid isPermaLink="false">{number}</guid><pubDate>2019-08-09 10:45</pubDate>{extra}</item>'
    )


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{0}">]><rss><channel>'
    + item(1, "<x>&a;</x>")
    + "</channel></rss>"
)


@pytest.mark.parametrize("value", ["哈", "&a;&a;", 'x" ><!ENTITY % b SYSTEM "http://x.example/'])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "gb18030"])
def test_declared_entities_are_refused_in_every_encoding(value: str, codec: str) -> None:
    with pytest.raises(TooComplex):
        parse(ENTITIES.format(value).encode(codec))


def test_an_external_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "canary"
    secret.write_text("CANARY")
    doctype = f'<!DOCTYPE rss [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    document = doctype + rss(item(1, "<x>&a;</x>")).partition("?>")[2]
    with pytest.raises(TooComplex):
        parse(document)


@pytest.mark.parametrize(
    "extra",
    [
        "<x>" * 80 + "</x>" * 80,
        "<x>" * 400 + "</x>" * 400,
        "<x " + " ".join(f'a{n}="1"' for n in range(300)) + "/>",
    ],
)
def test_deep_and_wide_xml_is_refused(extra: str) -> None:
    with pytest.raises(TooComplex):
        parse(rss(item(1, extra)))


def test_only_the_newest_two_thousand_items_stay_in_their_order() -> None:
    items = [
        f"<item><title>{n}</title><guid>g{n}</guid><pubDate>{1_500_000_000 + (n * 37) % 2500 * 60}</pubDate></item>"
        for n in range(2500)
    ]
    feed = parse(rss("".join(items)))
    assert len(feed.items) == 2000
    assert [repair.kind for repair in feed.repairs] == ["items_capped"]
    newest = sorted(range(2500), key=lambda n: -((n * 37) % 2500))[:2000]
    assert [each.guid for each in feed.items] == [f"g{n}" for n in sorted(newest)]


def test_a_withdrawal_is_never_capped_away() -> None:
    entries = "".join(
        f"<entry><id>{n}</id><title>t</title><updated>2019-08-09T00:00:00Z</updated></entry>"
        for n in range(2100)
    )
    deleted = '<at:deleted-entry ref="gone" when="2001-01-01T00:00:00Z"/>'
    feed = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        f"<title>x</title>{entries}{deleted}</feed>"
    )
    assert len(feed.items) == 2000
    assert feed.items[-1].guid == "gone"


def test_long_fields_are_capped_and_noted() -> None:
    feed = parse(
        rss(
            f"<item><title>{'题' * 400}</title><guid>{'g' * 3000}</guid><link>http://p.example/{'a' * 3000}</link></item>"
        )
    )
    (only,) = feed.items
    assert len(only.title) == 300
    assert (only.guid, only.link) == (None, None)
    assert {"title_cut", "guid_too_long", "bad_link"} <= {repair.kind for repair in only.repairs}


def test_a_big_body_is_cut_at_an_element_and_noted() -> None:
    body = "<p>" + "字" * 1000 + "</p>"
    feed = parse(rss(item(1, f"<description><![CDATA[{body * 300}]]></description>")))
    assert [repair.kind for repair in feed.items[0].repairs] == ["content_cut"]
    assert feed.items[0].summary_html == body * feed.items[0].summary_html.count("<p>")
    assert 100 < feed.items[0].summary_html.count("<p>") < 300


def test_pictures_written_into_a_big_body_go_before_its_words_do() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 600_000}">'
    feed = parse(
        rss(item(1, f"<description><![CDATA[<p>前</p>{picture}<p>后</p>]]></description>"))
    )
    assert feed.items[0].summary_html == "<p>前</p><p>后</p>"
    assert [repair.kind for repair in feed.items[0].repairs] == ["inline_data_dropped"]


def test_a_body_too_deep_loses_its_markup_not_its_words() -> None:
    feed = parse(
        rss(item(1, f"<description><![CDATA[{'<div>' * 400}深处]]></description>") + item(2))
    )
    assert feed.items[0].summary_html == "<p>深处</p>"
    assert [repair.kind for repair in feed.items[0].repairs] == ["markup_dropped"]
    assert feed.items[1].repairs == ()


WHOLE = rss(
    "".join(
        item(n, f"<description>&lt;p&gt;正文{n}结束&lt;/p&gt;</description>") for n in range(1, 5)
    )
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE.encode())))
def test_a_document_cut_anywhere_gives_whole_items_only(length: int) -> None:
    whole = parse(WHOLE).items
    try:
        cut = parse(WHOLE.encode()[:length])
    except ParseError:
        return
    assert cut.items == whole[: len(cut.items)]
    assert len(cut.items) == WHOLE.encode()[:length].count(b"</item>")
    begun = WHOLE.encode()[:length].count(b"<item>")
    assert len(cut.rejections) == begun - len(cut.items)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.sampled_from(
    ["<", ">", "&", "]]>", "<![CDATA[", "</item>", "<item>", "\x00", "&nbsp;", "&#xD800;", "&bad;", "<!--", "\ufffe", "xml:base='x'", "</rss>", '"', "<b>"]
)), max_size=6))  # fmt: skip
def test_a_mangled_document_ends_as_items_or_as_a_typed_error(edits: list[tuple[int, str]]) -> None:
    text = WHOLE
    for at, insert in edits:
        text = text[:at] + insert + text[at:]
    try:
        feed = parse(text)
    except ParseError:
        return
    for each in feed.items:
        assert each.title.isprintable()


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=120),
    st.sampled_from([b"", b"<rss>", b"<feed><entry>", b"{", b'{"items":[', b"\xff\xfe<\x00"]),
)
def test_any_bytes_end_as_items_or_as_a_typed_error(tail: bytes, head: bytes) -> None:
    with contextlib.suppress(ParseError):
        parse(head + tail)


@settings(max_examples=150, deadline=None)
@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from(["http://x.example/a", "2019-08-09"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(
        st.sampled_from(["id", "url", "title", "authors", "name", "tags", "attachments", "_feedsvc", "status", "at", "dateline", "place", "content_html", "date_published", "size_in_bytes", "image"]),
        inner, max_size=5)),
    max_leaves=12,
))  # fmt: skip
def test_json_of_any_shape_ends_as_items_or_as_a_typed_error(entry: object) -> None:
    with contextlib.suppress(ParseError):
        parse(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]}))


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("", "the document is empty"),
        ("服务器维护中", "it is plain text, not a feed: “服务器维护中”"),
        ("<!-- x --><HTML><p>x", "it is an HTML page, not a feed"),
        ("<div>x<br></p>", "it is an HTML page, not a feed"),
        ("<note><to>x</to></note>", "it is an XML document <note>, not a feed"),
        ("[1, 2]", "it is a JSON document, but not a JSON Feed"),
    ],
)
def test_what_is_no_feed_is_named(document: str, sentence: str) -> None:
    with pytest.raises(NotAFeed) as raised:
        parse(document)
    assert raised.value.cause == sentence


@pytest.mark.parametrize(
    "document",
    [
        rss(""),
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>',
        '{"version":"https://jsonfeed.org/version/1.1","items":[]}',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    ],
)
def test_a_feed_without_items_says_so(document: str) -> None:
    with pytest.raises(EmptyFeed):
        parse(document)


@pytest.mark.parametrize(
    "document",
    [
        rss("<item>" * 20_000),
        rss("<item><![CDATA[" * 10_000),
        rss(item(1)).replace("源", "&" * 300_000),
        "<rss>" + "<![CDATA[" * 50_000,
        "<rss" + " xmlns:a='b'" * 20_000 + ">",
        rss("<item><title>" + "&a" * 200_000),
        '{"items":[' + "[" * 100_000,
        "[" * 100_000,
        rss("".join(f"<item><guid>{n}</guid></item>" for n in range(20_000))),
    ],
    ids=range(9),
)
def test_hostile_repetition_ends_soon(document: str) -> None:
    started = time.process_time()
    with contextlib.suppress(ParseError):
        parse(document)
    assert time.process_time() - started < 4


BOMB = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))
SHAPES: dict[str, tuple[bytes, str]] = {
    "entities in entities": (
        f'<!DOCTYPE rss [<!ENTITY b0 "哈">{BOMB}]><rss><channel>{item(1, "&b9;")}</channel></rss>'.encode(),
        "too_complex",
    ),
    "entities in an attribute": (
        f'<!DOCTYPE rss [<!ENTITY b0 "哈">{BOMB}]><rss a="&b9;"/>'.encode(),
        "too_complex",
    ),
    "200,000 attributes": (
        rss(item(1, "<x " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>")).encode(),
        "too_complex",
    ),
    "200,000 namespaces": (
        rss(item(1, "<x " + " ".join(f'xmlns:a{n}="u"' for n in range(200_000)) + "/>")).encode(),
        "",
    ),
    "20,000 deep": (rss(item(1, "<x>" * 20_000 + "</x>" * 20_000)).encode(), "too_complex"),
    "20,000 deep, never closed": (rss(item(1, "<x>" * 20_000)).encode(), "too_complex"),
    "1,200,000 items": (rss("<item/>" * 1_200_000).encode(), "too_complex"),
    "100,000 items": (rss("<item><guid>1</guid></item>" * 100_000).encode(), ""),
    "100,000 addresses": (
        f"<urlset>{'<url><loc>http://p.example/1</loc></url>' * 100_000}</urlset>".encode(),
        "",
    ),
    "300,000 references": (rss(item(1, "&#20320;" * 300_000)).encode(), ""),
    "a title of 5 MB": (rss(f"<item><title>{'题' * 1_700_000}</title></item>").encode(), ""),
    "a body of 5 MB of open tags": (
        rss(item(1, f"<description><![CDATA[{'<b>' * 1_600_000}]]></description>")).encode(),
        "",
    ),
    "1,000,000 JSON objects": (b'{"items":[' + b"{}," * 1_000_000 + b"{}]}", "too_complex"),
    "JSON 100,000 deep": (b'{"items":' + b"[" * 100_000, "too_complex"),
    "a JSON number of 100,000 digits": (b'{"items":[' + b"9" * 100_000 + b"]}", "broken_document"),
    "100,000 JSON lines": (b'{"uri":"1","headline":"x"}\n' * 100_000, ""),
    "2 GB in a gzip file": (zlib.compress(b"<" * 30_000_000, wbits=31), "too_complex"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_hostile_shape_ends_soon_and_as_it_should(shape: str) -> None:
    body, kind = SHAPES[shape]
    started = time.process_time()
    try:
        read = parse(body)
        assert len(read.items) <= 2_000
        ended = ""
    except ParseError as error:
        ended = error.kind
    assert ended == kind
    assert time.process_time() - started < 2.5


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(PoolOptions(workers=1)) as running:
        yield running


@pytest.mark.parametrize(
    "body",
    [
        rss("<item><guid>1</guid></item>" * 240_000).encode(),
        rss("<item/>" * 490_000).encode(),
        b"[" + b'{"uri":"1","headline":"x"},' * 240_000 + b"1]",
        rss(item(1, f"<description>{'字' * 3_000_000}</description>")).encode(),
    ],
    ids=["items", "empty items", "objects", "one text"],
)
def test_what_is_just_not_refused_fits_into_a_worker(pool: ParserPool, body: bytes) -> None:
    job = ParseJob(kind="feed", body=body, url="http://p.example/feed", seen_at=SEEN)
    parsed = pool.parse(job)
    assert isinstance(parsed, ParsedFeed)
    assert 0 < len(parsed.items) <= 2_000
