"""The real nginx with deploy/nginx.conf on published files, the application behind it."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.needs import require_program
from tests.nginx import Nginx, nginx
from tests.partner import Partner, Story, partner_site, rss
from tests.running import Service, eventually, free_port, service_in, started

WINDOWS = [f"/feeds/{slug}.{fmt}" for slug in ("gongan", "all") for fmt in ("rss", "atom", "json")]
SAME_HEADERS = (
    "content-type", "content-length", "last-modified", "vary", "access-control-allow-origin",
    "access-control-expose-headers", "x-content-type-options", "content-security-policy",
)  # fmt: skip
STORIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    service: Service
    partner: Partner
    nginx: Nginx
    files: Path

    def texts(self, paths: list[str]) -> str:
        """What nginx sends of these, plain and gzip, in one text."""
        found = ""
        for path in paths:
            found += self.nginx.get(path)[2].decode()
            found += gzip.decompress(self.nginx.get(path, Accept_Encoding="gzip")[2]).decode()
        return found

    def archives(self) -> list[str]:
        month = self.stories()[0]["date_published"][:7]
        return [
            f"/feeds/{slug}/{month}.{fmt}{query}"
            for slug in ("gongan", "all")
            for fmt in ("rss", "atom", "json")
            for query in ("", "?part=1")
        ]

    def stories(self) -> list[dict[str, str]]:
        import json

        items: list[dict[str, str]] = json.loads(self.nginx.get("/feeds/gongan.json")[2])["items"]
        return items


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    require_program("nginx")
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-nginx-"))
    folder.chmod(0o755)
    files = folder / "files"
    service = service_in(folder / "home", publish_to=str(files))
    with partner_site() as partner:
        partner.publish(
            "/feed", rss([Story(number, text=text_of(number)) for number in range(1, STORIES + 1)])
        )
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
        service.ask(
            "sources", "add", f"{partner.url}/feed", "--slug", "partner", "--category", "gongan",
            "--every", "3600",
        )  # fmt: skip
        with (
            started(service, "run", "--no-demo"),
            nginx(files, service.port, service.url) as server,
        ):
            made = Site(service=service, partner=partner, nginx=server, files=files)
            eventually((files / "feeds" / "gongan").is_dir, "archives are files")
            eventually(lambda: len(made.stories()) == STORIES, "the articles are published")
            eventually(lambda: missing(made) == [], "all archives are files")
            # Two publications within a second: the application leaves the date out until it has come.
            eventually(
                lambda: all("last-modified" in service.get(path)[1] for path in WINDOWS),
                "the documents bear their dates",
            )
            yield made
    shutil.rmtree(folder)


def text_of(number: int) -> str:
    return f"云岭镇派出所第{number}天的夜间窗口到晚上九点，群众下班后也能办证，窗口民警轮班值守。"


def missing(site: Site) -> list[str]:
    names = [path.replace(f".{fmt}?part=1", f".part-1.{fmt}") for path in site.archives()
             for fmt in [path.partition("?")[0].rpartition(".")[2]]]  # fmt: skip
    return [name for name in names if not Path(f"{site.files}{name}.gz").exists()]


@pytest.mark.parametrize("path", WINDOWS)
def test_a_document_is_what_the_application_sends(site: Site, path: str) -> None:
    for coding in ("identity", "gzip"):
        status, headers, body = site.nginx.get(path, Accept_Encoding=coding)
        expected = site.service.get(path, Accept_Encoding=coding)
        assert (status, body) == (200, expected[2])
        assert {name: headers.get(name) for name in SAME_HEADERS} == {
            name: expected[1].get(name) for name in SAME_HEADERS
        }
        assert headers.get("content-encoding", "identity") == coding
        assert headers["cache-control"] == (
            "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
        )
        assert set(headers["link"].split(", ")) <= set(expected[1]["link"].split(", "))
        # nginx's own tag, from the file's date and size: it was not the application that answered.
        assert headers["etag"] != expected[1]["etag"]


def test_archives_and_their_parts_are_files_with_the_same_bytes(site: Site) -> None:
    for path in site.archives():
        status, headers, body = site.nginx.get(path)
        expected = site.service.get(path)
        assert (status, body) == (200, expected[2]), path
        assert headers["content-type"] == expected[1]["content-type"]
        assert headers["etag"] != expected[1]["etag"], path
        assert headers["link"] in expected[1]["link"]


def test_conditional_requests_end_as_304_by_tag_and_by_date(site: Site) -> None:
    for coding in ("identity", "gzip"):
        _, headers, _ = site.nginx.get(WINDOWS[0], Accept_Encoding=coding)
        for condition in (
            {"If_None_Match": headers["etag"]},
            {"If_None_Match": f'"0", W/{headers["etag"]}'},
            {"If_Modified_Since": headers["last-modified"]},
        ):
            status, again, body = site.nginx.get(WINDOWS[0], Accept_Encoding=coding, **condition)
            assert (status, body, again["etag"]) == (304, b"", headers["etag"])
            for name in ("cache-control", "vary", "link", "last-modified"):
                assert again[name] == headers[name]


def test_head_says_what_get_says(site: Site) -> None:
    get = site.nginx.get(WINDOWS[0], Accept_Encoding="gzip")
    head = site.nginx.get(WINDOWS[0], "HEAD", Accept_Encoding="gzip")
    assert (head[0], head[2]) == (200, b"")
    assert head[1] | {"date": ""} == get[1] | {"date": ""}


def test_who_moves_between_files_and_application_gets_one_full_answer_more(site: Site) -> None:
    path = WINDOWS[0]
    of_file = site.nginx.get(path)[1]
    of_application = site.service.get(path)[1]
    # From the application to a file and back, with what each reader sends of the other's answer.
    for ask, known in ((site.nginx.get, of_application), (site.service.get, of_file)):
        both = {"If_None_Match": known["etag"], "If_Modified_Since": known["last-modified"]}
        status, headers, body = ask(path, **both)
        assert status == 200
        assert body
        assert ask(path, If_None_Match=headers["etag"])[0] == 304
        assert ask(path, If_Modified_Since=known["last-modified"])[0] == 304


def test_a_delta_asked_for_with_a_files_tag_is_the_whole_and_the_next_one_works(site: Site) -> None:
    path = "/feeds/all.json"
    tag = site.nginx.get(path)[1]["etag"]
    status, headers, body = site.nginx.get(path, A_IM="feed", If_None_Match=tag)
    assert (status, body) == (200, site.service.get(path)[2])
    assert "im" not in headers
    older = headers["etag"].replace(headers["etag"].strip('"').partition("-")[0], "1", 1)
    status, headers, _ = site.nginx.get(path, A_IM="feed", If_None_Match=headers["etag"])
    assert status == 304
    status, headers, _ = site.nginx.get(path, A_IM="feed", If_None_Match=older)
    assert (status, headers["im"], headers["cache-control"]) == (226, "feed", "no-store")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/feeds/", {}),
        ("/feeds/gongan", {"Accept": "text/html"}),
        ("/feeds/gongan", {"Accept": "application/atom+xml"}),
        ("/a/1", {}),
        ("/feeds/gongan.json?since=0", {}),
        ("/feeds/gongan.rss?before=2", {}),
        ("/feeds/gongan.rss", {"Sec_Fetch_Dest": "document"}),
        ("/feeds/none.rss", {}),
        ("/feeds/gongan/1999-01.rss", {}),
        ("/feeds/gongan/1999-01.rss?part=7", {}),
        ("/media/0000000000000000000000000000000000000000", {}),
        ("/healthz", {}),
        ("/.feedsvc/archives-all.json", {}),
        ("/feeds/gongan.rss.gz", {}),
        ("/feeds/../.feedsvc/archives-all.json", {}),
    ],
)
def test_everything_else_is_the_applications(
    site: Site, path: str, headers: dict[str, str]
) -> None:
    found = site.nginx.get(path, **headers)
    expected = site.service.get(path, **headers)
    assert (found[0], found[2]) == (expected[0], expected[2])
    for name in ("content-type", "cache-control", "vary", "etag", "link", "x-content-type-options"):
        assert found[1].get(name) == expected[1].get(name), name


def test_other_methods_are_the_applications(site: Site) -> None:
    status, headers, _ = site.nginx.get(WINDOWS[0], "OPTIONS")
    assert (status, headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert site.nginx.get(WINDOWS[0], "POST")[0] == 405
    for path in site.archives():
        status, headers, _ = site.nginx.get(path, "OPTIONS")
        assert (status, headers["access-control-allow-origin"]) == (204, "*")


def test_raw_is_the_document_for_browsers_too(site: Site) -> None:
    status, headers, body = site.nginx.get(f"{WINDOWS[0]}?raw=1", Sec_Fetch_Dest="document")
    assert (status, body) == (200, site.service.get(WINDOWS[0])[2])
    assert headers["etag"] == site.nginx.get(WINDOWS[0])[1]["etag"]


def test_the_directory_is_a_file(site: Site) -> None:
    eventually(
        lambda: site.nginx.get("/feeds.opml")[2] == site.service.get("/feeds.opml")[2],
        "the directory is up to date",
    )
    _, headers, _ = site.nginx.get("/feeds.opml", Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == site.service.get("/feeds.opml")[1]["content-type"]
    assert "max-age=300" in headers["cache-control"]


def test_searches_are_limited_by_visitor_as_page_and_as_feed(site: Site) -> None:
    query = f"?q={quote('派出所')}"
    statuses = {
        site.nginx.get(path + query)[0] for path in ("/feeds/search", "/feeds/search.rss") * 12
    }
    assert statuses == {200, 429}


def test_documents_are_served_while_the_application_is_down(site: Site) -> None:
    with nginx(site.files, free_port(), site.service.url) as alone:
        for path in (*WINDOWS, *site.archives(), "/feeds.opml"):
            assert alone.get(path)[0] == 200, path
        for headers in ({"A_IM": "feed"}, {"Sec_Fetch_Dest": "document"}):
            status, found, body = alone.get(WINDOWS[0], **headers)
            assert (status, body) == (200, site.nginx.get(WINDOWS[0])[2])
            assert "max-age=300" in found["cache-control"]
        # What only the application knows is never answered by something else.
        assert alone.get("/feeds/all.json?since=1")[0] == 503
        assert alone.get("/feeds/none.rss")[0] == 503
        # The file at an archive's address is its last part: never sent for another.
        part = next(path for path in site.archives() if "?part=" in path)
        month = part.partition("?")[0]
        assert alone.get(f"{month}?part=99")[0] == 503
        assert alone.get(part, Sec_Fetch_Dest="document")[0] == 503
        assert alone.get("/a/1")[0] == 502


@pytest.mark.parametrize("by", ["editor", "partner"])
def test_a_withdrawn_text_has_left_nginx_within_a_second(site: Site, by: str) -> None:
    paths = [*WINDOWS, *site.archives()]
    number = {"editor": 2, "partner": 5}[by]
    story = Story(number, text=text_of(number))
    assert story.text in site.texts(paths)
    if by == "editor":
        item = next(each for each in site.stories() if each["title"] == story.headline)
        site.service.ask("articles", "withdraw", item["url"].rpartition("/")[2], "--reason", "失实")
    else:
        withdrawn = Story(number, title=f"【撤稿】{story.headline}", text="撤稿原因：内容失实。")
        others = [
            Story(each, text=text_of(each)) for each in range(1, STORIES + 1) if each != number
        ]
        site.partner.publish("/feed", rss([withdrawn, *others]))
        site.service.ask("sources", "poll", "partner")
    began = time.monotonic()
    eventually(lambda: story.text not in site.texts(paths), "the text is gone", within=1.5)
    took = time.monotonic() - began
    assert story.text not in site.texts([path for path in paths if "?" not in path])
    # Half a second is for asking nginx forty times on a busy machine.
    assert took < 1.5
