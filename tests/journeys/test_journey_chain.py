"""A partner's article through two services: the third site still names the origin, and follows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.partner import Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

CREDITS = (
    '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">王青禾</dc:creator>'
    '<dc:contributor xmlns:dc="http://purl.org/dc/elements/1.1/">李望川</dc:contributor>'
    '<dc:publisher xmlns:dc="http://purl.org/dc/elements/1.1/">云岭警务网</dc:publisher>'
    '<dc:rights xmlns:dc="http://purl.org/dc/elements/1.1/">转载须注明来源</dc:rights>'
    '<t:alternative xmlns:t="http://purl.org/dc/terms/">夜里也能办证（原题）</t:alternative>'
    '<t:provenance xmlns:t="http://purl.org/dc/terms/">（云岭警务网记者 王青禾 &amp; 通讯员）</t:provenance>'
    '<t:spatial xmlns:t="http://purl.org/dc/terms/">云岭</t:spatial>'
    '<t:temporal xmlns:t="http://purl.org/dc/terms/">8月8日</t:temporal>'
    "<category>夜间办证</category>"
    '<category domain="http://cv.iptc.org/newscodes/digitalsourcetype/">trainedAlgorithmicMedia</category>'
    '<t:mediator xmlns:t="http://purl.org/dc/terms/">云岭警务网</t:mediator>'
)
KEPT = (
    "title", "original_title", "attribution", "authors", "editors", "credit_line", "dateline", "rights",
    "published_at", "origin_url", "tags", "ai_label", "body_html",
)  # fmt: skip
DATELINE = {"place": "云岭", "date": "8月8日", "agency": "云岭警务网"}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        site.publish("/feed", rss([Story(1, extra=CREDITS)]))
        yield site


@pytest.mark.parametrize(
    "format",
    ["atom", *(pytest.param(each, marks=pytest.mark.thorough) for each in ("rss", "json"))],
)
def test_origin_correction_and_withdrawal_reach_the_third_site(
    tmp_path: Path, partner: Partner, format: str
) -> None:
    middle, third = service_in(tmp_path / "middle"), service_in(tmp_path / "third")
    add_source(middle, f"{partner.url}/feed")
    with started(middle, "run", "--no-demo"):
        first = polled(middle)
        assert (first["original_title"], first["dateline"]) == ("夜里也能办证（原题）", DATELINE)
        assert (first["tags"], first["ai_label"]) == (["夜间办证"], "generated")
        assert first["credit_line"] == "（云岭警务网记者 王青禾 & 通讯员）"
        feed = f"{middle.url}/feeds/gongan.{format}"
        eventually(
            lambda: Story(1).headline in middle.get(f"/feeds/gongan.{format}")[2].decode(),
            "it is out",
        )
        add_source(third, feed)
        # The third site takes our middle site's page for the item's link, the origin's for its origin.
        origin = f"https://partner.example/n/{Story(1).number}.html"
        assert {**kept(polled(third)), "origin_url": origin} == {
            **kept(first),
            "origin_url": origin,
        }
        assert polled(third)["origin_url"] == origin

        middle.ask("articles", "correct", "1", "--title", "改正后的标题", "--reason", "日期有误")
        corrected = polled(third)
        assert (corrected["title"], corrected["revision"]) == ("改正后的标题", 2)
        assert corrected["attribution"] == "云岭警务网"

        middle.ask("articles", "withdraw", "1", "--reason", "内容失实")
        withdrawn = polled(third)
        assert (withdrawn["status"], withdrawn["reason"]) == ("withdrawn", "内容失实")


def add_source(service: Service, url: str) -> None:
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    service.ask(
        "sources", "add", url, "--slug", "partner", "--category", "gongan", "--every", "3600"
    )


def polled(service: Service) -> dict[str, Any]:
    """Poll once; return the one article there is."""
    service.ask("sources", "poll", "partner")
    [article] = service.ask("articles", "list")
    shown: dict[str, Any] = service.ask("articles", "show", str(article["id"]))
    return shown


def kept(article: dict[str, Any]) -> dict[str, Any]:
    return {name: article[name] for name in KEPT}
