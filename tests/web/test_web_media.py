"""Pictures as browsers and readers ask for them, and as they must not be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from feedsvc.curate.desk import Correction
from feedsvc.domain.picture import Raster
from feedsvc.store import picture_claims, pictures
from feedsvc.store.picture_claims import KeptFile
from tests import pictures as made
from tests.web.stage import NOW, PICTURE, Stage, content, draft, open_stage

TYPES = {
    "png": ("image/png", made.png()),
    "gif": ("image/gif", made.gif()),
    "jpg": ("image/jpeg", made.jpeg()),
    "webp": ("image/webp", made.webp()),
    "avif": ("image/avif", made.avif()),
}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    yield opened
    opened.db.dispose()


def arrive(stage: Stage, data: bytes, media_type: str = "image/png") -> str:
    """What the fetcher does when a picture has come."""
    name = stage.media.keep(data)
    with stage.db.write() as session, stage.media.alone():
        wanted = picture_claims.claim(session, NOW, seconds=9)
        assert wanted is not None
        raster = Raster(media_type=media_type, width=640, height=480)
        picture_claims.keep(
            session, wanted, KeptFile(name=name, raster=raster, length=len(data)), NOW, NOW
        )
        if pictures.shown_names(session, [name]):
            stage.media.show(name)
    return name


@pytest.fixture
def shown(stage: Stage) -> tuple[Client, str, bytes]:
    data = made.png(16, 12, note=b"label\x00kept")
    stage.take(draft(1))
    return stage.client(), arrive(stage, data), data


@pytest.mark.parametrize("extension", TYPES)
def test_each_type_is_told_from_its_bytes(stage: Stage, extension: str) -> None:
    media_type, data = TYPES[extension]
    stage.take(draft(1))
    name = arrive(stage, data, media_type)
    client = stage.client()
    for path in (f"/media/{name}", f"/media/{name}.{extension}"):
        answer = client.get(path)
        assert (answer.status_code, answer.data) == (200, data)
        assert answer.headers["Content-Type"] == media_type
    others = set(TYPES) - {extension}
    assert {client.get(f"/media/{name}.{each}").status_code for each in others} == {404}


def test_a_picture_is_for_ever_and_nothing_but_a_picture(shown: tuple[Client, str, bytes]) -> None:
    client, name, data = shown
    answer = client.get(f"/media/{name}.png", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["ETag"] == f'"{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Length"] == str(len(data))
    assert "Content-Encoding" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    head = client.head(f"/media/{name}.png")
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(client.get(f"/media/{name}.png").headers)


def test_who_has_it_is_told_so(shown: tuple[Client, str, bytes]) -> None:
    client, name, _ = shown
    for tag in (f'"{name}"', f'W/"{name}"', f'"x", "{name}"', "*"):
        answer = client.get(f"/media/{name}", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(f"/media/{name}", headers={"If-None-Match": '"x"'}).status_code == 200


def test_parts_are_given(shown: tuple[Client, str, bytes]) -> None:
    client, name, data = shown
    part = client.get(f"/media/{name}", headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.data) == (206, data[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(data)}"
    last = client.get(f"/media/{name}", headers={"Range": "bytes=-3", "If-Range": f'"{name}"'})
    assert last.data == data[-3:]
    stale = client.get(f"/media/{name}", headers={"Range": "bytes=-3", "If-Range": '"old"'})
    assert (stale.status_code, stale.data) == (200, data)
    assert client.get(f"/media/{name}", headers={"Range": "bytes=9999-"}).status_code == 416


@pytest.mark.parametrize(
    "name",
    ["0f" * 20, "0f" * 20 + ".png", "x", "0F" * 20, "../feedsvc.db", "%2e%2e%2fstage.db", "0f" * 21,
     "shown", ".lock"],
)  # fmt: skip
def test_what_is_not_there_is_404(stage: Stage, name: str) -> None:
    answer = stage.client().get(f"/media/{name}")
    assert answer.status_code == 404


def test_other_methods_are_refused(shown: tuple[Client, str, bytes]) -> None:
    client, name, _ = shown
    assert client.post(f"/media/{name}").status_code == 405


def test_the_page_shows_ours_and_loads_nothing_foreign(shown: tuple[Client, str, bytes]) -> None:
    client, name, _ = shown
    page = client.get("/a/1").text
    assert f'<img src="/media/{name}.png" alt="河岸" width="640" height="480">' in page
    assert PICTURE not in page


def test_until_it_has_come_the_page_links_to_it(stage: Stage) -> None:
    stage.take(draft(1))
    page = stage.client().get("/a/1").text
    assert f'<a href="{PICTURE}" class="was-img">河岸</a>' in page
    assert "<img" not in page


def test_a_withdrawn_picture_is_gone_for_every_process_at_once(stage: Stage) -> None:
    stage.take(draft(1))
    name = arrive(stage, made.png())
    clients = [stage.client() for _ in range(3)]
    assert {each.get(f"/media/{name}").status_code for each in clients} == {200}
    stage.desk.withdraw(1, reason="内容失实", actor="editor:fang")
    answers = [each.get(f"/media/{name}", headers={"If-None-Match": "*"}) for each in clients]
    assert {each.status_code for each in answers} == {410}
    assert {each.headers["Cache-Control"] for each in answers} == {"no-store"}
    assert all(made.png() not in each.data for each in answers)


def test_another_live_article_keeps_the_picture(stage: Stage) -> None:
    stage.take(draft(1), draft(2))
    name = arrive(stage, made.png())
    client = stage.client()
    stage.desk.withdraw(1, reason="内容失实", actor="editor:fang")
    assert client.get(f"/media/{name}").status_code == 200
    stage.desk.withdraw(2, reason="内容失实", actor="editor:fang")
    assert client.get(f"/media/{name}").status_code == 410
    stage.take(draft(3))
    stage.desk.correct(3, _title(), reason="补标题", actor="editor:fang")
    assert client.get(f"/media/{name}").status_code == 200, "a later article brings it back"


def test_a_held_articles_picture_waits_for_its_release(stage: Stage) -> None:
    stage.take(draft(1), held=True)
    name = arrive(stage, made.png())
    client = stage.client()
    assert client.get(f"/media/{name}").status_code == 410
    stage.desk.release(1, actor="editor:fang")
    assert client.get(f"/media/{name}").status_code == 200
    assert f"/media/{name}.png" in client.get("/a/1").text


def test_pictures_need_no_database(stage: Stage, tmp_path: Path) -> None:
    stage.take(draft(1))
    name = arrive(stage, made.png())
    client = stage.client()
    stage.db.dispose()
    for file in tmp_path.glob("stage.db*"):
        file.unlink()
    assert client.get(f"/media/{name}.png").status_code == 200


def test_a_base_address_with_a_path_is_kept(tmp_path: Path) -> None:
    from feedsvc.domain.feed import Site

    opened = open_stage(tmp_path, site=Site(base_url="https://news.example/fa", title="云岭法讯"))
    opened.take(draft(1, content()))
    name = arrive(opened, made.png())
    assert f'src="/fa/media/{name}.png"' in opened.client().get("/a/1").text
    opened.db.dispose()


def _title() -> Correction:

    return Correction(title="雾桥派出所沿河巡查记")
