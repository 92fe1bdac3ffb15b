"""What a feed shows no longer is read where nothing of its older half is known, and no further."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from feedsvc.domain.source import Claim, Source, Trail, Validators
from feedsvc.sources import past
from feedsvc.sources.collect import collect
from feedsvc.sources.reach import Collected
from tests.partner import Answer, Partner, Story, partner_site, rss
from tests.sources.reaching import SEEN_AT, LoopbackReach, loopback_reach

OURS = (("Content-Type", "application/feed+json"),)
OLD, NEW = '"40-0123456789ab-gz"', '"90-ba9876543210-gz"'


@dataclass
class Feed:
    """A partner's feed, and a source that polls it."""

    partner: Partner
    reach: LoopbackReach
    claim: Claim = field(init=False)

    def __post_init__(self) -> None:
        source = Source(
            slug="partner", url=f"{self.partner.url}/feed", category="gongan", kind="feed", id=1
        )
        self.claim = Claim(source=source, lease=1, expires_at=SEEN_AT)

    def publish(self, path: str, numbers: Sequence[int], **links: str) -> None:
        """Answer with these stories and links to other documents."""
        head = "".join(
            f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="{rel.replace("_", "-")}" href="{url}"/>'
            for rel, url in links.items()
        )
        stories = [Story(number) for number in numbers]
        self.partner.publish(path, rss(stories).replace("<item>", f"{head}<item>", 1))

    def publish_ours(self, path: str, numbers: Sequence[int], next_url: str = "") -> None:
        """Answer as this software does: JSON that carries its cursor."""
        document = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "云岭警务网",
            "feed_url": f"{self.partner.url}{path}",
            **({"next_url": self.partner.url + next_url} if next_url else {}),
            "_feedsvc": {"cursor": 90},
            "items": [
                {
                    "id": Story(number).guid,
                    "url": link(number),
                    "title": Story(number).headline,
                    "content_text": f"第{number}篇",
                }
                for number in numbers
            ],
        }
        headers = (*OURS, ("ETag", NEW)) if path == "/feed" else OURS
        self.partner.pages[path] = Answer(json.dumps(document).encode(), headers=headers)

    def knows(self, *numbers: int) -> None:
        self.reach.known |= {link(number) for number in numbers}

    def poll(self, etag: str | None = None, trails: Sequence[Trail] = ()) -> Collected:
        validators = Validators(etag=etag)
        claim = replace(self.claim, validators=validators, trails=tuple(trails))
        return collect(claim, self.reach, seen_at=SEEN_AT)


def link(number: int) -> str:
    return f"https://partner.example/n/{number}.html"


def numbers(found: Collected) -> list[int]:
    said = sorted(int((item.guid or "").removeprefix("story-")) for item in found.items)
    assert len(said) == len(set(said)), "doubled"
    return said


@pytest.fixture
def feed() -> Iterator[Feed]:
    with partner_site() as partner, loopback_reach() as reach:
        yield Feed(partner, reach)


@pytest.mark.parametrize("rel", ["prev_archive", "next"])
def test_the_first_poll_reads_back_to_the_first_article(feed: Feed, rel: str) -> None:
    feed.publish("/feed", range(20, 30), **{rel: "/b"})
    feed.publish("/b", range(8, 22), **{rel: "/c"})
    feed.publish("/c", range(8), **{rel: "/c"})
    found = feed.poll()
    assert numbers(found) == list(range(30))
    assert found.trails == ()


def test_after_an_absence_it_reads_back_to_what_is_known_and_no_further(feed: Feed) -> None:
    feed.publish("/feed", range(20, 30), prev_archive="/b")
    feed.publish("/b", range(10, 20), prev_archive="/c")
    feed.publish("/c", range(10), prev_archive="/d")
    feed.knows(*range(12))
    assert numbers(feed.poll()) == list(range(10, 30))
    assert feed.partner.count("/c") == 0


def test_a_window_that_meets_what_is_known_costs_nothing_more(feed: Feed) -> None:
    feed.publish("/feed", range(20, 30), prev_archive="/b")
    feed.knows(20, 21)
    assert numbers(feed.poll()) == list(range(20, 30))
    assert feed.partner.count("/b") == 0


def test_a_pinned_article_on_top_hides_no_gap(feed: Feed) -> None:
    feed.publish("/feed", range(20, 30), prev_archive="/b")
    feed.publish("/b", range(10, 20))
    feed.knows(29, *range(10))
    assert numbers(feed.poll()) == list(range(10, 30))


def test_what_one_poll_does_not_reach_the_next_one_goes_on_with(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MOST_DOCUMENTS", 2)
    feed.publish("/feed", range(20, 30), next="/b")
    for path, first, following in (("/b", 15, "/c"), ("/c", 10, "/d"), ("/d", 5, "/e")):
        feed.publish(path, range(first, first + 5), next=following)
    feed.publish("/e", range(5))
    found = feed.poll()
    assert numbers(found) == list(range(10, 30))
    assert [trail.url for trail in found.trails] == [f"{feed.partner.url}/d"]
    feed.knows(*range(10, 30))
    found = feed.poll(trails=found.trails)
    assert set(numbers(found)) >= set(range(10))
    assert found.trails == ()


def test_a_document_that_fails_is_tried_again_and_at_last_given_up(feed: Feed) -> None:
    feed.publish("/feed", range(20, 30), next="/b")
    feed.partner.pages["/b"] = Answer(b"", status=500)
    found = feed.poll()
    assert [each.kind for each in found.rejections] == ["http_status"]
    assert numbers(found) == list(range(20, 30))
    feed.knows(*range(20, 30))
    for failures in range(1, past.MOST_FAILURES):
        assert [trail.failures for trail in found.trails] == [failures]
        found = feed.poll(trails=found.trails)
    assert found.trails == ()


def test_a_document_that_is_gone_is_not_asked_for_again(feed: Feed) -> None:
    feed.publish("/feed", range(20, 30), next="/missing")
    assert feed.poll().trails == ()


def test_of_this_software_what_changed_since_is_asked_for_page_by_page(feed: Feed) -> None:
    feed.publish_ours("/feed", range(20, 30))
    feed.publish_ours("/feed?since=40", range(5), next_url="/feed?since=60")
    feed.publish_ours("/feed?since=60", range(3, 9))
    feed.knows(*range(30))
    found = feed.poll(OLD)
    assert numbers(found) == [*range(9), *range(20, 30)]
    assert feed.partner.asked["/feed"]["a-im"] == "feed"
    assert "a-im" not in feed.partner.asked["/feed?since=40"]


def test_of_this_software_the_first_poll_asks_for_everything(feed: Feed) -> None:
    feed.publish_ours("/feed", range(20, 30))
    # The first page may hold just what the window does.
    feed.publish_ours("/feed?since=0", range(20, 30), next_url="/feed?since=10")
    feed.publish_ours("/feed?since=10", range(20))
    assert numbers(feed.poll()) == list(range(30))


def test_behind_a_cache_without_queries_the_archives_are_read_instead(feed: Feed) -> None:
    feed.publish_ours("/feed", range(20, 30))
    window = feed.partner.pages["/feed"]
    assert isinstance(window, Answer)
    document = json.loads(window.body)
    document["_feedsvc"]["links"] = {"prev-archive": f"{feed.partner.url}/b"}
    feed.partner.pages["/feed?since=0"] = replace(window, body=json.dumps(document).encode())
    feed.publish_ours("/b", range(20))
    assert numbers(feed.poll()) == list(range(30))


def test_a_delta_is_all_that_is_new(feed: Feed) -> None:
    feed.publish_ours("/feed", [31])
    whole = feed.partner.pages["/feed"]
    assert isinstance(whole, Answer)
    feed.partner.pages["/feed"] = replace(whole, status=226)
    found = feed.poll(OLD)
    assert numbers(found) == [31]
    assert found.validators.etag == NEW
    assert sum(feed.partner.requests.values()) == 1


def test_a_delta_without_entries_is_no_failure(feed: Feed) -> None:
    feed.partner.pages["/feed"] = Answer(
        rss([]).encode(), status=226, headers=(("Content-Type", "application/xml"), ("ETag", NEW))
    )
    assert feed.poll(OLD).items == ()


def test_a_feed_whose_pages_are_watched_is_wanted_whole(feed: Feed) -> None:
    feed.claim = replace(feed.claim, source=replace(feed.claim.source, recheck=True))
    feed.publish("/feed", range(3))
    feed.poll(OLD)
    assert "a-im" not in feed.partner.asked["/feed"]
