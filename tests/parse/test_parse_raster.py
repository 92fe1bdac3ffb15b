"""What a picture says of itself, by its own bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.picture import EXTENSIONS
from feedsvc.errors import NotAPicture
from feedsvc.parse.raster import HEAD, examine, media_type_of
from tests import pictures

WHOLE = {
    "png": (pictures.png(), "image/png"),
    "gif": (pictures.gif(), "image/gif"),
    "jpeg": (pictures.jpeg(), "image/jpeg"),
    "webp": (pictures.webp(), "image/webp"),
    "webp lossless": (pictures.webp(kind=b"VP8L"), "image/webp"),
    "webp lossy": (pictures.webp(kind=b"VP8 "), "image/webp"),
    "avif": (pictures.avif(), "image/avif"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_type_and_size_are_read_from_the_bytes(name: str) -> None:
    data, media_type = WHOLE[name]
    raster = examine(data, "p")
    assert (raster.media_type, raster.width, raster.height) == (media_type, 8, 6)
    assert media_type_of(data[:HEAD]) == media_type
    assert media_type in EXTENSIONS


@pytest.mark.parametrize("name", WHOLE)
def test_a_cut_picture_is_refused_for_now(name: str) -> None:
    data, _ = WHOLE[name]
    for length in (len(data) - 1, len(data) // 2, 9):
        with pytest.raises(NotAPicture) as caught:
            examine(data[:length], "p")
        assert not caught.value.permanent


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_has_the_size_that_it_is_shown_with(orientation: int) -> None:
    raster = examine(pictures.jpeg(8, 6, orientation=orientation), "p")
    assert (raster.width, raster.height) == ((6, 8) if orientation >= 5 else (8, 6))


def test_a_turned_avif_has_the_size_that_it_is_shown_with() -> None:
    assert examine(pictures.avif(8, 6, turns=1), "p").width == 6
    assert examine(pictures.avif(8, 6, turns=2), "p").width == 8


@pytest.mark.parametrize(
    ("data", "permanent"),
    [
        (pictures.SVG, True),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', True),
        (pictures.HTML, False),
        (b"", False),
        (b"BM\x00\x00", False),
        (pictures.png_bomb(), True),
        (pictures.png_bomb(20_000, 10), True),
        (pictures.gif(0, 5), False),
    ],
)
def test_what_is_never_served(data: bytes, permanent: bool) -> None:
    with pytest.raises(NotAPicture) as caught:
        examine(data, "p")
    assert caught.value.permanent is permanent


@pytest.mark.parametrize(
    ("width", "height", "tracker"), [(1, 1, True), (600, 1, True), (2, 2, False)]
)
def test_a_picture_too_small_to_be_seen_is_a_tracker(
    width: int, height: int, tracker: bool
) -> None:
    assert examine(pictures.gif(width, height), "p").is_tracker is tracker


@settings(max_examples=400, deadline=500)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
)
def test_no_bytes_do_more_than_be_refused(name: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE[name][0])
    for at, value in changes:
        data[at % len(data)] = value
    try:
        raster = examine(bytes(data), "p")
    except NotAPicture:
        return
    assert 0 < raster.width * raster.height <= 40_000_000
    assert raster.media_type in EXTENSIONS
