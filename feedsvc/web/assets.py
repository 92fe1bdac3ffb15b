"""Static files of the package, read once; each address carries a hash of the content and never goes stale."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
# What documents name must stay where it is, whatever it shows.
STABLE = frozenset({".png"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file: the name under which it is served (site.1a2b3c4d5e6f.css), its type and its bytes.

    The pictures of feeds are served under their own names: documents name them, and outlive them.
    """

    served_as: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files, by the name that templates use and by the name that is served."""

    by_name: dict[str, Asset]

    def served(self, served_as: str) -> Asset | None:
        """Return the file served under this name, None when there is none (any more)."""
        return next((one for one in self.by_name.values() if one.served_as == served_as), None)


def load_assets(folder: Path = FOLDER) -> Assets:
    """Read every file of known type in the folder."""
    return Assets(
        {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in MEDIA_TYPES}
    )


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:12]
    stable = path.suffix in STABLE
    return Asset(
        served_as=path.name if stable else f"{path.stem}.{digest}{path.suffix}",
        media_type=MEDIA_TYPES[path.suffix],
        body=body,
    )
