"""Finding feeds: the directory as OPML, and a page for people at a feed's own address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.web.stage import SITE, Stage, draft, open_stage

BROWSER = {"Sec-Fetch-Dest": "document", "Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    opened.take(draft(1))
    opened.publish()
    yield opened
    opened.db.dispose()


def test_the_directory_is_opml_with_every_feed(stage: Stage) -> None:
    answer = stage.client().get("/feeds.opml")
    assert answer.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    root = etree.fromstring(answer.data)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == SITE.title
    outlines = root.findall("body/outline")
    assert [each.get("xmlUrl") for each in outlines][:1] == [f"{SITE.base_url}/feeds/all.rss"]
    for each in outlines:
        assert each.get("type") == "rss"
        assert each.get("text")
        assert each.get("htmlUrl", "") + ".rss" == each.get("xmlUrl")
        path = each.get("xmlUrl", "").removeprefix(SITE.base_url)
        assert stage.client().get(path).status_code == 200


@pytest.mark.parametrize("format", ["rss", "atom", "json"])
def test_a_browser_sees_a_page_and_software_the_document(stage: Stage, format: str) -> None:
    client = stage.client()
    path = f"/feeds/gongan.{format}"
    document = client.get(path)
    page = client.get(path, headers=BROWSER)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert {"sec-fetch-dest", "accept-language"} <= {each.lower() for each in page.vary}
    assert f"{SITE.base_url}{path}" in page.text
    assert client.get(f"{path}?raw=1", headers=BROWSER).data == document.data
    assert client.get(path, headers={"Sec-Fetch-Dest": "empty"}).data == document.data
    assert "Sec-Fetch-Dest" in document.headers["Vary"]


def test_the_page_of_a_feed_that_does_not_exist_is_404(stage: Stage) -> None:
    assert stage.client().get("/feeds/none.rss", headers=BROWSER).status_code == 404
