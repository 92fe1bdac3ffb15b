"""What is said when something is missing or broken; and that feeds outlive the database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from werkzeug.test import Client

from feedsvc.app import make_flask
from feedsvc.store import schema
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.shelf import Shelf
from feedsvc.web.hot import DocumentMemory
from tests.web.stage import SITE, Stage, content, draft, open_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    yield opened
    opened.db.dispose()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Shared by tests that change nothing."""
    opened = open_stage(tmp_path_factory.mktemp("empty"))
    yield opened.client()
    opened.db.dispose()


def without_database(stage: Stage, folder: Path) -> Stage:
    """The same shelf, and a database that cannot be opened."""
    gone = folder / "gone" / "stage.db"
    return Stage(
        db=Database(StoreOptions(url=f"sqlite:///{gone}")), shelf=stage.shelf, media=stage.media
    )


@pytest.mark.parametrize(
    "path",
    [
        "/nope<script>",
        "/a/999",
        "/a/99999999999999999999",
        "/a/x",
        "/a/-1",
        "/c/none",
        "/c/%00",
        "/c/%E5%85%AC",
        "/feeds/none",
        "/feeds/NONE",
        "/feeds/gongan.xml",
        "/feeds/gongan.rss/",
        "/feeds/a/b",
        "/static/../app.py",
        "/static/none.css",
    ],
)
def test_what_does_not_exist_is_404_and_not_repeated(empty: Client, path: str) -> None:
    answer = empty.get(path)
    assert answer.status_code == 404
    assert "没有这一页" in answer.text
    assert "script" not in answer.text
    assert "none" not in answer.text.replace("'none'", "")


@pytest.mark.parametrize(
    "path",
    ["/feeds/none.rss", "/feeds/<b>.atom", "/feeds/a/b.json", "/feeds/%00.rss", "/feeds/.rss"],
)
def test_an_unknown_feed_is_404_in_plain_words(empty: Client, path: str) -> None:
    answer = empty.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "没有这个订阅源。\n"


def test_a_feed_that_is_not_published_yet_is_never_404(stage: Stage) -> None:
    client = stage.client()
    answer = client.get("/feeds/gongan.rss")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    stage.publish()
    assert client.get("/feeds/gongan.rss").status_code == 200


@pytest.mark.parametrize("path", ["/", "/a/1", "/feeds/", "/feeds/gongan"])
def test_other_methods_on_pages_are_refused(empty: Client, path: str) -> None:
    answer = empty.post(path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "无法处理" in answer.text


def test_feeds_are_served_while_the_database_is_gone(stage: Stage, tmp_path: Path) -> None:
    stage.take(draft(1))
    stage.publish()
    client = without_database(stage, tmp_path).client()
    feed = client.get("/feeds/gongan.atom")
    assert feed.status_code == 200
    assert (
        client.get(
            "/feeds/gongan.atom", headers={"If-None-Match": feed.headers["ETag"]}
        ).status_code
        == 304
    )
    assert client.get("/healthz").text == "ok\n"
    for path in ("/", "/a/1", "/c/gongan", "/feeds/", "/feeds/gongan"):
        with capture_logs() as logs:
            answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "暂时无法显示" in answer.text
        assert str(tmp_path) not in answer.text
        assert logs[0]["event"] == "page_unavailable"
    unknown = client.get("/feeds/none.rss")
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (503, "30")


def test_documents_gone_from_the_disk_stay_in_memory(stage: Stage, tmp_path: Path) -> None:
    stage.take(draft(1))
    stage.publish()
    client = stage.client()
    shutil.rmtree(tmp_path / "documents")
    assert client.get("/feeds/gongan.rss").status_code == 200


def test_every_process_serves_what_any_process_published(stage: Stage, tmp_path: Path) -> None:
    other = Stage(db=stage.db, shelf=Shelf(tmp_path / "documents"), media=stage.media)
    client = other.client()
    stage.take(draft(1, content("新到的一篇")))
    stage.publish()
    assert "新到的一篇" in client.get("/feeds/gongan.rss").text
    stage.desk.withdraw(1, reason="撤下", actor="editor:li")
    assert "【撤稿】新到的一篇" in client.get("/feeds/gongan.rss").text


def test_readiness_says_in_words_what_is_missing(stage: Stage, tmp_path: Path) -> None:
    client = stage.client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "尚未就绪" in answer.text
    assert "还没有任何订阅源文档" in answer.text
    stage.publish()
    answer = client.get("/readyz?lang=en")
    assert answer.status_code == 200
    assert answer.text == "ready\ndatabase: ok\nschema: ok\nfeed documents loaded: 9\n"
    assert answer.headers["Cache-Control"] == "no-store"
    answer = without_database(stage, tmp_path).client().get("/readyz")
    assert answer.status_code == 503
    assert "数据库出错" in answer.text
    assert str(tmp_path) not in answer.text
    schema.downgrade(stage.db, "base")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "feedsvc db upgrade" in answer.text


def test_an_unforeseen_fault_is_a_page_with_the_number_of_its_log_entry(stage: Stage) -> None:
    app = make_flask(stage, DocumentMemory(stage.shelf, SITE.base_url))

    @app.get("/faulty")
    def faulty() -> str:
        raise RuntimeError("inner secret")

    with capture_logs() as logs:
        answer = Client(app).get("/faulty")
    [entry] = [one for one in logs if one["event"] == "page_failed"]
    assert answer.status_code == 500
    assert entry["number"] in answer.text
    assert "inner secret" not in answer.text
    assert isinstance(entry["exc_info"], RuntimeError)
