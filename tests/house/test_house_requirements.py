"""requirements*.txt are what pyproject.toml asks for, pinned with hashes, and nothing stale."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
ASKED = {
    "requirements.txt": PROJECT["project"]["dependencies"],
    "requirements-dev.txt": PROJECT["dependency-groups"]["dev"],
}


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(found): version for found, version in PIN.findall(text)}


@pytest.mark.parametrize("name", ASKED)
def test_everything_asked_for_is_pinned_to_a_version_that_fits(name: str) -> None:
    pinned = pins(name)
    for line in ASKED[name]:
        asked = Requirement(line)
        assert asked.specifier.contains(pinned[canonicalize_name(asked.name)], prereleases=True), (
            line
        )


@pytest.mark.parametrize("name", ASKED)
def test_nothing_is_pinned_that_nobody_asks_for(name: str) -> None:
    asked = {canonicalize_name(Requirement(line).name) for line in ASKED[name]}
    assert direct_pins(name) <= asked


def direct_pins(name: str) -> set[str]:
    """Pins that the lock says are there because of pyproject.toml itself."""
    direct: set[str] = set()
    current = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            current = canonicalize_name(pin.group(1))
        elif "feedsvc (pyproject.toml" in line:
            direct.add(current)
    return direct


@pytest.mark.parametrize("name", ASKED)
def test_every_pin_carries_a_hash_and_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    for block in blocks:
        if PIN.match(block):
            assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text


@pytest.mark.parametrize("name", ["lxml", "flask", "werkzeug"])
def test_versions_with_known_holes_are_out_of_reach(name: str) -> None:
    floors = {"lxml": "6.1", "flask": "3.1.3", "werkzeug": "3.1.6"}
    spec = Requirement(f"{name}>={floors[name]}").specifier
    assert spec.contains(pins("requirements.txt")[name])
