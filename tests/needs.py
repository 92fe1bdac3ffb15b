"""What tests need of the machine. Somebody's own may lack it; the place that judges changes may not."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Skip the test and say why; with CI=true what is lacking is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)  # only outside CI: the line above fails there


def require_program(name: str) -> None:
    """See that a program is installed (see `lacking`)."""
    if shutil.which(name) is None:
        lacking(f"{name} is not installed")
