"""Who is on record for what a command changes."""

from __future__ import annotations


def actor() -> str:
    """Return "editor:<login name>"."""
    import getpass

    try:
        return f"editor:{getpass.getuser()}"
    except (KeyError, OSError):
        # A user id without a name, as in containers.
        return "editor:cli"
