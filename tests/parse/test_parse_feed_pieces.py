"""Cutting files: every record is in exactly one piece, and every piece is a document of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.errors import BrokenDocument, NotAFeed
from feedsvc.parse.feeds import pieces
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.feeds.pieces import Piece, cut
from tests.ingest.import_files import json_feed, post, rss_file, wxr

SEEN = datetime(2026, 8, 8, 4, 0, tzinfo=UTC)
ATOM = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
    "<title>江湾</title>{entries}</feed>"
)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    '<channel rdf:about="https://a.example/"><title>江湾</title><items><rdf:Seq/></items></channel>'
    "{entries}</rdf:RDF>"
)


def pieces_of(text: str | bytes, start: int = 0) -> list[Piece]:
    return list(cut(BytesIO(text.encode() if isinstance(text, str) else text), start))


def titles(piece: Piece) -> list[str]:
    job = ParseJob(kind="feed", body=piece.document, url="https://a.example/", seen_at=SEEN)
    parsed = parse_feed(job)
    assert isinstance(parsed, ParsedFeed)
    return [item.title for item in parsed.items]


def test_a_long_feed_becomes_documents_of_500() -> None:
    found = pieces_of(rss_file(1203))
    assert [len(piece.records) for piece in found] == [500, 500, 203]
    read = [title for piece in found for title in titles(piece)]
    assert read == [f"云岭夜间窗口第{number}天" for number in range(1203, 0, -1)]
    assert found[-1].end == len(rss_file(1203).encode())


@pytest.mark.parametrize("whole", [rss_file(40), json_feed(range(40)), wxr(*map(post, range(40)))])
@given(data=st.data())
def test_reading_on_from_any_piece_reads_the_rest(whole: str, data: st.DataObject) -> None:
    most = pieces.MOST_RECORDS
    pieces.MOST_RECORDS = data.draw(st.integers(1, 45))
    try:
        found = pieces_of(whole)
        at = data.draw(st.integers(0, len(found) - 1))
        rest = pieces_of(whole, found[at].end)
    finally:
        pieces.MOST_RECORDS = most
    assert [piece.records for piece in rest] == [piece.records for piece in found[at + 1 :]]
    assert sum(len(piece.records) for piece in found) == 40


@given(
    texts=st.lists(
        st.lists(
            st.one_of(
                st.text(st.characters(exclude_categories=["C"]), max_size=9),
                st.sampled_from(["<item>", "</item>", "<entry>", "<!-- ", "-->", "<item "]),
            ),
            max_size=6,
        ).map("".join),
        min_size=1,
        max_size=8,
    ),
    block=st.integers(1, 400),
)
def test_what_merely_looks_like_a_record_is_none_wherever_blocks_end(
    texts: list[str], block: int
) -> None:
    safe = [text.replace("]]>", "") for text in texts]
    entries = "".join(
        f"<item><title>第{number}条</title><description><![CDATA[{text}<item><entry>]]></description>"
        "<!-- <item> --></item>"
        for number, text in enumerate(safe)
    )
    usual = pieces._BLOCK
    pieces._BLOCK = block
    try:
        [piece] = pieces_of(
            f"<rss version='2.0'><channel><title>x</title>{entries}</channel></rss>"
        )
    finally:
        pieces._BLOCK = usual
    assert len(piece.records) == len(safe)
    assert etree.fromstring(piece.document).findtext("channel/title") == "x"


@pytest.mark.parametrize(
    ("around", "record"),
    [
        (ATOM, "<entry><id>tag:{n}</id><title>江湾{n}</title><updated>2026-08-08T02:00:00Z</updated>"
               "<source><id>x</id><title>别处</title></source></entry>"),
        (RDF, '<item rdf:about="https://a.example/{n}"><title>江湾{n}</title></item>'),
    ],
)  # fmt: skip
def test_pieces_are_closed_as_their_document_is(
    around: str, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_RECORDS", 2)
    entries = "".join(record.replace("{n}", str(number)) for number in range(5))
    found = pieces_of(around.replace("{entries}", entries))
    assert [len(piece.records) for piece in found] == [2, 2, 1]
    for piece in found:
        etree.fromstring(piece.document)
    assert [title for piece in found for title in titles(piece)] == [f"江湾{n}" for n in range(5)]


@pytest.mark.parametrize("charset", ["gb18030", "utf-16"])
def test_charsets_of_old_exports(charset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_RECORDS", 2)
    text = rss_file(5).replace('encoding="utf-8"', f'encoding="{charset}"')
    found = pieces_of(text.encode(charset))
    assert [title for piece in found for title in titles(piece)] == [
        f"云岭夜间窗口第{number}天" for number in range(5, 0, -1)
    ]


def test_lines_of_json_are_cut_at_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_RECORDS", 2)
    lines = "".join(json.dumps({"uri": f"tag:{number}"}) + "\r\n\n" for number in range(5))
    found = pieces_of("\ufeff" + lines)
    read = [
        json.loads(line)
        for piece in found
        for line in piece.document.decode("utf-8-sig").splitlines()
    ]
    assert read == [{"uri": f"tag:{number}"} for number in range(5)]
    [last] = pieces_of("\ufeff" + lines, found[1].end)
    assert last.records == found[2].records


def test_a_list_of_objects_is_read_as_lines() -> None:
    [piece] = pieces_of(json.dumps([{"uri": "a"}, {"uri": "b"}], indent=2))
    assert piece.document.decode().splitlines() == ['{"uri": "a"}', '{"uri": "b"}']


def test_a_json_feed_keeps_its_head_in_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_RECORDS", 2)
    found = pieces_of(json_feed(range(3)))
    assert [json.loads(piece.document)["title"] for piece in found] == ["云岭", "云岭"]
    assert [title for piece in found for title in titles(piece)] == [
        f"云岭夜间窗口第{number}天" for number in range(3)
    ]


def test_a_large_record_does_not_hold_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_BYTES", 3000)
    found = pieces_of(wxr(post(1), post(2, body="长" * 2000), post(3)))
    assert [len(piece.records) for piece in found] == [1, 1, 1]


def test_a_file_that_is_cut_off_names_its_last_record() -> None:
    whole = wxr(post(1), post(2))
    [piece] = pieces_of(whole[: whole.rindex("第2篇")])
    job = ParseJob(kind="feed", body=piece.document, url="https://a.example/", seen_at=SEEN)
    parsed = parse_feed(job)
    assert [item.title for item in parsed.items] == ["望川渡口通航第1天"]
    assert len(parsed.rejections) == 1


def test_halves_hold_every_record_once() -> None:
    [piece] = pieces_of(rss_file(5))
    first, second = piece.halves()
    assert (*first.records, *second.records) == piece.records
    assert titles(first) + titles(second) == titles(piece)


@pytest.mark.parametrize("other", ["just words", "", "\x89PNG"])
def test_other_files_are_refused(other: str) -> None:
    with pytest.raises(NotAFeed):
        pieces_of(other)


def test_torn_json_is_refused() -> None:
    with pytest.raises(BrokenDocument):
        pieces_of('{"version": "https://jsonfeed.org/version/1.1", "items": [')


def test_a_document_without_records_is_handed_on_for_the_parser_to_judge() -> None:
    [piece] = pieces_of("<html><body>一页</body></html>")
    assert piece.document == "<html><body>一页</body></html>".encode()
