"""A picture that an article shows: what a source allows, what we have of it, where it is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# mirror: fetched and served by us · link: a link to the partner's · drop: not shown at all
PictureUse = Literal["mirror", "link", "drop"]
PICTURE_USES: tuple[PictureUse, ...] = ("mirror", "link", "drop")
# wanted: to be fetched · kept: we have it · dropped: a tracker, not to be shown · refused: given up,
# shown as a link
PictureState = Literal["wanted", "kept", "dropped", "refused"]
# The raster types that we serve; SVG is a program and never among them.
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """What a picture's own header says: width and height in pixels, as a browser shows it."""

    media_type: str
    width: int
    height: int

    @property
    def is_tracker(self) -> bool:
        """Whether it is too small to be seen: it counts readers, or fills space."""
        return min(self.width, self.height) <= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture that an article names: `url` is the partner's; the rest is known once it is kept.

    `hash` names the bytes as the partner sent them, whose number is `length`; `error` is a word from
    `feedsvc.errors` for why we do not have it, "" where nothing failed.
    """

    url: str
    state: PictureState
    hash: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    length: int = 0
    error: str = ""

    @property
    def name(self) -> str:
        """The name under which we serve it, e.g. `0f3c….jpg`."""
        return f"{self.hash}.{EXTENSIONS[self.media_type]}"
