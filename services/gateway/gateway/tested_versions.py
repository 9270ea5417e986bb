"""The libraries on whose insides the gateway leans, and the versions that this is tested with."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

# The same as in pyproject.toml. `environment.py` says what it leans on.
TESTED = {"jinja2": "3.1", "markupsafe": "3.0"}


def other_versions(installed: Callable[[str], str] = version) -> str | None:
    """One sentence, where something else is installed than what was tested."""
    others = {
        name: found
        for name, tested in TESTED.items()
        if not (found := installed(name)).startswith(f"{tested}.")
    }
    if not others:
        return None
    met = " and ".join(f"{name} {found}" for name, found in others.items())
    tested = " and ".join(f"{name} {TESTED[name]}" for name in others)
    return f"The gateway's pages are tested with {tested}, but here is {met}: run tests/test_environment.py first."
