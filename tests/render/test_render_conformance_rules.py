"""The checker finds no fault in good documents, and every one of its rules can be broken.

Each case breaks a hand-written good document in one place, by the words it replaces; a rule without a
case, or whose case it does not catch, fails here: a checker that cannot fail proves nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.render.conformance_atom import ATOM_BOOK
from tests.render.conformance_core import Book, Document
from tests.render.conformance_html import HTML
from tests.render.conformance_json import JSON_BOOK
from tests.render.conformance_opml import OPML
from tests.render.conformance_rss import RSS

GOOD = Path(__file__).resolve().parents[1] / "data" / "conformance"
BOOKS = {"rss": RSS, "atom": ATOM_BOOK, "json": JSON_BOOK, "opml": OPML}
AT = {
    "rss": "https://news.example/feeds/wuqiao/2019-08.rss",
    "atom": "https://news.example/feeds/wuqiao/2019-08.atom?since=3",
    "json": "https://news.example/feeds/wuqiao.json?before=3",
    "opml": "https://news.example/feeds.opml",
}
SECOND_GUID = "99b0-000000000002"
SHARED = [
    ("xml_is_well_formed", "<title>雾桥", "<title>\x01雾桥"),
    ("xml_is_well_formed", "</title>", "</titel>"),
    ("it_is_declared_as_utf_8", ' encoding="UTF-8"', ' encoding="utf-16"'),
    ("it_is_small_enough_to_be_read", "<title>", "<title>" + "雾" * 1_700_000),
    ("its_namespaces_are_known", "<title>", '<title xmlns:x="https://x.example/ns">'),
    ("its_words_are_undamaged", "<title>雾桥", "<title>雾\ufffd桥"),
    ("its_words_are_undamaged", "<title>雾桥", "<title>caf\u00c3\u00a9\n雾桥"),
    ("its_words_are_undamaged", "<title>雾桥", "<title>雾\u0095桥"),
]
RSS_CASES = [
    *SHARED,
    ("rss_is_version_2_with_one_channel", 'rss version="2.0"', 'rss version="2.1"'),
    ("channel_has_what_it_needs", "<description>雾桥法讯的公安新闻</description>", ""),
    ("channel_elements_are_known_and_stand_once", "<ttl>5</ttl>", "<ttl>5</ttl><TTL>5</TTL>"),
    ("channel_elements_are_known_and_stand_once", "<ttl>5</ttl>", "<ttl>5</ttl><ttl>5</ttl>"),
    ("items_stand_last", "</channel>", "<docs>https://x.example/</docs></channel>"),
    (
        "channel_link_is_the_page_for_people",
        "<link>https://news.example/feeds/wuqiao</link>",
        "<link>https://news.example/feeds/wuqiao.rss</link>",
    ),
    ("channel_texts_are_plain", "<description>雾桥", "<description>&lt;b&gt;雾桥&lt;/b&gt;"),
    ("channel_language_is_registered", "<language>zh-CN", "<language>chinese"),
    ("channel_language_is_registered", "<language>zh-CN", "<language>qq"),
    ("last_build_date_is_a_time", "18:00:00 +0800</last", "18:00:00 CST</last"),
    ("nothing_is_newer_than_the_last_build_date", "09 Aug 2019 18:00", "09 Aug 2019 16:59"),
    ("ttl_is_a_number_of_minutes", "<ttl>5", "<ttl>0"),
    ("people_with_an_address_have_an_e_mail_address", " (雾桥法讯)</webMaster>", "</webMaster>"),
    ("people_with_an_address_have_an_e_mail_address", "<dc:creator>", "<author>方一鸣</author><dc:creator>"),
    ("the_image_is_the_channels", "<width>144", "<width>145"),
    ("the_image_is_the_channels", "i.png</url><title>雾桥", "i.png</url><title>云岭"),
    ("links_are_those_of_an_rss_feed", 'rel="self" type="application/rss+xml"', 'rel="self"'),
    ("links_are_those_of_an_rss_feed", 'rel="prev-archive"', 'rel="older"'),
    ("links_are_those_of_an_rss_feed", 'rel="via"', 'rel="next"'),
    ("self_is_where_it_was_got", 'wuqiao/2019-08.rss"', 'wuqiao/2019-08.rss?part=1"'),
    ("history_is_told_as_agreed", 'rel="current"', 'rel="related"'),
    ("history_is_told_as_agreed", 'rel="prev-archive"', 'rel="up"'),
    ("history_is_told_as_agreed", "wuqiao/2019-07.rss", "wuqiao/2019-08.rss"),
    ("item_elements_are_known_and_stand_once", "<category>公安", "<categories>x</categories><category>公安"),
    ("item_elements_are_known_and_stand_once", "<enclosure ", '<enclosure url="https://x.example/" length="1" type="a/b"/><enclosure '),
    ("item_titles_are_plain", "<title>江湾", "<title>&lt;b&gt;江湾&lt;/b&gt;"),
    ("item_titles_are_plain", "<title>江湾", "<title>A&amp;amp;B江湾"),
    ("item_titles_are_plain", "<title>江湾集市设窗口</title>", "<title> </title>"),
    ("item_links_are_addresses", "<link>https://news.example/a/1", "<link>/a/1"),
    ("item_links_are_addresses", "<link>https://news.example/a/1", "<link>https://news.example/a[1]"),
    ("item_links_are_addresses", "<link>https://news.example/a/1", "<link>https://news.example/100%"),
    ("every_item_has_a_guid_of_its_own", SECOND_GUID, "99b0-000000000001"),
    ("every_item_has_a_guid_of_its_own", '<guid isPermaLink="false">', "<guid>"),
    ("publication_dates_are_times", "Thu, 08 Aug 2019 10:07:00", "Fri, 08 Aug 2019 10:07:00"),
    ("publication_dates_are_times", "10:07:00 +0800", "10:07:00 CST"),
    ("publication_dates_are_times", "Thu, 08 Aug 2019 10:07:00", "Thu, 01 Jan 1970 10:07:00"),
    ("publication_dates_are_times", "Fri, 09 Aug 2019 10:45:00 +0800", "2019-08-09T10:45:00+08:00"),
    ("updates_are_times", "2019-08-08T10:07:00+08:00", "2019-08-08 10:07:00"),
    ("nothing_is_updated_before_it_is_published", "2019-08-08T10:07:00", "2019-08-08T10:06:59"),
    ("items_stand_newest_first", "Thu, 08 Aug 2019 10:07", "Fri, 09 Aug 2019 10:46"),
    ("a_description_stands_before_the_content", "<description>三处集市设点。</description>", ""),
    ("html_of_items_is_fit_for_readers", "https://news.example/media/1.jpg\" alt", "/media/1.jpg\" alt"),
    ("enclosures_have_address_length_and_type", ' length="12"', ""),
    ("enclosures_have_address_length_and_type", ' length="12"', ' length="-1"'),
    ("enclosures_have_address_length_and_type", ' type="audio/mpeg"', ' type="mp3"'),
    ("sources_have_address_and_name", '<source url="https://partner.example/rss.xml">', "<source>"),
    ("categories_have_words", "<category>公安", "<category>"),
    ("no_two_elements_say_one_thing", "<dc:creator>", "<dc:source>雾桥警务网</dc:source><dc:creator>"),
    ("dublin_core_says_something", "<dc:creator>方一鸣", "<dc:creator>"),
    ("dublin_core_says_something", "<dc:language>en", "<dc:language>english"),
    ("media_are_described_in_numbers", 'width="640"', 'width="0"'),
]  # fmt: skip
ATOM_CASES = [
    *SHARED,
    ("it_is_an_atom_feed", 'xmlns="http://www.w3.org/2005/Atom"', 'xmlns="http://purl.org/atom/ns#"'),
    ("id_title_and_updated_stand_everywhere", "<title>雾桥派出所沿河巡查</title>", ""),
    ("id_title_and_updated_stand_everywhere", "<source><id>https://partner.example/rss.xml</id>", "<source>"),
    ("elements_are_known_and_stand_once", "<icon>", "<Icon>x</Icon><icon>"),
    ("elements_are_known_and_stand_once", '<summary type="text">本', "<summary>a</summary><summary>本"),
    ("the_feed_is_described_before_its_entries", "</feed>", "<rights>所有</rights></feed>"),
    ("ids_are_unique_and_in_normal_form", SECOND_GUID, "99b0-000000000001"),
    ("ids_are_unique_and_in_normal_form", "<id>urn:uuid:1b671a64", "<id>urn:uuid:1B671A64"),
    ("ids_are_unique_and_in_normal_form", "<id>https://partner.example/rss.xml", "<id>https://Partner.example"),
    ("ids_are_unique_and_in_normal_form", "<id>https://partner.example/rss.xml", "<id>https://partner.example/%e4"),
    ("dates_are_times", "<published>2019-08-08T10:07:00+08:00", "<published>2019-08-08T10:07:00"),
    ("dates_are_times", "<published>2019-08-08T10:07:00", "<published>1970-01-01T00:00:00"),
    ("dates_are_times", "<updated>2019-08-09T18:00:00", "<updated>2999-08-09T18:00:00"),
    ("no_entry_is_newer_than_the_feed", "2019-08-09T18:00:00", "2019-08-09T16:59:59"),
    ("no_two_entries_are_updated_at_once", "<updated>2019-08-08T10:07:00", "<updated>2019-08-09T17:00:00"),
    ("nothing_is_updated_before_it_is_published", "<updated>2019-08-08T10:07", "<updated>2019-08-08T10:06"),
    ("every_entry_has_an_author", "<author><name>雾桥法讯</name><uri>https://news.example/</uri></author>\n", "\x00"),
    ("no_repost_is_claimed_as_ours", "<author><name>雾桥日报</name></author>", ""),
    ("people_have_plain_names", "<name>方一鸣", "<name>&lt;b&gt;方一鸣&lt;/b&gt;"),
    ("people_have_plain_names", "<uri>https://news.example/", "<uri>news.example"),
    ("feed_links_are_whole", 'rel="self" type="application/atom+xml"', 'rel="self" type="text/xml"'),
    ("feed_links_are_whole", '<link rel="alternate" type="text/html" href="https://news.example/feeds/wuqiao"/>', ""),
    ("feed_links_are_whole", 'rel="prev-archive"', 'rel="older"'),
    ("entry_links_are_whole", '<link rel="via" href', '<link href'),
    ("entry_links_are_whole", '<link rel="via" href', '<link rel="alternate" type="text/html" href'),
    ("entry_links_are_whole", 'length="12"', 'length="many"'),
    ("self_is_where_it_was_got", "2019-08.atom?since=3", "2019-08.atom"),
    ("history_is_told_as_agreed", 'rel="current"', 'rel="related"'),
    ("history_is_told_as_agreed", 'rel="prev-archive"', 'rel="up"'),
    ("texts_are_of_a_known_type", '<summary type="text">本', '<summary type="CDATA">本'),
    ("texts_are_of_a_known_type", "<title>【撤稿】", "<title>&lt;b&gt;【撤稿】&lt;/b&gt;"),
    ("content_is_html_fit_for_readers", '<content type="html">', '<content type="CDATA">'),
    ("content_is_html_fit_for_readers", 'src="https://news.example/media/1.jpg"', 'src="/media/1.jpg"'),
    ("every_entry_has_a_summary", '<summary type="text">本文已撤回。</summary>', ""),
    ("sources_name_their_feed", '<link rel="self" href="https://partner.example/rss.xml"/>', ""),
    ("categories_have_terms", 'term="gongan" ', ""),
    ("pictures_and_generator_have_addresses", "<icon>https://news.example", "<icon>"),
    ("languages_are_registered", 'xml:lang="zh-CN"', 'xml:lang="chinese"'),
    ("languages_are_registered", 'xml:lang="en"', 'xml:lang="qq"'),
    ("no_base_is_set", 'xml:lang="en"', 'xml:lang="en" xml:base="https://x.example/"'),
    ("a_tombstone_is_older_than_the_notice_beside_it", 'when="2019-08-08T10:06:59', 'when="2019-08-08T10:07:00'),
]  # fmt: skip
JSON_CASES = [
    ("json_is_well_formed", '"title":"雾桥法讯",', '"title":"雾桥法讯","title":"雾桥法讯",'),
    ("json_is_well_formed", '"size_in_bytes":12', '"size_in_bytes":NaN'),
    ("the_feed_has_what_it_needs", "version/1.1", "version/1"),
    ("the_feeds_addresses_are_whole", '"https://news.example/feeds/wuqiao"', '"/feeds/wuqiao"'),
    ("feed_url_is_where_it_was_got", "wuqiao.json?before=3", "wuqiao.json"),
    ("next_url_leads_on", "?before=1", "?before=3"),
    ("expired_is_a_truth_value", '"expired":false', '"expired":"no"'),
    ("keys_are_known_or_an_extensions", '"tags"', '"keywords"'),
    ("keys_are_known_or_an_extensions", '"_feedsvc"', '"_feed.svc"'),
    ("extensions_say_what_they_are", '"about":"https:', '"over":"https:'),
    ("ids_are_strings_and_unique", SECOND_GUID, "99b0-000000000001"),
    ("ids_are_strings_and_unique", '"urn:uuid:1b671a64-40d5-491e-99b0-000000000001"', "1"),
    ("every_item_has_a_content", '"content_text":"三处集市设点。",', ""),
    ("html_of_items_is_fit_for_readers", "<p>昨夜", "<p onclick='x()'>昨夜"),
    ("the_items_addresses_are_whole", '"url":"https://news.example/a/1"', '"url":"javascript:alert(1)"'),
    ("titles_and_summaries_have_words", '"title":"江湾集市设窗口"', '"title":" "'),
    ("dates_are_times", '"2019-08-08T10:07:00+08:00","date_modified"', '"2019-08-08","date_modified"'),
    ("nothing_is_modified_before_it_is_published", 'modified":"2019-08-08T10:07', 'modified":"2019-08-08T10:06'),
    ("items_stand_newest_first", '"date_published":"2019-08-08', '"date_published":"2019-08-10'),
    ("authors_are_somebody", '[{"name":"方一鸣"}]', "[{}]"),
    ("authors_are_somebody", '[{"name":"方一鸣"}]', '["方一鸣"]'),
    ("tags_are_words", '["公安"]', '[""]'),
    ("languages_are_registered", '"language":"en"', '"language":"english"'),
    ("attachments_have_address_and_type", '"mime_type":"audio/mpeg",', ""),
    ("its_words_are_undamaged", "三处集市设点。\"," , "三处\\ud800集市。\","),
    ("its_words_are_undamaged", "\"title\":\"江湾", "\"title\":\"江\ufffd湾"),
    ("nothing_is_null", '"summary":"三处集市设点。"', '"summary":null'),
]  # fmt: skip
OPML_CASES = [
    *SHARED,
    ("it_is_opml_2_with_head_and_body", 'version="2.0"', 'version="3.0"'),
    ("the_head_is_known", "<ownerName>", "<owner>x</owner><ownerName>"),
    ("its_dates_are_times", "18:00:00 +0800", "18:00:00 CST"),
    ("the_body_has_an_outline", "outline", "line"),
    ("outlines_have_known_attributes_only", 'language="zh-CN"', 'lang="zh-CN"'),
    ("outlines_have_a_text", 'text="公安" ', ""),
    ("outlines_have_a_text", 'text="公安" ', 'text="&lt;b>公安&lt;/b>" '),
    ("outlines_have_a_text", 'text="公安" ', 'text="公安&amp;lt;" '),
    ("subscriptions_have_address_and_title", ' xmlUrl="https://news.example/feeds/gongan.rss"', ""),
    ("subscriptions_have_address_and_title", 'type="rss" text="交通"', 'text="交通"'),
    ("subscriptions_have_address_and_title", ' title="公安"', ""),
    ("versions_are_known", 'version="RSS2"', 'version="RSS3"'),
    ("languages_are_registered", 'language="zh-CN"', 'language="chinese"'),
    ("no_feed_stands_twice", "jiaotong.rss", "gongan.rss"),
]
CASES = {"rss": RSS_CASES, "atom": ATOM_CASES, "json": JSON_CASES, "opml": OPML_CASES}
HTML_CASES = [
    ("html_is_well_formed", "<p>雾桥<p><b>河</p>"),
    ("html_is_well_formed", "<p>雾桥 &nosuch; 河</p>"),
    ("html_is_well_formed", "<td>雾桥</td>"),
    ("html_has_only_harmless_elements", "<iframe src='https://x.example/'></iframe>"),
    ("html_has_only_harmless_elements", "<p>a</p><script>alert(1)</script>"),
    ("html_has_only_harmless_attributes", '<p style="color:red">a</p>'),
    ("html_has_only_harmless_attributes", '<img src="https://x.example/a" onerror="a()">'),
    ("html_runs_nothing_by_a_link", '<a href="javascript:alert(1)">a</a>'),
    ("html_runs_nothing_by_a_link", '<a href=" java&#10;script:alert(1)">a</a>'),
    ("html_runs_nothing_by_a_link", '<img src="data:image/svg+xml,x" alt="">'),
    ("html_addresses_are_absolute", '<img src="a.png" alt="">'),
    ("html_addresses_are_absolute", '<a href="#note">a</a>'),
    ("html_addresses_are_absolute", '<img src="https://x.example/a" srcset="b.png 2x" alt="">'),
]
GOOD_HTML = (
    '<p>雾桥 &amp; 河 <a href="https://x.example/">a</a></p><ul><li>b</li></ul>'
    '<img src="https://x.example/a.png" width="1" height="1" alt="">'
)


def good(fmt: str) -> str:
    return (GOOD / f"good.{fmt}").read_text()


@pytest.mark.parametrize("fmt", BOOKS)
def test_a_good_document_breaks_no_rule(fmt: str) -> None:
    assert BOOKS[fmt].faults(Document(good(fmt).encode(), AT[fmt])) == []


def test_good_html_breaks_no_rule() -> None:
    assert HTML.faults(GOOD_HTML) == []


@pytest.mark.parametrize(
    ("fmt", "rule", "old", "new"),
    [(fmt, *case) for fmt, cases in CASES.items() for case in cases],
)
def test_every_rule_catches_a_document_that_breaks_it(
    fmt: str, rule: str, old: str, new: str
) -> None:
    text = good(fmt)
    assert old in text, "the case breaks nothing"
    [look] = [each.look for each in BOOKS[fmt].rules if each.name == rule]
    body = (
        text.replace(old, new, 1) if rule != "the_body_has_an_outline" else text.replace(old, new)
    )
    if rule == "every_entry_has_an_author":
        body = body.replace("\x00", "").replace("<author><name>方一鸣</name></author>", "")
    assert list(look(Document(body.encode("utf-8", "surrogatepass"), AT[fmt])))


@pytest.mark.parametrize(("rule", "markup"), HTML_CASES)
def test_every_rule_of_html_catches_markup_that_breaks_it(rule: str, markup: str) -> None:
    assert rule in HTML.broken(markup)


@pytest.mark.parametrize("fmt", [*BOOKS, "html"])
def test_no_rule_is_without_a_case(fmt: str) -> None:
    rules = {each.name for each in (HTML if fmt == "html" else BOOKS[fmt]).rules}
    cases = {case[0] for case in (HTML_CASES if fmt == "html" else CASES[fmt])}
    missing = rules - cases - ORDER_IN_THE_WINDOW
    assert missing == set()
    assert cases <= rules


# Not asked of what has changed since a cursor, which is what the good Atom document is.
ORDER_IN_THE_WINDOW = {"entries_stand_newest_first"}


def test_entries_in_a_wrong_order_are_caught() -> None:
    turned = good("atom").replace("2019-08-08T10:07", "2019-08-09T11:07")
    assert "entries_stand_newest_first" in ATOM_BOOK.broken(Document(turned.encode()))
    assert "entries_stand_newest_first" not in ATOM_BOOK.broken(Document(good("atom").encode()))


def test_a_rule_is_entered_once() -> None:
    for book in (*BOOKS.values(), HTML):
        assert isinstance(book, Book)
        names = [each.name for each in book.rules]
        assert len(names) == len(set(names))
        assert all(each.source for each in book.rules)
